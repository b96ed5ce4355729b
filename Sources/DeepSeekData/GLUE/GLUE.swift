import DeepSeekCheckpoints

/// A GLUE task's examples in a folder.
///
/// ```swift
/// let glue = try loadGLUE("mrpc", from: "glue")
/// let train = try glue.train.shuffle(buffer: 4000, seed: 1)
/// for split in glue.splitNames { print(split) }
/// ```
///
/// The folder may be as the hub's `nyu-mll/glue` has it (`mrpc/train-00000-of-00001.parquet`) or hold the tables of the
/// original distribution (`MRPC/train.tsv`, or the files from which MRPC is made); either the folder above the task's own or
/// that itself. A file is opened when its split is asked for, and read as it is iterated.
public struct GLUE: Sendable {
  /// What the examples are and how predictions are judged.
  public let task: GLUETask
  /// The splits whose files are there, in the task's order.
  public let splitNames: [String]
  private let files: [String: GLUEFiles]

  init(_ task: GLUETask, files: [String: GLUEFiles]) {
    self.task = task
    self.files = files
    splitNames = task.splits.map(\.name).filter { files[$0] != nil }
  }

  /// The examples of a split.
  ///
  /// - Throws: ``DataError`` when it is not there, or its file is damaged; from the iterator too.
  public func split(_ name: String) throws(DataError) -> Dataset<GLUEExample> {
    _ = try task.split(named: name)
    guard let files = files[name] else {
      throw DataError(
        .missingFile, item: name,
        "there is no file of this split of \(task.name); there are those of "
          + splitNames.joined(separator: ", "))
    }
    return try files.examples(task)
  }

  /// The names of the splits for this purpose that are there.
  public func splitNames(for role: GLUETask.Role) -> [String] {
    task.splits.filter { $0.role == role && files[$0.name] != nil }.map(\.name)
  }

  /// The examples to learn from. Throws as ``split(_:)`` does.
  public var train: Dataset<GLUEExample> {
    get throws(DataError) { try first(.train) }
  }

  /// The examples to judge by; of MNLI, the matched ones. Throws as ``split(_:)`` does.
  public var validation: Dataset<GLUEExample> {
    get throws(DataError) { try first(.validation) }
  }

  /// The examples to predict; of MNLI, the matched ones. Throws as ``split(_:)`` does.
  public var test: Dataset<GLUEExample> {
    get throws(DataError) { try first(.test) }
  }

  private func first(_ role: GLUETask.Role) throws(DataError) -> Dataset<GLUEExample> {
    guard let name = task.splits.first(where: { $0.role == role })?.name else {
      throw DataError(.missingColumn, item: role.rawValue, "\(task.name) has no such split")
    }
    return try split(name)
  }
}

/// Opens a GLUE task's folder; see ``GLUE``.
///
/// - Parameters:
///   - name: The task, such as `mrpc`.
///   - folder: The folder of GLUE, or of the task.
/// - Throws: ``DataError`` when there is no such task, or none of its files in the folder.
public func loadGLUE(_ name: String, from folder: String) throws(DataError) -> GLUE {
  let task = try GLUETask.named(name)
  return GLUE(task, files: try GLUEFiles.find(task, in: folder))
}
