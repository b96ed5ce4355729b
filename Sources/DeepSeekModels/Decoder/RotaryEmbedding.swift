import DeepSeekOperators
import DeepSeekTensor
import Foundation
import Synchronization

/// The cosines and sines of rotary angles, computed once for as many positions as were asked for so far.
final class RotaryEmbedding: Sendable {
  /// The tables `[positions, width / 2]`, and the length of sequences that they are for.
  private struct Tables {
    var length: Int
    var cosines: Tensor
    var sines: Tensor
  }

  private let configuration: RotaryConfiguration
  private let width: Int
  private let maximumPositions: Int
  private let tables = Mutex<Tables?>(nil)

  /// For heads of this width.
  init(_ configuration: RotaryConfiguration, headWidth: Int, maximumPositions: Int) {
    self.configuration = configuration
    width = configuration.width(ofHead: headWidth)
    self.maximumPositions = maximumPositions
  }

  /// Cosines and sines for places `offset ..< offset + count`, `[count, width / 2]` each; or for `positions`
  /// `[batch, sequence]`, `[batch, 1, sequence, width / 2]`.
  func callAsFunction(_ count: Int, offset: Int, positions: Tensor?) -> (
    cosines: Tensor, sines: Tensor
  ) {
    if let positions {
      // Places in a graph have no values yet: there the tables reach as far as the model does.
      if positions.graphValue != nil && isScaled(maximumPositions) {
        fatalError(
          "dynamic rotary scaling depends on the sequence's length, which is open here: capture it for one length")
      }
      let last = positions.graphValue == nil ? positions.array(of: Int.self).max() ?? 0 : maximumPositions - 1
      let tables = tables(upTo: last + 1)
      return (
        Tensor.embedding(tables.cosines, positions).expanded(1), Tensor.embedding(tables.sines, positions).expanded(1)
      )
    }
    let places = offset..<offset + count
    let tables = tables(upTo: places.upperBound)
    return (tables.cosines.sliced(0, places), tables.sines.sliced(0, places))
  }

  private func tables(upTo length: Int) -> Tables {
    tables.withLock { stored in
      if let stored, isGood(stored, for: length) { return stored }
      // Lengths that scale the angles are exact; others leave room to grow.
      let count = isScaled(length) ? length : Swift.max(length, (stored?.length ?? 128) * 2)
      let scale = Float(configuration.scaleOfAttention)
      let frequencies = configuration.inverseFrequencies(width: width, length: length)
      var (cosines, sines) = ([Float](), [Float]())
      cosines.reserveCapacity(count * frequencies.count)
      sines.reserveCapacity(count * frequencies.count)
      for position in 0..<count {
        for frequency in frequencies {
          let angle = Float(position) * frequency
          cosines.append(cosf(angle) * scale)
          sines.append(sinf(angle) * scale)
        }
      }
      let shape: Shape = [count, frequencies.count]
      let made = Tables(length: count, cosines: Tensor(shape, cosines), sines: Tensor(shape, sines))
      stored = made
      return made
    }
  }

  /// Whether angles depend on the length.
  private func isScaled(_ length: Int) -> Bool {
    if case .dynamic(_, let original) = configuration.scaling { return length > original }
    return false
  }

  private func isGood(_ tables: Tables, for length: Int) -> Bool {
    isScaled(length) || isScaled(tables.length) ? tables.length == length : tables.length >= length
  }
}
