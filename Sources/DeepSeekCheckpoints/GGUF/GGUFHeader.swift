import DeepSeekTensor

/// The beginning of a GGUF file: metadata, and what its tensors are and where.
///
/// Source: ggml's `docs/gguf.md`. All numbers are little-endian.
struct GGUFHeader {
  /// A tensor of the file.
  struct Entry: Sendable {
    let name: String
    let type: GGUFType
    /// Lengths of the dimensions, outermost first: the file has them the other way round.
    let lengths: [Int]
    /// Bytes of the file.
    let range: Range<Int>
  }

  let version: UInt32
  let keys: [String]
  let values: [ExactName: GGUFValue]
  let entries: [Entry]

  static let magic: [UInt8] = [0x47, 0x47, 0x55, 0x46]
  /// What tensors' places are multiples of unless the metadata says otherwise, in bytes.
  private static let alignment = 32
  /// The fewest bytes that a key with its value and a tensor's description take.
  private static let smallestPair = 13
  private static let smallestEntry = 24
  private static let deepestArray = 4

  init(_ file: MappedFile) throws {
    var reading = GGUFReading(file)
    guard file.withBytes({ $0.starts(with: GGUFHeader.magic) }) else {
      throw reading.failure(nil, "it does not begin with 'GGUF'")
    }
    _ = try reading.number(UInt32.self, "magic")
    version = try reading.number(UInt32.self, "version")
    guard (2...3).contains(version) else {
      let isBigEndian = (1...3).contains(version.byteSwapped)
      throw CheckpointError(
        .unsupported, file: file.path, item: "version", offset: 4,
        isBigEndian ? "it is in big-endian order" : "it is of version \(version); 2 and 3 are read",
        advice: "convert the model again with a current llama.cpp, for little-endian machines")
    }
    let tensorCount = try reading.count("tensor count")
    let pairCount = try reading.count("metadata count")
    guard pairCount <= reading.remaining / GGUFHeader.smallestPair,
      tensorCount <= reading.remaining / GGUFHeader.smallestEntry
    else {
      throw reading.failure(
        nil, "\(pairCount) metadata and \(tensorCount) tensors do not fit into its \(file.byteCount) bytes", .truncated)
    }
    var keys: [String] = []
    var values: [ExactName: GGUFValue] = [:]
    for _ in 0..<pairCount {
      let key = try reading.text("metadata key \(keys.count)")
      let type = try reading.valueType(key)
      guard values.updateValue(try reading.value(type, key), forKey: ExactName(key)) == nil else {
        throw reading.failure(key, "the key occurs twice")
      }
      keys.append(key)
    }
    self.keys = keys
    self.values = values
    entries = try reading.entries(tensorCount, alignment: try GGUFHeader.alignment(values, reading))
  }

  private static func alignment(_ values: [ExactName: GGUFValue], _ reading: GGUFReading) throws -> Int {
    guard let value = values[ExactName("general.alignment")] else { return alignment }
    guard let number = value.int, number > 0, number <= 1 << 20, number & (number - 1) == 0 else {
      throw reading.failure("general.alignment", "\(value) is not a power of two")
    }
    return number
  }

  /// The next value of a type; `nil` when it does not lie in the bytes, or an array is too deep.
  static func value(
    _ type: GGUFValueType, _ reader: inout ByteReader, _ file: MappedFile, depth: Int = 0
  ) -> GGUFValue? {
    switch type {
    case .uint8: return reader.next(UInt8.self).map { .unsigned(UInt64($0)) }
    case .uint16: return reader.next(UInt16.self).map { .unsigned(UInt64($0)) }
    case .uint32: return reader.next(UInt32.self).map { .unsigned(UInt64($0)) }
    case .uint64: return reader.next(UInt64.self).map { .unsigned($0) }
    case .int8: return reader.next(Int8.self).map { .integer(Int64($0)) }
    case .int16: return reader.next(Int16.self).map { .integer(Int64($0)) }
    case .int32: return reader.next(Int32.self).map { .integer(Int64($0)) }
    case .int64: return reader.next(Int64.self).map { .integer($0) }
    case .float32: return reader.next(UInt32.self).map { .float32(Float(bitPattern: $0)) }
    case .float64: return reader.next(UInt64.self).map { .float64(Double(bitPattern: $0)) }
    case .bool: return reader.next(UInt8.self).map { .bool($0 != 0) }
    case .string: return bytes(&reader).map { .string(String(decoding: $0, as: UTF8.self)) }
    case .array:
      guard depth < deepestArray, let number = reader.next(UInt32.self), let type = GGUFValueType(rawValue: number),
        let count64 = reader.next(UInt64.self), let count = Int(exactly: count64),
        count <= reader.remaining / type.byteCount
      else { return nil }
      let array = GGUFArray(type: type, count: count, file: file, start: reader.position)
      return skip(type, count, &reader, file, depth) ? .array(array) : nil
    }
  }

