public import DeepSeekCheckpoints
public import DeepSeekTensor

/// A ``TensorFlowCheckpoint`` as its tensors are named by those who wrote it: variables of the first `Saver` by their names;
/// those of an object checkpoint by the way to them, `model/layers/0`, without the keys' endings and escapes.
public struct TensorFlowArchive: TensorArchive {
  /// The checkpoint.
  public let checkpoint: TensorFlowCheckpoint
  /// `TensorFlow checkpoint` or `TensorFlow object checkpoint`.
  public let format: String
  /// The tensors, in the order of the checkpoint's keys; the graph of objects is not one of them.
  public let archiveEntries: [ArchiveEntry]
  /// The names that variables of an object checkpoint gave themselves, by their names here.
  public let fullNames: [String: String]
  private let keys: [String: String]

  /// Opens a checkpoint.
  ///
  /// - Parameter path: As `TensorFlowCheckpoint` takes it, or a folder with a file `checkpoint`, of which the newest is meant,
  ///   or with one checkpoint.
  /// - Throws: `CheckpointError`.
  public init(_ path: String, access: FileAccess = .mapped) throws {
    try self.init(TensorFlowCheckpoint(TensorFlowArchive.prefix(path), access: access))
  }

  /// Names the tensors of a checkpoint.
  /// - Throws: `CheckpointError` when its graph of objects is damaged.
  public init(_ checkpoint: TensorFlowCheckpoint) throws {
    var objects: ObjectGraph?
    if checkpoint.contains(ObjectGraph.key), let text = try checkpoint.texts(ObjectGraph.key).first {
      objects = try ObjectGraph(text, file: checkpoint.path)
    }
    var (entries, keys, fullNames): ([ArchiveEntry], [String: String], [String: String]) = ([], [:], [:])
    for entry in checkpoint.entries where objects == nil || entry.name != ObjectGraph.key {
      let known = objects?.names[entry.name]
      var name = known?.path ?? entry.name
      // Two objects that reach one name would hide each other.
      if keys[name] != nil { name = entry.name }
      keys[name] = entry.name
      if let full = known?.fullName, !full.isEmpty { fullNames[name] = full }
      entries.append(
        ArchiveEntry(
          name: name, dtype: entry.dtype, storedType: entry.storedType, lengths: Array(entry.shape),
          byteCount: checkpoint.byteCount(of: entry.name)))
    }
    self.checkpoint = checkpoint
    format = objects == nil ? "TensorFlow checkpoint" : "TensorFlow object checkpoint"
    archiveEntries = entries
    self.keys = keys
    self.fullNames = fullNames
  }

  /// The path that the files' names begin with.
  public var path: String { checkpoint.path }

  /// Of an object checkpoint, the variables' own names: `full_name:model/w` is `w`.
  public var metadata: [String: String] {
    Dictionary(uniqueKeysWithValues: fullNames.map { ("full_name:\($0.key)", $0.value) })
  }

  /// A tensor, by its name here or its key in the checkpoint; throws as the checkpoint does.
  public func tensor(_ name: String) throws -> Tensor { try checkpoint.tensor(keys[name] ?? name) }

  /// What a path stands for: itself, the newest checkpoint of a folder, or the prefix of an index.
  static func prefix(_ path: String) throws -> String {
    guard Folder.exists(path) else { return path }
    let folder = path.hasSuffix("/") ? path : path + "/"
    if Folder.hasFile(folder + "checkpoint"), let newest = try newest(folder) { return newest }
    let indices = try Folder.names(path).filter { $0.hasSuffix(".index") }
    if indices.count == 1 { return folder + indices[0].dropLast(6) }
    throw CheckpointError(
      .missingFile, file: path, "it has \(indices.count) TensorFlow checkpoints", advice: "name one, without '.index'")
  }

  /// What the text file `checkpoint` names as the newest, in the same folder.
  private static func newest(_ folder: String) throws -> String? {
    let file = try MappedFile(path: folder + "checkpoint", access: .read)
    let text = file.withBytes { String(decoding: $0.prefix(1 << 20), as: UTF8.self) }
    for line in text.split(separator: "\n") where line.hasPrefix("model_checkpoint_path:") {
      let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
      guard quoted.count >= 3, let name = quoted[1].split(separator: "/").last else { continue }
      let prefix = folder + name
      if Folder.hasFile(prefix + ".index") || Folder.hasFile(prefix) { return prefix }
    }
    return nil
  }
}
