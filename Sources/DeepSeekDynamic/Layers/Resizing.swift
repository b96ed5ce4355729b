public import DeepSeekOperators
public import DeepSeekTensor

/// The spatial axes of `[batch, channels, spatial…]` made several times as long.
public final class Upsample: Layer {
  /// How the elements between are found.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Each element repeated: PyTorch's `nearest`.
    case nearest
    /// Along straight lines between the middles of elements: PyTorch's `linear`, `bilinear` and `trilinear`.
    case linear
    /// The same with the first and the last element at the ends: PyTorch's with `align_corners=True`.
    case linearAlignedCorners
  }

  /// How many times as long, along each axis.
  public let factor: PerAxis
  /// How the elements between are found.
  public let mode: Mode

  /// So many times as long.
  public init(_ factor: PerAxis, mode: Mode = .nearest) {
    self.factor = factor
    self.mode = mode
  }

  /// `[batch, channels, spatial…]` to `[batch, channels, factor · spatial…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let factors = factor.values(Swift.max(input.rank - 2, 0), "Upsample: factor")
    let size = factors.indices.map { Dimension(factors[$0]) * input.dimension($0 + 2) }
    switch mode {
    case .nearest: return input.resized(to: size, mode: .nearestFloor, coordinates: .asymmetric)
    case .linear: return input.resized(to: size, mode: .linear, coordinates: .halfPixel)
    case .linearAlignedCorners: return input.resized(to: size, mode: .linear, coordinates: .alignCorners)
    }
  }
}

/// `[batch, channels · r², height, width]` as `[batch, channels, height · r, width · r]` (Shi et al., arXiv:1609.05158).
public final class PixelShuffle: Layer {
  /// How many times as high and as wide.
  public let factor: Int

  /// By this factor.
  public init(_ factor: Int) { self.factor = factor }

  /// The same elements, moved from channels to places.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.pixelShuffled(factor) }
}

/// The last axes grown at both ends, with zeros or what the mode says.
public final class Pad: Layer {
  /// How much at the low and the high end of each of the last axes.
  public let before: [Int], after: [Int]
  /// What is put there.
  public let mode: PadOperator.Mode
  /// The number that ``PadOperator/Mode/constant`` puts there.
  public let value: Double

  /// As much at both ends of each of the last axes: `Pad([1, 2])` for one more row, and two more columns, on each side.
  public convenience init(_ widths: [Int], mode: PadOperator.Mode = .constant, value: Double = 0) {
    self.init(before: widths, after: widths, mode: mode, value: value)
  }

  /// So much at the low and at the high end of each of the last axes.
  public init(before: [Int], after: [Int], mode: PadOperator.Mode = .constant, value: Double = 0) {
    if before.count != after.count { fatalError("Pad: \(before) before and \(after) after: as many are expected") }
    self.before = before
    self.after = after
    self.mode = mode
    self.value = value
  }

  /// The grown tensor.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.padded(zip(before, after).map { ($0, $1) }, mode: mode, value: value)
  }
}
