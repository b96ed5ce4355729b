/// The head of a page in a column chunk.
struct PageHeader {
  enum Kind: Int { case data, index, dictionary, dataV2 }

  var kind = Kind.index
  var byteCount = 0
  var storedByteCount = 0
  var checksum: Int?
  /// Values with nulls, or the dictionary's.
  var valueCount = 0
  var encoding = 0
  var definitionEncoding = 3
  var repetitionEncoding = 3
  /// Of version 2: the levels' bytes, which are never compressed, and whether the values are.
  var definitionByteCount = 0
  var repetitionByteCount = 0
  var isCompressed = true
  /// Bytes of the head itself.
  var headByteCount = 0

  init(_ bytes: UnsafeRawBufferPointer, file: String, origin: Int) throws(DataError) {
    var reader = ThriftReader(bytes, file: file, origin: origin)
    var header = self
    var kindCode = -1
    try reader.structure { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (1, .i32): kindCode = try reader.integer()
      case (2, .i32): header.byteCount = try reader.size()
      case (3, .i32): header.storedByteCount = try reader.size()
      case (4, .i32): header.checksum = try reader.integer()
      case (5, .structure), (7, .structure), (8, .structure): try header.readDetails(&reader, isV2: number == 8)
      default: return false
      }
      return true
    }
    guard let kind = Kind(rawValue: kindCode) else { throw reader.failure("a page of kind \(kindCode)") }
    header.kind = kind
    header.headByteCount = reader.position
    self = header
  }

  private mutating func readDetails(_ reader: inout ThriftReader, isV2: Bool) throws(DataError) {
    var header = self
    try reader.structure(depth: 1) { (reader, number, kind) throws(DataError) in
      switch (number, kind, isV2) {
      case (1, .i32, _): header.valueCount = try reader.size()
      case (2, .i32, false): header.encoding = try reader.integer()
      case (3, .i32, false): header.definitionEncoding = try reader.integer()
      case (4, .i32, false): header.repetitionEncoding = try reader.integer()
      case (4, .i32, true): header.encoding = try reader.integer()
      case (5, .i32, true): header.definitionByteCount = try reader.size()
      case (6, .i32, true): header.repetitionByteCount = try reader.size()
      case (7, .no, true): header.isCompressed = false
      default: return false
      }
      return true
    }
    self = header
  }
}
