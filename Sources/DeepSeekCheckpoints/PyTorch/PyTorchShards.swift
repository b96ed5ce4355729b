public import DeepSeekTensor

/// A PyTorch model in several files, `pytorch_model-00001-of-00003.bin`, and their index, as Hugging Face's libraries wrote
/// it.
public struct PyTorchShards: TensorArchive {
  /// The folder or index, as the caller named it.
  public let path: String
  /// The tensors that the index lists, file by file.
  public let archiveEntries: [ArchiveEntry]
  /// Plain values of the files; where two differ, the first file's.
  public let metadata: [String: String]
  private let shards: ShardedFiles<PyTorchFile>

  init(path: String, index: String, _ unknown: UnknownClasses, _ access: FileAccess) throws {
    self.path = path
    let shards = try ShardedFiles(index: index, access: access) {
      try PyTorch.open($0, unknownClasses: unknown, access: access)
    }
    self.shards = shards
    archiveEntries = shards.files.flatMap { file in
      file.archiveEntries.filter { shards.file(of: $0.name)?.path == file.path }
    }
    metadata = shards.files.reduce(into: [:]) { $0.merge($1.metadata) { first, _ in first } }
  }

  /// `PyTorch shards`.
  public var format: String { "PyTorch shards" }
  /// The names of the tensors, as the index lists them.
  public var names: [String] { shards.names }
  /// Tensors that are in the files but not in their index. Read them through ``files``.
  public var unlistedNames: [String] { shards.unlistedNames }
  /// The files, in the order in which the index first names them.
  public var files: [PyTorchFile] { shards.files }

  /// A tensor; see ``PyTorchFile/tensor(_:)``.
  public func tensor(_ name: String) throws -> Tensor { try shards.existingFile(of: name, path: path).tensor(name) }
}
