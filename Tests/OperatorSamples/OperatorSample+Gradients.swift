import DeepSeekOperators
public import DeepSeekTensor

extension OperatorSample {
  /// The outputs for inputs that track no gradient.
  public func run(_ inputs: [Tensor]) -> [Tensor] { noGradient { body(inputs) } }

  /// The gradient of the weighted sum of the outputs with respect to each differentiable input; zeros where none flows.
  public func gradients(_ inputs: [Tensor]) -> [Tensor] {
    var inputs = inputs
    for index in differentiable { inputs[index] = inputs[index].requiringGradient() }
    let leaves = differentiable.map { inputs[$0] }
    return OperatorSample.gradients(of: withGradient { body(inputs) }, phase: 3, leaves, createGraph: false)
  }

  /// The gradient of the weighted sum of the gradients with respect to each differentiable input.
  public func secondGradients(_ inputs: [Tensor]) -> [Tensor] {
    var inputs = inputs
    for index in differentiable { inputs[index] = inputs[index].requiringGradient() }
    let leaves = differentiable.map { inputs[$0] }
    let first = OperatorSample.gradients(of: withGradient { body(inputs) }, phase: 3, leaves, createGraph: true)
    return OperatorSample.gradients(of: first, phase: 5, leaves, createGraph: false)
  }

  /// The gradient of half the sum of the outputs' squares. Unlike ``gradients(_:)``, what flows back depends on the inputs, so
  /// a capture of it has the gradients' own operators in its graph.
  public func gradientsOfSquares(_ inputs: [Tensor]) -> [Tensor] {
    var inputs = inputs
    for index in differentiable { inputs[index] = inputs[index].requiringGradient() }
    let leaves = differentiable.map { inputs[$0] }
    return withGradient {
      let outputs = body(inputs).filter(\.tracksGradient)
      guard !outputs.isEmpty else { return leaves.map { Tensor.zeros(like: $0) } }
      let halves = outputs.map { ($0 * $0).sum() * 0.5 }
      let found = DeepSeekOperators.gradients(of: halves, withRespectTo: leaves)
      return zip(found, leaves).map { $0 ?? Tensor.zeros(like: $1) }
    }
  }

  private static func gradients(of outputs: [Tensor], phase: Int, _ leaves: [Tensor], createGraph: Bool) -> [Tensor] {
    guard let total = withGradient({ weightedSum(outputs, phase: phase) }), total.tracksGradient else {
      return leaves.map { Tensor.zeros(like: $0) }
    }
    var options = BackwardOptions()
    options.createGraph = createGraph
    let found = DeepSeekOperators.gradients(of: [total], withRespectTo: leaves, options: options)
    return zip(found, leaves).map { $0 ?? Tensor.zeros(like: $1) }
  }

  /// The same as ``gradients(_:)`` by central differences of `step`; in `float64`, good to about 1e-7.
  public func finiteDifferences(_ inputs: [Tensor], step: Double = 1e-5) -> [Tensor] {
    // Which outputs the sum is taken of must be what the gradient's sum is taken of.
    var tracked = inputs
    for index in differentiable { tracked[index] = tracked[index].requiringGradient() }
    let counted = withGradient { body(tracked) }.map { $0.dtype.isFloatingPoint && $0.tracksGradient }
    func loss(_ inputs: [Tensor]) -> Double {
      zip(run(inputs), counted).reduce(0) { total, pair in
        guard pair.1 else { return total }
        let values = pair.0.array(of: Double.self)
        let weights = OperatorSample.weights(pair.0.shape, phase: 3).array(of: Double.self)
        return zip(values, weights).reduce(total) { $0 + $1.0 * $1.1 }
      }
    }
    return differentiable.map { index in
      let values = inputs[index].array(of: Double.self)
      let slopes = values.indices.map { element -> Double in
        func moved(_ by: Double) -> Double {
          var changed = values
          changed[element] += by
          var others = inputs
          others[index] = Tensor(inputs[index].shape, changed)
          return loss(others)
        }
        return (moved(step) - moved(-step)) / (2 * step)
      }
      return Tensor(inputs[index].shape, slopes)
    }
  }
}
