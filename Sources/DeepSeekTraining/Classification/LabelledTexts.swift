import DeepSeekData

/// Texts with classes, as a classifier learns from them.
public struct LabelledTexts: Sendable {
  /// A text and its class.
  public struct Example: Sendable, Hashable {
    /// The text.
    public let text: String
    /// The class, from 0.
    public let label: Int

    /// A text of a class.
    public init(text: String, label: Int) {
      self.text = text
      self.label = label
    }
  }

  /// The examples, in the file's order.
  public let examples: [Example]

  /// These examples.
  public init(_ examples: [Example]) { self.examples = examples }

  /// One more than the largest class.
  public var labelCount: Int { (examples.map(\.label).max() ?? -1) + 1 }

  /// The largest class that a file may name.
  private static let largestLabel = 1 << 16

  /// Reads a tab-separated file whose first line names the columns, as GLUE's SST-2 has it: one called `sentence` or `text`,
  /// and one called `label` with whole numbers from 0.
  ///
  /// Throws ``TrainingError`` that names file, line and what was expected.
  public init(contentsOfTSV path: String) throws {
    var examples: [Example] = []
    do {
      // Texts that look like numbers are texts all the same.
      let rows = try Dataset.fromTSV(path, types: ["label": .integer], otherwise: .string)
      var column: String?
      try rows.forEach { row in
        let text = try column ?? LabelledTexts.textColumn(row.names, path)
        column = text
        guard let label = row["label"]?.integer, (0...LabelledTexts.largestLabel).contains(label) else {
          throw TrainingError("\(path), row \(examples.count + 1): the label is no class; a whole number from 0 is")
        }
        examples.append(Example(text: try row.string(text), label: label))
      }
    } catch let error as DataError {
      throw TrainingError(error.description)
    }
    guard !examples.isEmpty else { throw TrainingError("\(path): no examples below the line with the columns' names") }
    self.examples = examples
  }

  private static func textColumn(_ names: Record.Names, _ path: String) throws -> String {
    guard let text = names.all.first(where: { $0 == "sentence" || $0 == "text" }) else {
      throw TrainingError(
        "\(path), line 1: the columns are \(names.all.joined(separator: ", ")); 'sentence' or 'text' is expected")
    }
    return text
  }
}
