public import DeepSeekTensor

/// The tensors of a ``CheckpointFolder``: the model's under their own names, those of another group such as the optimizer's
/// under `optimizer/NAME`.
public struct CheckpointFolderArchive: TensorArchive {
  /// The folder.
  public let folder: CheckpointFolder
  /// The groups, the model first.
  public let groups: [(name: String, tensors: Checkpoint)]
  /// The format's name.
  public let format: String

  /// The group whose tensors bear no prefix.
  public static let modelGroup = "model"

  /// Opens a folder with a `deepseek.json`.
  /// - Throws: ``CheckpointError``.
  public init(_ path: String) throws { try self.init(CheckpointFolder.open(path), format: "DeepSeek checkpoint") }

  /// Opens the newest of the checkpoints `step-NUMBER` in a folder, as a saver of 1.x writes them.
  /// - Throws: ``CheckpointError``, also when there is none.
  public init(latestIn path: String) throws {
    guard let step = try CheckpointFolderArchive.steps(in: path).last else {
      throw CheckpointError(
        .missingFile, file: path, "it has no checkpoint \(CheckpointFolderArchive.stepPrefix)NUMBER",
        advice: "check the path")
    }
    try self.init(
      CheckpointFolder.open("\(path)/\(CheckpointFolderArchive.stepPrefix)\(step)"), format: "DeepSeek saver")
  }

  private init(_ folder: CheckpointFolder, format: String) throws {
    self.folder = folder
    self.format = format
    let names = Set(folder.manifest.files.keys.compactMap(CheckpointFolderArchive.group(ofFile:))).sorted {
      ($0 == CheckpointFolderArchive.modelGroup ? 0 : 1, $0) < ($1 == CheckpointFolderArchive.modelGroup ? 0 : 1, $1)
    }
    groups = try names.map { ($0, try folder.tensors($0)) }
  }

  /// Whether a folder has checkpoints of a saver.
  public static func isSaver(at path: String) -> Bool { (try? !steps(in: path).isEmpty) ?? false }

  /// The folder, as the caller named it, or of a saver the checkpoint chosen.
  public var path: String { folder.path }

  /// The strings of the model's files, then the others'.
  public var metadata: [String: String] {
    groups.reduce(into: [:]) { $0.merge($1.tensors.metadata) { first, _ in first } }
  }

  /// All groups' tensors.
  public var archiveEntries: [ArchiveEntry] {
    groups.flatMap { group in
      group.tensors.archiveEntries.map {
        ArchiveEntry(
          name: CheckpointFolderArchive.prefix(group.name) + $0.name, dtype: $0.dtype, storedType: $0.storedType,
          lengths: $0.lengths, byteCount: $0.byteCount)
      }
    }
  }

  /// The group of a tensor's name, and its name there.
  public func place(of name: String) -> (group: String, name: String) {
    for group in groups {
      let prefix = CheckpointFolderArchive.prefix(group.name)
      guard name.hasPrefix(prefix) else { continue }
      let rest = String(name.dropFirst(prefix.count))
      if group.tensors.contains(rest) { return (group.name, rest) }
    }
    return (CheckpointFolderArchive.modelGroup, name)
  }

  /// A tensor, as a view of its file.
  public func tensor(_ name: String) throws -> Tensor {
    let (group, rest) = place(of: name)
    guard let tensors = groups.first(where: { $0.name == group })?.tensors else {
      throw CheckpointError(
        .missingTensor, file: path, item: name, "there is no tensor of this name", advice: "the folder has no model")
    }
    return try tensors.tensor(rest)
  }

  private static let stepPrefix = "step-"

  private static func prefix(_ group: String) -> String { group == modelGroup ? "" : group + "/" }

  private static func steps(in path: String) throws -> [Int] {
    try Folder.names(path).compactMap { name in
      guard name.hasPrefix(stepPrefix), let step = Int(name.dropFirst(stepPrefix.count)),
        name == "\(stepPrefix)\(step)", CheckpointFolder.isPresent(at: "\(path)/\(name)")
      else { return nil }
      return step
    }.sorted()
  }

  /// `optimizer` for `optimizer.safetensors` and for its index; `nil` for other files and for parts of a group.
  private static func group(ofFile name: String) -> String? {
    if name.hasSuffix(ShardIndex.suffix) { return String(name.dropLast(ShardIndex.suffix.count)) }
    guard name.hasSuffix(".safetensors") else { return nil }
    let stem = String(name.dropLast(".safetensors".count))
    let pieces = stem.split(separator: "-")
    return pieces.count >= 4 && pieces[pieces.count - 2] == "of" ? nil : stem
  }
}
