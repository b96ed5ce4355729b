public import DeepSeekTensor

/// llama.cpp's model files: metadata, a tokenizer, and tensors that may be quantized in blocks.
///
/// ```swift
/// let file = try GGUF.open("model.Q4_K.gguf")
/// let weight = try file.tensor("blk.0.attn_q.weight")        // float32, dequantized
/// let vocabulary = file["tokenizer.ggml.tokens"]?.array?.strings
/// ```
public enum GGUF {
  /// Opens a file of version 2 or 3. Cost: reading its header; arrays of the metadata and elements are read when they are
  /// used.
  /// - Throws: ``CheckpointError``.
  public static func open(_ path: String, access: FileAccess = .mapped) throws -> GGUFFile {
    try GGUFFile(MappedFile(path: path, access: access))
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors.
  public static func decode(_ bytes: some Collection<UInt8>, named name: String = "gguf") throws -> GGUFFile {
    try GGUFFile(MappedFile(copying: bytes, named: name))
  }

  /// Whether a file begins as these do.
  public static func matches(_ file: MappedFile) -> Bool { file.withBytes { $0.starts(with: GGUFHeader.magic) } }
}

/// An open GGUF file.
public struct GGUFFile: TensorArchive {
  /// The format's version: 2 or 3.
  public let version: Int
  /// The keys of the metadata, in the file's order.
  public let keys: [String]
  /// The tensors in the file's order. Those that are quantized read as `float32`.
  public let archiveEntries: [ArchiveEntry]
  private let file: MappedFile
  private let values: [ExactName: GGUFValue]
  private let entries: [GGUFHeader.Entry]
  private let positions: [ExactName: Int]

  init(_ file: MappedFile) throws {
    let header = try GGUFHeader(file)
    self.file = file
    version = Int(header.version)
    keys = header.keys
    values = header.values
    entries = header.entries
    archiveEntries = header.entries.map { entry in
      ArchiveEntry(
        name: entry.name, dtype: entry.type.plain ?? (entry.type.kernel == nil ? nil : .float32),
        storedType: entry.type.name, lengths: entry.lengths, byteCount: entry.range.count)
    }
    positions = Dictionary(
      zip(header.entries.map { ExactName($0.name) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// `GGUF`.
  public var format: String { "GGUF" }
  /// The file, as the caller named it.
  public var path: String { file.path }
  /// The names of the tensors, in the file's order.
  public var names: [String] { entries.map(\.name) }

  /// The metadata as text; long arrays by their lengths.
  public var metadata: [String: String] {
    var result: [String: String] = [:]
    for key in keys { result[key] = values[ExactName(key)]?.description }
    return result
  }

  /// A value of the metadata: `file["llama.block_count"]?.int`; `nil` when there is none.
  public subscript(key: String) -> GGUFValue? { values[ExactName(key)] }

  /// A tensor in row-major order: a view of the file, or `float32` values out of quantized blocks.
  ///
  /// Cost of the latter: one pass over the blocks, on all threads.
  /// - Throws: ``CheckpointError`` when there is none of that name, or its type is not one that is read.
  public func tensor(_ name: String) throws -> Tensor {
    guard let position = positions[ExactName(name)] else {
      throw CheckpointError(
        .missingTensor, file: path, item: name, "there is no tensor of this name among \(entries.count)",
        advice: NameAdvice.closest(to: name, among: names))
    }
    let entry = entries[position]
    let shape = Shape(entry.lengths)
    if let dtype = entry.type.plain {
      return try RawElements(file: file, range: entry.range, item: name).tensor(TensorSpec(dtype, shape))
    }
    guard entry.type.kernel != nil else {
      throw CheckpointError(
        .unsupported, file: path, item: name, offset: entry.range.lowerBound,
        "its elements are quantized as \(entry.type.name), which is not read",
        advice: "convert the model as one of \(GGUFType.readNames)")
    }
    let count = shape.elementCount
    try MemoryBudget.check(count * DType.float32.byteCount, file: path, item: name)
    let result = Tensor(uninitialized: .float32, shape)
    GGUFBlocks.dequantize(
      entry.type, UnsafeRawBufferPointer(rebasing: file.buffer[entry.range]),
      to: result.pointer.assumingMemoryBound(to: Float.self))
    return withExtendedLifetime(file) { result }
  }
}
