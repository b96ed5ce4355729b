/// Why a template could not be read, or gave no text.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong.
  public let reason: String
  /// The line of the template, from 1.
  public let line: Int

  /// One sentence that says what was wrong and where.
  public var description: String { "template, line \(line): \(reason)" }
}