  /// Goes past the values of an array; false when they do not lie in the bytes.
  private static func skip(
    _ type: GGUFValueType, _ count: Int, _ reader: inout ByteReader, _ file: MappedFile, _ depth: Int
  ) -> Bool {
    switch type {
    case .string:
      for _ in 0..<count where bytes(&reader) == nil { return false }
      return true
    case .array:
      for _ in 0..<count where value(type, &reader, file, depth: depth + 1) == nil { return false }
      return true
    default: return reader.take(count * type.byteCount) != nil
    }
  }

  static func bytes(_ reader: inout ByteReader) -> UnsafeRawBufferPointer? {
    guard let length = reader.next(UInt64.self), let count = Int(exactly: length) else { return nil }
    return reader.take(count)
  }
}

/// The reading of a header: a place in the file, and errors that say it.
struct GGUFReading {
  private let file: MappedFile
  private var reader: ByteReader

  init(_ file: MappedFile) {
    self.file = file
    reader = ByteReader(file.buffer)
  }

  var remaining: Int { reader.remaining }

  func failure(
    _ item: String?, _ message: String, _ kind: CheckpointError.Kind = .malformed, at offset: Int? = nil
  ) -> CheckpointError {
    CheckpointError(
      kind, file: file.path, item: item, offset: offset ?? reader.position, message,
      advice: CheckpointError.downloadAgain)
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ item: String
  ) throws -> Number {
    guard let value = reader.next(type) else { throw failure(item, "the file ends here", .truncated) }
    return value
  }

  mutating func count(_ item: String) throws -> Int {
    guard let count = Int(exactly: try number(UInt64.self, item)) else { throw failure(item, "it is beyond 2⁶³") }
    return count
  }

  mutating func text(_ item: String) throws -> String {
    guard let bytes = GGUFHeader.bytes(&reader) else {
      throw failure(item, "its length reaches beyond the end of the file", .truncated)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func valueType(_ key: String) throws -> GGUFValueType {
    let number = try number(UInt32.self, key)
    guard let type = GGUFValueType(rawValue: number) else { throw failure(key, "\(number) is no type of values") }
    return type
  }

  mutating func value(_ type: GGUFValueType, _ key: String) throws -> GGUFValue {
    guard let value = GGUFHeader.value(type, &reader, file) else {
      throw failure(key, "its value reaches beyond the end of the file, or has a type that is not one")
    }
    return value
  }

  /// The descriptions of tensors, whose places count from the first multiple of `alignment` behind them.
  mutating func entries(_ count: Int, alignment: Int) throws -> [GGUFHeader.Entry] {
    var found: [(name: String, type: GGUFType, lengths: [Int], offset: Int, byteCount: Int)] = []
    var names = Set<ExactName>()
    for number in 0..<count {
      let name = try text("tensor \(number)")
      guard names.insert(ExactName(name)).inserted else { throw failure(name, "the tensor occurs twice") }
      let lengths = try self.lengths(name)
      let code = try self.number(UInt32.self, name)
      guard let type = GGUFType.of(code: code) else {
        throw failure(name, "its element type \(code) is not one that is known", .unsupported)
      }
      let offset = try self.count(name)
      let elements = type.elements
      guard (lengths.last ?? 1) % elements == 0 else {
        throw failure(
          name, "its rows of \(lengths.last ?? 1) elements are not whole blocks of \(type.name), \(elements) each")
      }
      let (byteCount, overflow) = (lengths.reduce(1, *) / elements).multipliedReportingOverflow(by: type.bytes)
      guard !overflow else { throw failure(name, "its shape \(lengths) is not possible") }
      found.append((name, type, lengths, offset, byteCount))
    }
    let (sum, overflow) = reader.position.addingReportingOverflow(alignment - 1)
    let base = overflow ? file.byteCount : sum / alignment * alignment
    return try found.map { entry in
      let available = file.byteCount - base
      guard entry.offset <= max(0, available), entry.byteCount <= max(0, available) - entry.offset else {
        throw failure(
          entry.name, "its \(entry.byteCount) bytes at \(entry.offset) reach beyond the end of the file", .truncated)
      }
      let start = min(base, file.byteCount) + entry.offset
      return GGUFHeader.Entry(
        name: entry.name, type: entry.type, lengths: entry.lengths, range: start..<start + entry.byteCount)
    }
  }

  private mutating func lengths(_ name: String) throws -> [Int] {
    let rank = Int(try number(UInt32.self, name))
    guard rank <= Shape.maximumRank else { throw failure(name, "it has \(rank) dimensions", .unsupported) }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try count(name)) }
    lengths.reverse()
    do {
      _ = try Shape(checking: lengths)
    } catch {
      throw failure(name, "\(error)")
    }
    return lengths
  }
}
