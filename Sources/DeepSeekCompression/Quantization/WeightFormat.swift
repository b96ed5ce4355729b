import DeepSeekOperators
import DeepSeekTensor

/// How one layer's weight is kept: as whole numbers q with weight = (q - zero point) · scale.
public struct WeightFormat: Sendable, Hashable {
  /// 8 or 4.
  public var bits: Int
  /// Inputs that share a scale; `nil` for all of an output's.
  public var groupSize: Int?
  /// Whether there are zero points; without, zero is kept as zero.
  public var hasZeroPoints: Bool

  /// A format.
  public init(bits: Int, groupSize: Int? = nil, hasZeroPoints: Bool = false) {
    self.bits = bits
    self.groupSize = groupSize
    self.hasZeroPoints = hasZeroPoints
  }

  /// The format that a configuration asks for, whatever the layer's size.
  init(_ config: QuantizationConfig) {
    self.init(bits: config.weightBits, hasZeroPoints: config.scheme == .asymmetric)
    if case .group(let size) = config.granularity { groupSize = size }
  }

  /// The whole numbers: without zero points as many below as above zero, but for the lowest of 4 bits.
  var integers: ClosedRange<Int> {
    switch (bits, hasZeroPoints) {
    case (8, false): -127...127
    case (8, true): -128...127
    case (_, false): -8...7
    case (_, true): 0...15
    }
  }

  /// Why a weight `[outputs, inputs]` cannot be kept so; `nil` when it can.
  func obstacle(outputs: Int, inputs: Int) -> String? {
    if outputs == 0 || inputs == 0 { return "it is empty" }
    if bits == 4 && inputs % 2 != 0 { return "its \(inputs) inputs are odd; two 4-bit weights share a byte" }
    if let groupSize, inputs % groupSize != 0 { return "groups of \(groupSize) do not divide its \(inputs) inputs" }
    return nil
  }

  /// Types and shapes of what a weight `[outputs, inputs]` becomes.
  func specs(outputs: Int, inputs: Int) -> (weight: TensorSpec, scales: TensorSpec, zeroPoints: TensorSpec?) {
    let scales: Shape = groupSize.map { [outputs, inputs / $0] } ?? [outputs]
    let weight =
      bits == 8 ? TensorSpec(.int8, [outputs, inputs]) : TensorSpec(.uint8, [outputs, inputs / 2])
    return (
      weight, TensorSpec(.float32, scales), hasZeroPoints ? TensorSpec(bits == 8 ? .int8 : .uint8, scales) : nil
    )
  }
}

/// A weight as whole numbers, while it is being worked on: all in `float32`.
struct WeightGrid {
  let format: WeightFormat
  /// `[outputs, groups, 1]`.
  let scales: Tensor
  /// `[outputs, groups, 1]`; zeros without zero points.
  let zeroPoints: Tensor

  /// The grid that spans each group of a weight `[outputs, inputs]`, its ends moved to the share `clip` of where they are.
  init(_ weight: Tensor, _ format: WeightFormat, clip: Tensor? = nil, perTensor: Bool = false) {
    self.format = format
    let groups = WeightGrid.grouped(weight, format)
    var low = groups.min(axis: 2, keepAxes: true).minimum(0)
    var high = groups.max(axis: 2, keepAxes: true).maximum(0)
    if perTensor {
      low = low.min().reshaped([1, 1, 1]).broadcast(to: low.shape)
      high = high.max().reshaped([1, 1, 1]).broadcast(to: high.shape)
    }
    if let clip { (low, high) = (low * clip, high * clip) }
    let (first, last) = (Double(format.integers.lowerBound), Double(format.integers.upperBound))
    if format.hasZeroPoints {
      scales = ((high - low) / (last - first)).maximum(WeightGrid.smallestScale)
      zeroPoints = (Tensor.full([], first) - low / scales).round().clamp(first, last)
    } else {
      scales = (low.abs().maximum(high.abs()) / last).maximum(WeightGrid.smallestScale)
      zeroPoints = .zeros(scales.shape)
    }
  }

  /// A grid of these scales `[outputs, groups, 1]`, without zero points.
  init(scales: Tensor, _ format: WeightFormat) {
    self.format = format
    self.scales = scales.maximum(WeightGrid.smallestScale)
    zeroPoints = .zeros(scales.shape)
  }

  /// The grid with the least squared error of those that span a share of each group.
  init(clipping weight: Tensor, _ format: WeightFormat, perTensor: Bool) {
    var best = WeightGrid(weight, format, perTensor: perTensor)
    func error(_ grid: WeightGrid) -> Tensor {
      let gap = WeightGrid.grouped(grid.dequantized(grid.codes(weight)) - weight, format)
      let sums = gap.sumSquares(axis: 2, keepAxes: true)
      return perTensor ? sums.sum().reshaped([1, 1, 1]).broadcast(to: sums.shape) : sums
    }
    var shares = Tensor.ones(best.scales.shape)
    var least = error(best)
    for step in 1...WeightGrid.clippingSteps {
      let share = 1 - Double(step) * WeightGrid.clippingStep
      let candidate = WeightGrid(weight, format, clip: Tensor.full([], share), perTensor: perTensor)
      let found = error(candidate)
      let isBetter = found.less(than: least)
      least = Tensor.select(isBetter, found, least)
      shares = Tensor.select(isBetter, Tensor.full(shares.shape, share), shares)
    }
    best = WeightGrid(weight, format, clip: shares, perTensor: perTensor)
    self = best
  }

  /// Below this a scale would not be a normal number divided by 255.
  private static let smallestScale = 1e-30
  private static let clippingSteps = 20
  private static let clippingStep = 0.025

  /// `[outputs, inputs]` as `[outputs, groups, inputs of a group]`.
  static func grouped(_ weight: Tensor, _ format: WeightFormat) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let size = format.groupSize ?? inputs
    return weight.reshaped([outputs, inputs / size, size])
  }

  /// The whole numbers of a weight, `[outputs, inputs]`.
  func codes(_ weight: Tensor) -> Tensor {
    let (first, last) = (Double(format.integers.lowerBound), Double(format.integers.upperBound))
    return ((WeightGrid.grouped(weight, format) / scales).round() + zeroPoints).clamp(first, last)
      .reshaped(weight.shape)
  }

  /// The weight that whole numbers stand for, `[outputs, inputs]`.
  func dequantized(_ codes: Tensor) -> Tensor {
    ((WeightGrid.grouped(codes, format) - zeroPoints) * scales).reshaped(codes.shape)
  }

  /// The same for the one input of all outputs, `[outputs]`, that lies at `index`.
  func column(_ weight: Tensor, at index: Int) -> (codes: Tensor, values: Tensor) {
    let group = format.groupSize.map { index / $0 } ?? 0
    let (scale, zero) = (scales.selected(2, 0).selected(1, group), zeroPoints.selected(2, 0).selected(1, group))
    let (first, last) = (Double(format.integers.lowerBound), Double(format.integers.upperBound))
    let codes = ((weight / scale).round() + zero).clamp(first, last)
    return (codes, (codes - zero) * scale)
  }
}
