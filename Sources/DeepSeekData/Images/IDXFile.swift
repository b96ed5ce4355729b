public import DeepSeekTensor

/// A tensor in an IDX file, plain or compressed by gzip: the form of MNIST and its kin (LeCun, Cortes and Burges, "The MNIST
/// database of handwritten digits", 1998).
///
/// Four bytes say the element type and the number of axes, then come the axes' lengths and the elements, all in big-endian
/// order.
public enum IDXFile {
  /// The element types by their codes.
  private static let types: [UInt8: DType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  /// The tensor in a file.
  /// - Throws: ``DataError`` when it is no such file, or has more or fewer bytes than its own lengths say.
  public static func read(path: String) throws(DataError) -> Tensor {
    try read(DataFile(path: path))
  }

  /// The tensor in a file that is open.
  static func read(_ file: DataFile) throws(DataError) -> Tensor { try decode(contents(file), file.path) }

  /// The bytes, decompressed where gzip's mark stands before them.
  private static func contents(_ file: DataFile) throws(DataError) -> Bytes {
    guard file.bytes.buffer.starts(with: [0x1F, 0x8B]) else { return file.bytes }
    // The last four bytes of a gzip file say how long it is decompressed.
    guard file.count >= 18 else {
      throw DataError(.truncated, file: file.path, "it is no whole gzip file", advice: DataError.downloadAgain)
    }
    let length = file.bytes.pointer.loadUnaligned(fromByteOffset: file.count - 4, as: UInt32.self)
    return try Codec.gzip.decompress(
      file.bytes, byteCount: Int(UInt32(littleEndian: length)), file: file.path, item: nil)
  }

  private static func decode(_ bytes: Bytes, _ path: String) throws(DataError) -> Tensor {
    let start = bytes.buffer.prefix(4)
    guard start.count == 4, start[0] == 0, start[1] == 0 else {
      throw DataError(
        .malformed, file: path, "it does not begin as an IDX file does",
        advice: "give a file such as train-images-idx3-ubyte")
    }
    guard let type = types[start[2]] else {
      throw DataError(.unsupported, file: path, offset: 2, "\(start[2]) is no element type of IDX files")
    }
    let rank = Int(start[3])
    guard rank <= Shape.maximumRank else {
      throw DataError(.unsupported, file: path, offset: 3, "\(rank) axes; at most \(Shape.maximumRank) are supported")
    }
    let head = 4 + 4 * rank
    guard bytes.count >= head else {
      throw DataError(.truncated, file: path, "it ends within its head", advice: DataError.downloadAgain)
    }
    var lengths: [Int] = []
    var byteCount = type.byteCount
    for axis in 0..<rank {
      let length = Int(UInt32(bigEndian: bytes.pointer.loadUnaligned(fromByteOffset: 4 + 4 * axis, as: UInt32.self)))
      lengths.append(length)
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
      guard !overflow else {
        throw DataError(
          .malformed, file: path, offset: 4 + 4 * axis, "no file holds as many elements as its lengths come to",
          advice: DataError.writeAgain)
      }
      byteCount = product
    }
    guard byteCount == bytes.count - head else {
      throw DataError(
        byteCount > bytes.count - head ? .truncated : .malformed, file: path,
        "\(bytes.count - head) bytes follow the head; it says \(lengths.map(String.init).joined(separator: " x ")) "
          + "elements of \(type)", advice: DataError.downloadAgain)
    }
    let tensor = Tensor(uninitialized: type, Shape(lengths))
    let target = UnsafeMutableRawBufferPointer(start: tensor.pointer, count: byteCount)
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.buffer[head...]))
    let width = type.byteCount
    if width > 1 && 1.littleEndian == 1 {
      for element in stride(from: 0, to: byteCount, by: width) { target[element..<element + width].reverse() }
    }
    return tensor
  }
}
