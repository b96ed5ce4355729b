extension PickleReader {
  /// The longest integer that is read, in bytes: 2,048 bits.
  private static let longestInteger = 256

  mutating func pushLong(_ count: Int) throws {
    guard count >= 0 else { throw failure("an integer's length is negative") }
    guard count <= PickleReader.longestInteger else {
      throw failure("an integer of \(count) bytes; at most \(PickleReader.longestInteger) are read", .unsupported)
    }
    let bytes = Array(try take(UInt64(count)))
    // Little-endian, two's complement.
    let isNegative = (bytes.last ?? 0) & 0x80 != 0
    if count <= 8 {
      var value: UInt64 = isNegative ? .max : 0
      for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
      try push(.integer(Int(Int64(bitPattern: value))))
      return
    }
    var magnitude = bytes
    if isNegative {
      var carry: UInt16 = 1
      for index in magnitude.indices {
        carry += UInt16(~magnitude[index])
        magnitude[index] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
    }
    try push(PickleReader.integer(magnitude: magnitude, isNegative: isNegative))
  }

  /// An integer of a magnitude, little-endian, as a word where it fits and as decimal digits where not.
  private static func integer(magnitude: [UInt8], isNegative: Bool) -> PickleTree.Node {
    var rest = Array(magnitude.reversed().drop { $0 == 0 })
    var digits: [UInt8] = []
    while !rest.isEmpty {
      var remainder = 0
      for index in rest.indices {
        let value = remainder << 8 | Int(rest[index])
        rest[index] = UInt8(value / 10)
        remainder = value % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(remainder))
      rest = Array(rest.drop { $0 == 0 })
    }
    let text = (isNegative ? "-" : "") + String(decoding: digits.isEmpty ? [48] : digits.reversed(), as: UTF8.self)
    return Int(text).map { .integer($0) } ?? .wideInteger(text)
  }

  mutating func pushUnicode(_ count: UInt64) throws {
    // Python writes lone surrogates in three bytes, which UTF-8 lacks: they become replacement characters.
    try push(.string(String(decoding: take(count), as: UTF8.self)))
  }

  /// A string of Python 2: text where it can be, else bytes.
  mutating func pushString(_ count: Int) throws {
    guard count >= 0 else { throw failure("a string's length is negative") }
    try pushString(Array(take(UInt64(count))))
  }

  mutating func pushString(_ bytes: [UInt8]) throws {
    try push(String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes))
  }

  /// The text up to the next line feed.
  mutating func line() throws -> String {
    var end = input.position
    while end < input.bytes.count && input.bytes[end] != UInt8(ascii: "\n") { end += 1 }
    guard end < input.bytes.count else { throw failure("a line of the pickle has no end", .truncated) }
    let text = try take(UInt64(end - input.position))
    _ = try take(1)
    return String(decoding: text, as: UTF8.self)
  }

  /// Instructions of protocol 0, whose operands are lines of text.
  mutating func executeText(_ opcode: PickleOpcode) throws {
    let text = try line()
    switch opcode {
    case .integerText:
      // Protocol 0 writes the two bools as integers of two digits.
      if text == "01" || text == "00" {
        stack.append(text == "01" ? PickleReader.trueNode : PickleReader.falseNode)
      } else {
        try pushInteger(text)
      }
    case .longText: try pushInteger(text.hasSuffix("L") ? String(text.dropLast()) : text)
    case .floatText:
      guard let value = Double(text) else { throw failure("'\(text.prefix(40))' is not a number") }
      try push(.float(value))
    case .stringText: try pushString(PythonEscapes.bytes(quoted: text).get { failure($0) })
    case .unicodeText: try push(.string(PythonEscapes.text(text).get { failure($0) }))
    case .persistentText:
      let name = try node(.string(text))
      try push(.persistent(name))
    case .getText: try get(memoIndex(text))
    default: try put(memoIndex(text))
    }
  }

  private func memoIndex(_ text: String) throws -> Int {
    guard let index = Int(text), index >= 0 else { throw failure("'\(text.prefix(40))' is not the number of a value") }
    return index
  }

  private mutating func pushInteger(_ text: String) throws {
    if let value = Int(text) { return try push(.integer(value)) }
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    // 2,048 bits have 617 digits.
    guard !digits.isEmpty, digits.utf8.count <= 617, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw failure("'\(text.prefix(40))' is not an integer that is read")
    }
    try push(.wideInteger(text))
  }
}

extension Result where Failure == PythonEscapes.Problem {
  /// The value; else throws what `failure` makes of the problem.
  func get(_ failure: (String) -> CheckpointError) throws -> Success {
    switch self {
    case .success(let value): return value
    case .failure(let problem): throw failure(problem.message)
    }
  }
}
