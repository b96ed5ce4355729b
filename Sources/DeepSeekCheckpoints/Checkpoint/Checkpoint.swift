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
  /// The names of the tensors: in the order of the bytes of a single file, or as the index of several lists them.
  public let names: [String]
  /// The strings that the files carry; where two differ, the first file's.
  public let metadata: [String: String]
  /// Tensors that are in the files but not in their index. Read them through ``files``.
  public let unlistedNames: [String]
  /// The files, in the order in which the index first names them.
  public let files: [SafetensorsFile]
  private let fileOfName: [ExactName: Int]

  /// Opens a checkpoint.
  ///
  /// - Parameter path: A `.safetensors` file; an index (`model.safetensors.index.json`); or a folder with
  ///   `model.safetensors`, else `model.safetensors.index.json`, else a single file of either kind by another name.
  /// - Throws: ``CheckpointError`` when nothing of the kind is there, a file of the index is missing or is not valid, or
  ///   lacks a tensor that the index says is in it.
  public static func load(_ path: String, access: FileAccess = .mapped) throws -> Checkpoint {
    let file = Folder.exists(path) ? try CheckpointFinder.tensorFile(in: path) : path
    if file.hasSuffix(".json") { return try Checkpoint(path: path, index: file, access) }
    return Checkpoint(path: path, single: try Safetensors.open(file, access: access))
  }

  private init(path: String, single file: SafetensorsFile) {
    self.path = path
    names = file.names
    metadata = file.metadata
    unlistedNames = []
    files = [file]
    fileOfName = Dictionary(file.names.map { (ExactName($0), 0) }, uniquingKeysWith: { first, _ in first })
  }

  private init(path: String, index: String, _ access: FileAccess) throws {
    self.path = path
    let shards = try ShardIndex(reading: MappedFile(path: index, access: access))
    let folder = CheckpointFinder.folder(of: index)
    var opened: [SafetensorsFile] = []
    var positions: [ExactName: Int] = [:]
    var fileOfName: [ExactName: Int] = [:]
    for (name, shard) in shards.files {
      let position: Int
      if let known = positions[ExactName(shard)] {
        position = known
      } else {
        position = opened.count
        opened.append(try Safetensors.open(folder + shard, access: access))
        positions[ExactName(shard)] = position
      }
      guard opened[position].entry(name) != nil else {
        throw CheckpointError(
          .missingTensor, file: opened[position].path, item: name,
          "the index says that it is in this file, but it is not",
          advice: "the files and the index are not of one checkpoint: copy or download all of them again")
      }
      fileOfName[ExactName(name)] = position
    }
    names = shards.files.map(\.name)
    metadata = opened.reduce(into: [:]) { $0.merge($1.metadata) { first, _ in first } }
    unlistedNames = opened.flatMap(\.names).filter { fileOfName[ExactName($0)] == nil }
    files = opened
    self.fileOfName = fileOfName
  }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { fileOfName[ExactName(name)] != nil }

  /// What its file's header says of a tensor; `nil` when there is none of that name.
  public func entry(_ name: String) -> SafetensorsEntry? {
    fileOfName[ExactName(name)].flatMap { files[$0].entry(name) }
  }

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

  private func file(of name: String) throws -> SafetensorsFile {
    if let position = fileOfName[ExactName(name)] { return files[position] }
    throw CheckpointError(
      .missingTensor, file: path, item: name, "there is no tensor of this name among \(names.count)",
      advice: NameAdvice.closest(to: name, among: names))
  }
}

/// Finds a checkpoint's files.
enum CheckpointFinder {
  static let modelFile = "model.safetensors"
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

  /// The folder of a file, with its slash; empty for a bare name.
  static func folder(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
