import DeepSeekJSON
import Foundation

/// Angles stretched by YaRN (Peng and others, arXiv:2309.00071): those of long waves are divided by the factor, those of short
/// ones kept, those between blended, and attention is made sharper.
public struct YaRNScaling: Sendable, Hashable {
  /// What long waves' angles are divided by.
  public var factor: Double
  /// The positions of training.
  public var originalPositions: Int
  /// Waves that turn at least so often within the positions of training are short.
  public var fastTurns = 32.0
  /// Waves that turn at most so often are long.
  public var slowTurns = 1.0
  /// What cosines and sines are multiplied by; `nil` leaves it to the factor.
  public var attentionFactor: Double?
  /// The weight of the factor's logarithm in ``attentionFactor``, and in what that is divided by; both or none.
  public var attentionScale: Double?
  /// See ``attentionScale``.
  public var attentionScaleOfAll: Double?
  /// Whether the bounds between long and short waves are whole pairs.
  public var roundsBounds = true

  /// A factor beyond so many positions of training.
  public init(factor: Double, originalPositions: Int) {
    self.factor = factor
    self.originalPositions = originalPositions
  }

  /// What cosines and sines are multiplied by.
  var scaleOfAttention: Double {
    func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
    if let attentionFactor { return attentionFactor }
    if let attentionScale, let attentionScaleOfAll { return scale(attentionScale) / scale(attentionScaleOfAll) }
    return scale(1)
  }

  /// The stretched angles, of those of a base for `width` elements.
  func stretched(_ frequencies: [Float], base: Double, width: Int) -> [Float] {
    /// The pair whose wave turns so often within the positions of training.
    func pair(_ turns: Double) -> Double {
      Double(width) * log(Double(originalPositions) / (turns * 2 * .pi)) / (2 * log(base))
    }
    var (low, high) = (pair(fastTurns), pair(slowTurns))
    if roundsBounds { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    low = Swift.max(low, 0)
    high = Swift.min(high, Double(width - 1))
    // Bounds that coincide would divide by zero.
    if low == high { high += 0.001 }
    return frequencies.enumerated().map { index, frequency in
      let share = Swift.min(Swift.max((Float(index) - Float(low)) / Float(high - low), 0), 1)
      return frequency / Float(factor) * share + frequency * (1 - share)
    }
  }

  /// The members of `rope_parameters`.
  func write(to values: inout JSONObject) {
    values["rope_type"] = "yarn"
    values["factor"] = .double(factor)
    values["original_max_position_embeddings"] = .integer(originalPositions)
    values["beta_fast"] = .double(fastTurns)
    values["beta_slow"] = .double(slowTurns)
    if let attentionFactor { values["attention_factor"] = .double(attentionFactor) }
    if let attentionScale { values["mscale"] = .double(attentionScale) }
    if let attentionScaleOfAll { values["mscale_all_dim"] = .double(attentionScaleOfAll) }
    if !roundsBounds { values["truncate"] = false }
  }
}
