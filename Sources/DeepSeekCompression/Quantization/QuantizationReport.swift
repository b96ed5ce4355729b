/// What quantizing a model did.
public struct QuantizationReport: Sendable, Hashable, CustomStringConvertible {
  /// A layer that was quantized.
  public struct Layer: Sendable, Hashable {
    /// Its key.
    public let name: String
    /// How its weight is kept.
    public let format: WeightFormat
    /// How much stronger its output, on inputs that were seen, is than the error, in decibels; of its weight where no inputs
    /// were seen. `nil` for one without any error.
    public let signalToNoise: Double?
  }

  /// A layer that was not.
  public struct LeftOut: Sendable, Hashable {
    /// Its key.
    public let name: String
    /// Why.
    public let reason: String
  }

  /// The layers that were quantized, in the model's order.
  public internal(set) var layers: [Layer] = []
  /// Those that were not.
  public internal(set) var leftOut: [LeftOut] = []
  /// Bytes of all weights and buffers that are saved, before.
  public internal(set) var byteCountBefore = 0
  /// The same, after.
  public internal(set) var byteCountAfter = 0
  /// The score before, where an accuracy budget was given.
  public internal(set) var scoreBefore: Double?
  /// The score after, where an accuracy budget was given.
  public internal(set) var scoreAfter: Double?

  /// The layers from the one that suffers most.
  public var bySensitivity: [Layer] {
    layers.sorted { ($0.signalToNoise ?? .infinity, $0.name) < ($1.signalToNoise ?? .infinity, $1.name) }
  }

  /// A line a layer, and totals.
  public var description: String {
    var lines = layers.map { layer in
      let noise = layer.signalToNoise.map { "\(($0 * 10).rounded() / 10) dB" } ?? "exact"
      return "\(layer.name): \(layer.format.bits) bits, \(noise)"
    }
    lines += leftOut.map { "\($0.name): left out: \($0.reason)" }
    lines.append(
      "\(layers.count) layers quantized, \(leftOut.count) left out; \(byteCountBefore) to \(byteCountAfter) bytes")
    return lines.joined(separator: "\n")
  }
}

/// How much accuracy may be lost, and how it is measured.
public struct AccuracyBudget {
  /// The share of the score that may be lost: 0.01 for one percent.
  public var maximumLoss: Double
  /// The model's score as it is now; larger is better.
  public var score: () throws -> Double

  /// A budget.
  public init(maximumLoss: Double, score: @escaping () throws -> Double) {
    self.maximumLoss = maximumLoss
    self.score = score
  }

  /// Whether a score is within the budget.
  func allows(_ score: Double, before: Double) -> Bool { before - score <= maximumLoss * Swift.abs(before) }
}
