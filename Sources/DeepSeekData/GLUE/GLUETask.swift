/// A task of GLUE, the General Language Understanding Evaluation (Wang et al., 2018): what its examples are and how
/// predictions are judged.
///
/// ```swift
/// let task = try GLUETask.named("mrpc")
/// task.textColumns   // ["sentence1", "sentence2"]
/// task.labelNames    // ["not_equivalent", "equivalent"]
/// ```
public struct GLUETask: Sendable, Hashable {
  /// The official way to judge predictions.
  public enum Metric: String, Sendable, Hashable, Codable {
    /// The share of right answers.
    case accuracy
    /// Accuracy, and F1 of class 1.
    case accuracyAndF1 = "accuracy_and_f1"
    /// Matthews' correlation coefficient.
    case matthewsCorrelation = "matthews_correlation"
    /// Pearson's and Spearman's correlation.
    case correlation
  }

  /// What a split is for.
  public enum Role: String, Sendable, Hashable, Codable {
    /// To learn from.
    case train
    /// To judge by.
    case validation
    /// To predict; its labels are hidden, save in the files from which MRPC is made.
    case test
  }

  /// A part of a task's examples.
  public struct Split: Sendable, Hashable {
    /// Its name on the hub, such as `validation_matched`.
    public let name: String
    /// What it is for.
    public let role: Role
    /// The names that the original distribution's file goes by, the usual one first.
    let tables: [GLUETable]
  }

  /// The task's name on the hub, such as `sst2`.
  public let name: String
  /// The name of its folder in the original distribution, such as `SST-2`.
  public let originalName: String
  /// The columns with the texts, one or two.
  public let textColumns: [String]
  /// The classes' names, in the order of their numbers; empty when labels are scores.
  public let labelNames: [String]
  /// The parts, in the hub's order.
  public let splits: [Split]
  /// The official way to judge predictions.
  public let metric: Metric

  /// Whether labels are scores, from 0 to 5, rather than classes.
  public var isRegression: Bool { labelNames.isEmpty }

  /// How many numbers a model gives for an example: one for each class, or one score.
  public var outputCount: Int { max(1, labelNames.count) }

  /// The task of a name, in the hub's or the original spelling and any case: `sst2`, `SST-2`, `mnli_matched`.
  ///
  /// - Throws: ``DataError`` that lists the tasks when there is none of that name.
  public static func named(_ name: String) throws(DataError) -> GLUETask {
    func plain(_ text: String) -> String { text.lowercased().filter { $0 != "-" && $0 != "_" } }
    guard let task = all.first(where: { plain($0.name) == plain(name) }) else {
      throw DataError(
        .unsupported, item: name, "GLUE has no such task; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return task
  }

  /// The split of a name. Throws ``DataError`` that lists the splits when there is none.
  public func split(named name: String) throws(DataError) -> Split {
    guard let split = splits.first(where: { $0.name == name }) else {
      throw DataError(
        .missingColumn, item: name,
        "\(self.name) has no such split; there are \(splits.map(\.name).joined(separator: ", "))")
    }
    return split
  }
}

/// A table of the original distribution: where it is and which of its columns are what.
struct GLUETable: Sendable, Hashable {
  /// Which rows of the table belong to the split.
  enum Selection: Sendable, Hashable {
    /// All.
    case all
    /// Those whose two identifiers are listed in MRPC's list of the development set, or those that are not.
    case listed(Bool)
  }

  /// The file's name in the task's folder.
  var file: String
  /// The columns with the texts, in the order of the task's; a number counts from 0, where there is no header.
  var texts: [String]
  /// The column with the label; `nil` where it is hidden.
  var label: String?
  /// Whether the first line names the columns.
  var hasHeader = true
  /// Whether rows with too few fields are left out, as is the custom for QQP.
  var skipsBrokenRows = false
  var selection = Selection.all
}
