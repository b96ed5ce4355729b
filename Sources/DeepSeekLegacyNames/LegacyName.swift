/// A name of 1.x or 2.x, and what stands for it today: the one list behind the deprecated aliases' table in
/// `Docs/Legacy-Names.md` and behind `ds migrate`.
public struct LegacyName: Sendable, Hashable {
  /// How alike the old and the new are.
  public enum Exactness: String, Sendable, Hashable, CaseIterable {
    /// The same arguments give the same results.
    case exact
    /// The same results, after arguments are renamed, reordered or restated as `note` says.
    case adapted
    /// The purpose is the same, results or manners differ as `note` says.
    case different
  }

  /// How `ds migrate` rewrites a use of it.
  public enum Rewrite: Sendable, Hashable {
    /// The name alone changes: `ds.keras.Sequential` becomes `ds.Sequential`.
    case rename
    /// The name changes, and argument labels: old label to new; an empty new label removes the label. A
    /// number stands for the argument at that place, from 0, when it has no label: `["1": "axis"]`.
    case relabel([String: String])
    /// A function becomes a method of its first argument, with argument labels as in `relabel`: `tf.matmul(a, b)` becomes
    /// `a.matmul(b)`. The method is the last part of ``LegacyName/new``.
    case method([String: String])
    /// Nothing is rewritten; the tool points at the place and prints `note`.
    case byHand
  }

  /// The old API as it is written: `ds.load_data`, `ds.layers.Conv2D`, without arguments. A method is written on a variable of
  /// the usual name, `model.fit`, `session.run`: whatever the variable is called.
  public let old: String
  /// What stands for it.
  public let new: String
  /// The framework's line that had it: `1.x` or `2.x`.
  public let line: String
  /// The version since which the old name is deprecated.
  public let deprecatedSince: String
  /// How alike they are.
  public let exactness: Exactness
  /// How its uses are rewritten.
  public let rewrite: Rewrite
  /// What to know when changing over; empty when there is nothing.
  public let note: String
  /// Whether `DeepSeekCompatibility` declares the old name, so that code that uses it compiles. Others are today's names too, or are
  /// written in a way that no declaration can take.
  public let hasAlias: Bool

  /// A row of the table.
  public init(
    _ old: String, _ new: String, line: String, deprecatedSince: String = "3.0", _ exactness: Exactness,
    _ rewrite: Rewrite, note: String = "", hasAlias: Bool = true
  ) {
    self.old = old
    self.new = new
    self.line = line
    self.deprecatedSince = deprecatedSince
    self.exactness = exactness
    self.rewrite = rewrite
    self.note = note
    self.hasAlias = hasAlias
  }
}
