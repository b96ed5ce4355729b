/// Checkpoints of a training run: folders `step-<number>` in one folder, the last few kept.
///
/// A folder appears when all of it is on the disk, and only then is the oldest removed.
public struct CheckpointSeries: Sendable, Hashable {
  /// A checkpoint on the disk.
  public struct Entry: Sendable, Hashable {
    /// Optimizer steps made when it was written.
    public let step: Int
    /// Its folder.
    public let path: String
  }

  /// Where checkpoints go; made when the first is written.
  public let folder: String
  /// How many are kept.
  public let keeping: Int

  /// Checkpoints in a folder. Traps when `keeping` is less than 1.
  public init(_ folder: String, keeping: Int = 5) {
    if keeping < 1 { fatalError("CheckpointSeries: keeping \(keeping); at least 1 is expected") }
    self.folder = folder
    self.keeping = keeping
  }

  /// The checkpoints that are there, oldest first. Throws ``CheckpointError`` when the folder cannot be read.
  public func checkpoints() throws -> [Entry] {
    guard Folder.exists(folder) else { return [] }
    return try Folder.names(folder).compactMap { name in
      guard name.hasPrefix(CheckpointSeries.prefix), let step = Int(name.dropFirst(CheckpointSeries.prefix.count))
      else { return nil }
      let path = folder + "/" + name
      return CheckpointFolder.isPresent(at: path) ? Entry(step: step, path: path) : nil
    }.sorted { $0.step < $1.step }
  }

  /// Writes the checkpoint of a step as ``CheckpointFolder/write(to:_:)`` does, and removes the oldest beyond ``keeping``,
  /// but none of the steps in `protected`, which do not count. One of the same step is replaced.
  ///
  /// - Returns: Where it was written.
  /// - Throws: ``CheckpointError``; whatever `body` throws.
  @discardableResult
  public func write(
    step: Int, protecting protected: Set<Int> = [], _ body: (CheckpointFolder.Writer) throws -> Void
  ) throws -> Entry {
    let entry = Entry(step: step, path: "\(folder)/\(CheckpointSeries.prefix)\(step)")
    try CheckpointFolder.write(to: entry.path, body)
    let ordinary = try checkpoints().filter { !protected.contains($0.step) }
    for old in ordinary.dropLast(keeping) where old.step != step { try Folder.remove(old.path) }
    return entry
  }

  /// Removes the newest checkpoint; does nothing when there is none. Throws ``CheckpointError``.
  public func removeLatest() throws {
    if let latest = try checkpoints().last { try Folder.remove(latest.path) }
  }

  private static let prefix = "step-"
}
