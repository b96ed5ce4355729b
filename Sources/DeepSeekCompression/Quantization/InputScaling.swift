import DeepSeekOperators
import DeepSeekTensor

/// Factors that make inputs even: the layer's inputs are divided by them and its weight's columns multiplied, which changes
/// nothing but what rounding costs.
enum InputScaling {
  /// Scales that are farther from 1 would lose more than they gain.
  private static let bounds = (smallest: 1e-4, largest: 1e4)

  /// SmoothQuant's: max|x|^α / max|w|^(1-α) for each input, `[inputs]`; the weights are those of all layers that are given
  /// the same input.
  static func smoothing(_ largest: Tensor, _ weights: [Tensor], alpha: Double) -> Tensor {
    let columns = weights.map { $0.cast(to: .float32).abs().max(axis: 0) }
    let strongest = columns.dropFirst().reduce(columns[0]) { $0.maximum($1) }
    return bounded(largest.maximum(smallest).power(alpha) / strongest.maximum(smallest).power(1 - alpha))
  }

  /// AWQ's: the mean sizes of inputs to the power, among 20 from 0 up to 1, with which the layer's output, as the sums of
  /// products of its inputs tell, has the least squared error.
  static func activationAware(
    _ weight: Tensor, _ observation: InputObservation, rounding: (Tensor) -> Tensor
  ) -> Tensor {
    guard let total = observation.total, let products = observation.products else {
      return .ones([weight.shape[1]])
    }
    let sizes = (total / Double(Swift.max(observation.rowCount, 1))).maximum(smallest)
    var best = (error: Double.infinity, scales: Tensor.ones([weight.shape[1]]))
    for step in 0..<steps {
      var scales = sizes.power(Double(step) / Double(steps))
      scales = bounded(scales / (scales.max() * scales.min()).sqrt())
      let gap = rounding(weight * scales) / scales - weight
      let error = (gap.matmul(products) * gap).sum().item(as: Double.self)
      if error < best.error { best = (error, scales) }
    }
    return best.scales
  }

  private static let steps = 20
  private static let smallest = 1e-5

  private static func bounded(_ scales: Tensor) -> Tensor { scales.clamp(bounds.smallest, bounds.largest) }
}
