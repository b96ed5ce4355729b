/// An example of a GLUE task.
public struct GLUEExample: Sendable, Hashable {
  /// The first text: a sentence, premise or question.
  public let first: String
  /// The second text; `nil` for a task with one.
  public let second: String?
  /// The class as a whole number from 0, or the score; `nil` where it is hidden.
  public let label: Double?
  /// The example's number in its split, as the hub has it.
  public let index: Int

  /// An example.
  public init(first: String, second: String? = nil, label: Double?, index: Int) {
    self.first = first
    self.second = second
    self.label = label
    self.index = index
  }

  /// The class, from 0; `nil` where it is hidden, or is a score that is no whole number.
  public var classIndex: Int? { label.flatMap { Int(exactly: $0) } }

  /// The example as a row of the hub's files has it: a hidden label is -1.
  init(_ row: Record, of task: GLUETask) throws(DataError) {
    first = try row.string(task.textColumns[0])
    second = task.textColumns.count > 1 ? try row.string(task.textColumns[1]) : nil
    let label = try row.value("label")
    guard let number = label.isNull ? -1 : label.double, task.allows(number) else {
      let expected = task.isRegression ? "a score" : "a class from 0 to \(task.labelNames.count - 1)"
      throw DataError(.typeMismatch, item: "label", "the label is \(label); \(expected) is expected")
    }
    self.label = number == -1 ? nil : number
    index = try row.integer("idx")
  }
}

extension GLUETask {
  /// Whether a label is one of the classes, a score, or hidden (-1).
  func allows(_ label: Double) -> Bool {
    if isRegression { return label.isFinite }
    return Int(exactly: label).map { $0 >= -1 && $0 < labelNames.count } ?? false
  }
}
