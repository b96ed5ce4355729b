import DeepSeekTensor

/// An element's type in an HDF5 file.
indirect enum HDF5Datatype: Sendable, Hashable {
  /// A number that tensors have too.
  case number(DType, isBigEndian: Bool)
  /// Text of so many bytes, filled up behind its end.
  case text(byteCount: Int)
  /// Text in the file's heap.
  case variableText(byteCount: Int)
  /// Bytes that only their reader understands.
  case opaque(byteCount: Int)
  /// Several elements side by side.
  case array(HDF5Datatype, [Int])
  /// Something else, by its name.
  case other(String, byteCount: Int)

  /// Bytes of an element; `nil` when there is no such number.
  var byteCount: Int {
    switch self {
    case .number(let dtype, _): dtype.byteCount
    case .text(let count), .variableText(let count), .opaque(let count), .other(_, let count): count
    case .array(let element, let lengths): lengths.reduce(element.byteCount) { $0 * $1 }
    }
  }

  /// The name, as the format's manual has it.
  var name: String {
    switch self {
    case .number(let dtype, let isBigEndian): isBigEndian ? "\(dtype) big-endian" : "\(dtype)"
    case .text(let count): "string[\(count)]"
    case .variableText: "string"
    case .opaque(let count): "opaque[\(count)]"
    case .array(let element, let lengths): "\(element.name)\(lengths)"
    case .other(let name, _): name
    }
  }

  /// Types in types: deeper than this is no honest file's.
  private static let largestDepth = 8

  init(_ cursor: inout HDF5Cursor, depth: Int = 0) throws {
    let start = cursor.position
    let format = cursor.format
    guard depth < HDF5Datatype.largestDepth else {
      throw format.failure(at: start, "element types lie in each other more than \(HDF5Datatype.largestDepth) deep")
    }
    let head = try cursor.byte()
    let bits = try cursor.integer(3)
    let size = try cursor.word()
    guard size > 0 else { throw format.failure(at: start, "an element type of no bytes") }
    let version = head >> 4
    guard (1...5).contains(version) else {
      throw format.failure(.unsupported, at: start, "an element type of version \(version)")
    }
    switch head & 15 {
    case 0:
      let offset = try cursor.short()
      let precision = try cursor.short()
      self = HDF5Datatype.whole(size, bits, offset: offset, precision: precision)
    case 1: self = try HDF5Datatype.float(&cursor, size, bits)
    case 3: self = .text(byteCount: size)
    case 5:
      try cursor.skip(min(bits & 0xFF, cursor.remaining))
      self = .opaque(byteCount: size)
    case 8: self = try HDF5Datatype.enumeration(&cursor, size, bits & 0xFFFF, version: version, depth: depth)
    case 9: self = bits & 15 == 1 ? .variableText(byteCount: size) : .other("variable length", byteCount: size)
    case 10: self = try HDF5Datatype.array(&cursor, size, version: version, depth: depth)
    case let number:
      let names = [2: "time", 4: "bit field", 6: "compound", 7: "reference"]
      guard let name = names[number] else { throw format.failure(at: start, "an element type of class \(number)") }
      self = .other(name, byteCount: size)
    }
  }

  private static func whole(_ size: Int, _ bits: Int, offset: Int, precision: Int) -> HDF5Datatype {
    let isSigned = bits & 8 != 0
    let types: [Int: (signed: DType, unsigned: DType)] = [
      1: (.int8, .uint8), 2: (.int16, .uint16), 4: (.int32, .uint32), 8: (.int64, .uint64),
    ]
    guard let pair = types[size], offset == 0, precision == 8 * size else {
      return .other("integer of \(precision) bits", byteCount: size)
    }
    return .number(isSigned ? pair.signed : pair.unsigned, isBigEndian: bits & 1 != 0)
  }

  private static func float(_ cursor: inout HDF5Cursor, _ size: Int, _ bits: Int) throws -> HDF5Datatype {
    let offset = try cursor.short()
    let precision = try cursor.short()
    try cursor.skip(1)
    let exponent = try cursor.byte()
    try cursor.skip(1)
    let mantissa = try cursor.byte()
    try cursor.skip(4)
    let dtype: DType? =
      switch (size, exponent, mantissa) {
      case (1, 4, 3): .float8e4m3
      case (1, 5, 2): .float8e5m2
      case (2, 5, 10): .float16
      case (2, 8, 7): .bfloat16
      case (4, 8, 23): .float32
      case (8, 11, 52): .float64
      default: nil
      }
    guard let dtype, offset == 0, precision == 8 * size, bits & 0x40 == 0 else {
      return .other("float of \(precision) bits", byteCount: size)
    }
    return .number(dtype, isBigEndian: bits & 1 != 0)
  }

  /// h5py writes truth as an enumeration of FALSE and TRUE over bytes; other enumerations are their numbers.
  private static func enumeration(
    _ cursor: inout HDF5Cursor, _ size: Int, _ count: Int, version: Int, depth: Int
  ) throws -> HDF5Datatype {
    let base = try HDF5Datatype(&cursor, depth: depth + 1)
    guard base.byteCount == size else {
      throw cursor.format.failure(at: cursor.position, "an enumeration of another size than its numbers")
    }
    var names: [String] = []
    for _ in 0..<count {
      let start = cursor.position
      names.append(try cursor.terminatedText())
      if version < 3 { try cursor.align(from: start) }
    }
    let values = try cursor.skip(count * size)
    if names == ["FALSE", "TRUE"], size == 1, cursor.format.file.withBytes({ $0[values] == 0 && $0[values + 1] == 1 }) {
      return .number(.bool, isBigEndian: false)
    }
    return base
  }

  private static func array(
    _ cursor: inout HDF5Cursor, _ size: Int, version: Int, depth: Int
  ) throws -> HDF5Datatype {
    let rank = try cursor.byte()
    if version < 3 { try cursor.skip(3) }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try cursor.word()) }
    if version < 3 { try cursor.skip(4 * rank) }
    let element = try HDF5Datatype(&cursor, depth: depth + 1)
    // The product is the size, so it cannot overflow.
    var product = element.byteCount
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard !overflow, next <= size else {
        throw cursor.format.failure(at: cursor.position, "an array of \(lengths) elements in \(size) bytes")
      }
      product = next
    }
    guard product == size else {
      throw cursor.format.failure(at: cursor.position, "an array of \(lengths) elements in \(size) bytes")
    }
    return .array(element, lengths)
  }
}

