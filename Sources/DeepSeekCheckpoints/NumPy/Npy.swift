public import DeepSeekTensor

/// NumPy's `.npy` files: one array each.
///
/// Reads versions 1 to 3, both orders of axes and of bytes. Arrays of objects, strings, dates and structures are refused by
/// name. Bytes after the elements are left alone, as NumPy leaves them.
public enum Npy {
  /// Loads a file.
  ///
  /// Cost: a view of the mapped file where its elements are in the machine's byte order; in Fortran order, a strided one.
  /// - Throws: ``CheckpointError``.
  public static func load(_ path: String, access: FileAccess = .mapped) throws -> Tensor {
    try tensor(MappedFile(path: path, access: access))
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors.
  public static func decode(_ bytes: some Collection<UInt8>, named name: String = "npy") throws -> Tensor {
    try tensor(MappedFile(copying: bytes, named: name))
  }

  /// Writes a tensor as `numpy.save` writes an array of its values in row-major order, byte for byte; atomically.
  /// - Throws: ``CheckpointError`` for `bfloat16` and the 8-bit floats, which NumPy lacks, and when writing fails.
  public static func save(_ tensor: Tensor, to path: String) throws {
    let header = try header(tensor.spec, file: path, item: nil)
    let file = try AtomicFile(replacing: path)
    try file.write(header)
    try tensor.withUnsafeBytes { try file.write($0) }
    try file.commit()
  }

  /// The bytes that ``save(_:to:)`` would write.
  public static func encode(_ tensor: Tensor) throws -> [UInt8] {
    var bytes = try header(tensor.spec, file: "npy", item: nil)
    tensor.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  static func header(_ spec: TensorSpec, file: String, item: String?) throws -> [UInt8] {
    if let header = NpyHeader.encoded(spec) { return header }
    throw CheckpointError(
      .unsupported, file: file, item: item, "NumPy has no element type \(spec.dtype)",
      advice: "convert the tensor to float32 first, or write safetensors")
  }

  private static func tensor(_ file: MappedFile) throws -> Tensor {
    let (header, start) = try file.withBytes { bytes in
      let prefix = UnsafeRawBufferPointer(rebasing: bytes.prefix(NpyHeader.prefixByteCount))
      let extent = try NpyHeader.extent(prefix, file: file.path, item: nil)
      guard extent.dataStart <= bytes.count else {
        throw CheckpointError(
          .truncated, file: file.path, offset: bytes.count,
          "the header ends at byte \(extent.dataStart), but the file after \(bytes.count)",
          advice: CheckpointError.downloadAgain)
      }
      let text = UnsafeRawBufferPointer(rebasing: bytes[extent.textStart..<extent.dataStart])
      let header = try NpyHeader(text: text, file: file.path, item: nil, offset: extent.textStart)
      return (header, extent.dataStart)
    }
    guard header.elementByteCount <= file.byteCount - start else {
      throw CheckpointError(
        .truncated, file: file.path, offset: file.byteCount,
        "\(header.dtype)\(header.shape) takes \(header.elementByteCount) bytes, but \(file.byteCount - start) are there",
        advice: CheckpointError.downloadAgain)
    }
    let elements = RawElements(file: file, range: start..<start + header.elementByteCount, item: nil)
    return try elements.tensor(header.dtype, header.layout, bytesSwapped: header.bytesSwapped)
  }
}
