/// What a plan does with memory, in bytes.
public struct MemoryReport: Sendable, Hashable {
  /// The block in which all values between inputs and results have their places.
  public var arena: Int
  /// What those values would take if each had memory of its own to the end.
  public var withoutReuse: Int
  /// The most of those values alive at one step: no plan can do with less.
  public var lowerBound: Int
  /// Fresh memory for outputs and for updates that do not go into their variable's own memory.
  public var results: Int
  /// How many operators write over an input that nobody reads after them.
  public var inPlaceCount: Int
  /// How many variables take their update in their own memory.
  public var donatedCount: Int
}
