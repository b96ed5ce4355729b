public import DeepSeekTensor

/// The tensors of a model in one safetensors file or several.
///
/// ```swift
/// let checkpoint = try Checkpoint.load("all-MiniLM-L6-v2")   // a folder, a .safetensors file or an index
/// let weight = try checkpoint.tensor("embeddings.word_embeddings.weight")
/// ```
///
/// Loading maps the files and reads their headers; elements are read when they are used.
public struct Checkpoint: Sendable {
  /// The folder or file, as the caller named it.
  public let path: String
  /// The strings that the files carry; where two differ, the first file's.
  public let metadata: [String: String]
  private let shards: ShardedFiles<SafetensorsFile>

  /// The names of the tensors: in the order of the bytes of a single file, or as the index of several lists them.
  public var names: [String] { shards.names }
  /// Tensors that are in the files but not in their index. Read them through ``files``.
  public var unlistedNames: [String] { shards.unlistedNames }
  /// The files, in the order in which the index first names them.
  public var files: [SafetensorsFile] { shards.files }

  /// Opens a checkpoint.
  ///
  /// - Parameter path: A `.safetensors` file; an index (`model.safetensors.index.json`); or a folder with
  ///   `model.safetensors`, else `model.safetensors.index.json`, else a single file of either kind by another name.
  /// - Throws: ``CheckpointError`` when nothing of the kind is there, a file of the index is missing or is not valid, or
  ///   lacks a tensor that the index says is in it.
  public static func load(_ path: String, access: FileAccess = .mapped) throws -> Checkpoint {
    let file = Folder.exists(path) ? try CheckpointFinder.tensorFile(in: path) : path
    guard file.hasSuffix(".json") else {
      return Checkpoint(path: path, ShardedFiles(single: try Safetensors.open(file, access: access)))
    }
    return Checkpoint(
      path: path, try ShardedFiles(index: file, access: access) { try Safetensors.open($0, access: access) })
  }

  private init(path: String, _ shards: ShardedFiles<SafetensorsFile>) {
    self.path = path
    self.shards = shards
    metadata = shards.files.reduce(into: [:]) { $0.merge($1.metadata) { first, _ in first } }
  }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { shards.file(of: name) != nil }

  /// What its file's header says of a tensor; `nil` when there is none of that name.
  public func entry(_ name: String) -> SafetensorsEntry? { shards.file(of: name)?.entry(name) }

  /// Element type and shape of a tensor; throws as ``SafetensorsFile/spec(of:)`` does.
  public func spec(of name: String) throws -> TensorSpec { try file(of: name).spec(of: name) }

  /// A tensor, as a view of its file; throws as ``SafetensorsFile/tensor(_:)`` does.
  public func tensor(_ name: String) throws -> Tensor { try file(of: name).tensor(name) }

  /// All tensors by name. Cost: that of ``SafetensorsFile/tensor(_:)`` for each; elements are not read.
  public func tensors() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    result.reserveCapacity(names.count)
    for name in names { result[name] = try tensor(name) }
    return result
  }

  /// Bytes of all listed tensors' elements.
  public var byteCount: Int {
    names.reduce(0) { $0 + ((try? file(of: $1))?.entry($1)?.range.count ?? 0) }
  }

  private func file(of name: String) throws -> SafetensorsFile { try shards.existingFile(of: name, path: path) }
}

/// Finds a checkpoint's files.
package enum CheckpointFinder {
  static let modelFile = "model.safetensors"
  static let pytorchFile = "pytorch_model.bin"
  /// What PyTorch's files are called.
  private static let pytorchSuffixes = [".bin", ".pt", ".pth", ".ckpt"]
  /// Files that training programs put beside a model's, and which are not the model.
  private static let besides: Set<String> = [
    "training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scheduler.bin", "scaler.pt", "rng_state.pth",
  ]
  /// What `ds convert` reads.
  private static let legacySuffixes = [
    ".bin", ".pt", ".pth", ".ckpt", ".index", ".h5", ".keras", ".pb", ".gguf", ".onnx",
  ]

  /// The file in `folder` that holds the tensors, or the index of those that do.
  static func tensorFile(in folder: String) throws -> String {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for name in [modelFile, "model" + ShardIndex.suffix] where Folder.hasFile(prefix + name) { return prefix + name }
    let names = try Folder.names(folder)
    let indices = names.filter { $0.hasSuffix(ShardIndex.suffix) }
    let candidates = indices.isEmpty ? names.filter { $0.hasSuffix(".safetensors") } : indices
    if candidates.count == 1 { return prefix + candidates[0] }
    if candidates.count > 1 {
      throw CheckpointError(
        .missingFile, file: folder, "it has several files of tensors and no \(modelFile): \(list(candidates))",
        advice: "name the file to load")
    }
    let legacy = names.filter { name in legacySuffixes.contains { name.hasSuffix($0) } }
    throw CheckpointError(
      .missingFile, file: folder, "it has no \(modelFile) and no other safetensors file",
      advice: legacy.isEmpty ? "check the path" : "it has \(list(legacy)): convert it with 'ds convert'")
  }

  /// The file in `folder` that holds the tensors of a PyTorch model, or the index of those that do; `nil` when there is
  /// none, or several and none by the usual name.
  static func pytorchFile(in folder: String) throws -> String? {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    for name in [pytorchFile, pytorchFile + ShardIndex.anySuffix] where Folder.hasFile(prefix + name) {
      return prefix + name
    }
    let names = try Folder.names(folder)
    let indices = names.filter { $0.hasSuffix(ShardIndex.pytorchSuffix) }
    if let index = indices.first { return indices.count == 1 ? prefix + index : nil }
    let files = names.filter { name in pytorchSuffixes.contains { name.hasSuffix($0) } && !besides.contains(name) }
    return files.count == 1 ? prefix + files[0] : nil
  }

  /// The file in `folder` that holds a model's tensors in any of the formats that are a file of tensors, or the index of
  /// those that do: safetensors before PyTorch's before GGUF.
  package static func archiveFile(in folder: String) throws -> String {
    do {
      return try tensorFile(in: folder)
    } catch let error as CheckpointError where error.kind == .missingFile {
      if let file = try pytorchFile(in: folder) { return file }
      let prefix = folder.hasSuffix("/") ? folder : folder + "/"
      let files = try Folder.names(folder).filter { $0.hasSuffix(".gguf") }
      if files.count == 1 { return prefix + files[0] }
      throw error
    }
  }

  /// The folder of a file, with its slash; empty for a bare name.
  static func folder(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
