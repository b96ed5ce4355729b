/// What the parser accepts.
public struct JSONParsingOptions: Sendable {
  /// What to do when a key occurs twice in one object.
  public enum DuplicateKeys: Sendable {
    /// Throw an error.
    case reject
    /// Keep the last value, in the place of the first.
    case keepLast
  }

  /// What to do when a key occurs twice in one object.
  public var duplicateKeys: DuplicateKeys
  /// How deep arrays and objects may nest. The parser recurses, so this bounds its stack.
  public var maximumDepth: Int
  /// How many bytes a text may have. A value takes up to some forty times the memory of its text.
  public var maximumByteCount: Int

  /// Options; the defaults refuse duplicate keys, more than 128 levels and more than 256 MiB.
  public init(
    duplicateKeys: DuplicateKeys = .reject, maximumDepth: Int = 128, maximumByteCount: Int = 1 << 28
  ) {
    self.duplicateKeys = duplicateKeys
    self.maximumDepth = maximumDepth
    self.maximumByteCount = maximumByteCount
  }
}

extension JSONValue {
  /// Reads one JSON value from UTF-8 text (RFC 8259, strictly: no comments, no trailing commas, nothing after the
  /// value but white space). A byte order mark at the start is skipped.
  ///
  /// Time is linear in the text; some hundreds of megabytes per second.
  /// - Throws: `JSONError` with line and offset.
  public init(
    parsing bytes: UnsafeBufferPointer<UInt8>, options: JSONParsingOptions = JSONParsingOptions()
  ) throws(JSONError) {
    guard bytes.count <= options.maximumByteCount else {
      throw JSONError(
        reason: .tooLong(count: bytes.count, limit: options.maximumByteCount), offset: 0, line: 1)
    }
    var parser = JSONParser(bytes: bytes, options: options)
    self = try parser.document()
  }

  /// Reads one JSON value from UTF-8 text held in an array.
  /// - Throws: `JSONError` with line and offset.
  public init(parsing bytes: [UInt8], options: JSONParsingOptions = JSONParsingOptions()) throws(JSONError) {
    let result: Result<JSONValue, JSONError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        return .success(try JSONValue(parsing: buffer, options: options))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  /// Reads one JSON value from a string.
  /// - Throws: `JSONError` with line and offset (in UTF-8 bytes).
  public init(parsing text: String, options: JSONParsingOptions = JSONParsingOptions()) throws(JSONError) {
    self = try JSONValue(parsing: Array(text.utf8), options: options)
  }
}

/// Recursive descent over bytes; every read is preceded by a comparison with the end.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let options: JSONParsingOptions
  var position = 0
  /// Escaped strings are put together here; kept to save allocations.
  var scratch: [UInt8] = []

  init(bytes: UnsafeBufferPointer<UInt8>, options: JSONParsingOptions) {
    self.bytes = bytes
    self.options = options
  }

  func failure(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
    let place = min(offset ?? position, bytes.count)
    let line = bytes[..<place].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    return JSONError(reason: reason, offset: place, line: line)
  }

  func unexpected() -> JSONError {
    position < bytes.count ? failure(.unexpectedByte(bytes[position])) : failure(.unexpectedEnd)
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    skipSpace()
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure(.trailingBytes) }
    return value
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard position < bytes.count else { throw failure(.unexpectedEnd) }
    switch bytes[position] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    default: return try number()
    }
  }

  mutating func literal(_ word: StaticString) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw unexpected() }
      position += 1
    }
  }

  mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth < options.maximumDepth else { throw failure(.tooDeep(limit: options.maximumDepth)) }
    position += 1
    var object = JSONObject()
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return object
    }
    while true {
      skipSpace()
      let start = position
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
      let key = try string()
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { throw unexpected() }
      position += 1
      skipSpace()
      let value = try value(depth: depth + 1)
      if !object.insert(key, value, replacing: options.duplicateKeys == .keepLast),
        options.duplicateKeys == .reject
      {
        throw failure(.duplicateKey(key), at: start)
      }
      skipSpace()
      guard position < bytes.count else { throw failure(.unexpectedEnd) }
      switch bytes[position] {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return object
      default: throw unexpected()
      }
    }
  }

  mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth < options.maximumDepth else { throw failure(.tooDeep(limit: options.maximumDepth)) }
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      guard position < bytes.count else { throw failure(.unexpectedEnd) }
      switch bytes[position] {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return elements
      default: throw unexpected()
      }
    }
  }
}
