/// The course of a training run: what a report draws.
public struct TrainingHistory: Sendable, Hashable, Codable {
  /// A number at a step.
  public struct Point: Sendable, Hashable, Codable {
    /// The step.
    public var step: Int
    /// The number.
    public var value: Double
  }

  /// Something that happened at a step.
  public struct Note: Sendable, Hashable, Codable {
    /// The step.
    public var step: Int
    /// What happened.
    public var text: String
  }

  /// Numbers by name: `loss`, `learning rate`, `evaluation accuracy`. In the order of their steps.
  public private(set) var curves: [String: [Point]] = [:]
  /// Spikes.
  public private(set) var notes: [Note] = []

  /// Nothing yet.
  public init() {}

  /// Adds a number; one that is not finite is left out. A step that was made again after going back replaces what followed.
  public mutating func add(_ name: String, _ step: Int, _ value: Double) {
    guard value.isFinite else { return }
    while let last = curves[name]?.last, last.step >= step { curves[name]!.removeLast() }
    curves[name, default: []].append(Point(step: step, value: value))
  }

  /// Adds a note.
  public mutating func add(_ note: String, _ step: Int) { notes.append(Note(step: step, text: note)) }
}
