/// A table of FlatBuffers, read with every offset checked against the message's end.
///
/// Source: google/flatbuffers, "FlatBuffers internals".
struct FlatTable {
  let bytes: UnsafeRawBufferPointer
  let file: String
  /// Where the table begins in `bytes`, and its field offsets with their count in bytes.
  private let position: Int
  private let vtable: Int
  private let vtableByteCount: Int
  private let byteCount: Int

  /// The table that the message begins with an offset to.
  init(root bytes: UnsafeRawBufferPointer, file: String) throws(DataError) {
    guard bytes.count >= 4 else { throw FlatTable.failure(file) }
    try self.init(bytes, at: Int(bytes.loadUnaligned(as: UInt32.self)), file: file)
  }

  private init(_ bytes: UnsafeRawBufferPointer, at position: Int, file: String) throws(DataError) {
    guard position >= 0, position <= bytes.count - 4 else { throw FlatTable.failure(file) }
    let vtable = position - Int(bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
    guard vtable >= 0, vtable <= bytes.count - 4 else { throw FlatTable.failure(file) }
    let vtableByteCount = Int(bytes.loadUnaligned(fromByteOffset: vtable, as: UInt16.self))
    let byteCount = Int(bytes.loadUnaligned(fromByteOffset: vtable + 2, as: UInt16.self))
    guard vtableByteCount >= 4, vtableByteCount <= bytes.count - vtable, byteCount >= 4,
      byteCount <= bytes.count - position
    else { throw FlatTable.failure(file) }
    self.bytes = bytes
    self.file = file
    self.position = position
    self.vtable = vtable
    self.vtableByteCount = vtableByteCount
    self.byteCount = byteCount
  }

  static func failure(_ file: String) -> DataError {
    DataError(.malformed, file: file, "a message's metadata leads outside of it", advice: DataError.downloadAgain)
  }

  /// Where a field's `width` bytes are; `nil` when it is not there and has its default.
  private func field(_ index: Int, width: Int) throws(DataError) -> Int? {
    let entry = 4 + index * 2
    guard entry + 2 <= vtableByteCount else { return nil }
    let offset = Int(bytes.loadUnaligned(fromByteOffset: vtable + entry, as: UInt16.self))
    if offset == 0 { return nil }
    guard offset >= 4, offset + width <= byteCount else { throw FlatTable.failure(file) }
    return position + offset
  }

  /// A number, or its default.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ index: Int, _ type: Number.Type, or other: Int
  ) throws(DataError) -> Int {
    guard let place = try field(index, width: MemoryLayout<Number>.size) else { return other }
    return Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: place, as: type))
  }

  /// Where a field's offset leads.
  private func target(_ index: Int) throws(DataError) -> Int? {
    guard let place = try field(index, width: 4) else { return nil }
    let target = place + Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    guard target <= bytes.count - 4 else { throw FlatTable.failure(file) }
    return target
  }

  func table(_ index: Int) throws(DataError) -> FlatTable? {
    guard let target = try target(index) else { return nil }
    return try FlatTable(bytes, at: target, file: file)
  }

  func string(_ index: Int) throws(DataError) -> String? {
    guard let contents = try vector(index, width: 1) else { return nil }
    guard let text = String(validating: contents, as: UTF8.self) else { throw FlatTable.failure(file) }
    return text
  }

  /// The bytes of a vector whose elements take `width` bytes each.
  func vector(_ index: Int, width: Int) throws(DataError) -> UnsafeRawBufferPointer? {
    guard let target = try target(index) else { return nil }
    let count = Int(bytes.loadUnaligned(fromByteOffset: target, as: UInt32.self))
    guard count <= (bytes.count - target - 4) / width else { throw FlatTable.failure(file) }
    return UnsafeRawBufferPointer(rebasing: bytes[target + 4..<target + 4 + count * width])
  }

  func tables(_ index: Int) throws(DataError) -> [FlatTable] {
    guard let target = try target(index), let offsets = try vector(index, width: 4) else { return [] }
    var tables: [FlatTable] = []
    for place in stride(from: 0, to: offsets.count, by: 4) {
      let offset = Int(offsets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
      tables.append(try FlatTable(bytes, at: target + 4 + place + offset, file: file))
    }
    return tables
  }
}