/// How many elements there are, and along which axes.
struct HDF5Dataspace: Sendable, Hashable {
  /// Lengths, outermost first; `nil` for a space of no elements at all.
  let lengths: [Int]?

  /// How many elements there are.
  let count: Int

  init(_ cursor: inout HDF5Cursor) throws {
    let start = cursor.position
    let format = cursor.format
    let version = try cursor.version(1...2)
    let rank = try cursor.byte()
    let flags = try cursor.byte()
    let kind = version == 1 ? 1 : try cursor.byte()
    if version == 1 { try cursor.skip(5) }
    guard rank <= 32, kind <= 2 else { throw format.failure(at: start, "a shape of \(rank) axes, of kind \(kind)") }
    if kind == 2 {
      lengths = nil
      count = 0
      return
    }
    var lengths: [Int] = []
    var count = 1
    // Axes of no elements do not excuse the others.
    var bound = 1
    for _ in 0..<rank {
      let length = try cursor.length()
      lengths.append(length)
      count = count &* length
      let (next, overflow) = bound.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow, next <= HDF5Dataspace.largestCount else {
        throw format.failure(at: start, "a shape of \(lengths) elements, more than any file has")
      }
      bound = next
    }
    if flags & 1 != 0 { try cursor.skip(rank * format.lengthWidth) }
    self.lengths = lengths
    self.count = count
  }

  /// More elements than any memory holds, and few enough that sizes in bytes do not overflow.
  private static let largestCount = 1 << 42
}
