import Foundation

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
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw TrainingError("\(path): \(error.localizedDescription)")
    }
    guard let content = String(validating: data, as: UTF8.self) else {
      throw TrainingError("\(path): not UTF-8 text")
    }
    // "\r\n" is one Character, so lines are cut between Unicode scalars.
    let lines = content.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    let columns = lines.first.map(LabelledTexts.fields) ?? []
    guard let textColumn = columns.firstIndex(where: { $0 == "sentence" || $0 == "text" }),
      let labelColumn = columns.firstIndex(of: "label")
    else {
      throw TrainingError(
        "\(path), line 1: the columns are \(columns.joined(separator: ", ")); 'sentence' or 'text', and 'label', are expected"
      )
    }
    var examples: [Example] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = LabelledTexts.fields(line)
      guard fields.count == columns.count else {
        throw TrainingError("\(path), line \(index + 1): \(fields.count) fields; \(columns.count) are expected")
      }
      guard let label = Int(fields[labelColumn]), (0...LabelledTexts.largestLabel).contains(label) else {
        throw TrainingError(
          "\(path), line \(index + 1): '\(fields[labelColumn])' is no class; a whole number from 0 is")
      }
      examples.append(Example(text: fields[textColumn], label: label))
    }
    guard !examples.isEmpty else { throw TrainingError("\(path): no examples below the line with the columns' names") }
    self.examples = examples
  }

  private static func fields(_ line: Substring.UnicodeScalarView) -> [String] {
    var line = line
    if line.last == "\r" { line = line.dropLast() }
    return line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
  }
}

/// Why a training run cannot start or go on.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// One line that says what and where.
  public let description: String

  /// An error with this description.
  public init(_ description: String) { self.description = description }
}
