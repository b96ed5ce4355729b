import DeepSeekGraph
public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// Gradients summed over several runs before one step: a large batch in the memory of a small one.
///
/// ```swift
/// let accumulation = GradientAccumulation(optimizer, loss)
/// for batches in groups {
///   for batch in batches { try session.run(accumulation.accumulate, feeds: [x: batch]) }
///   try session.run(accumulation.apply)
/// }
/// ```
///
/// With batches of equal size the step is that of one batch of all of them, but for rounding. Each trained weight has a
/// variable of its size for the sum.
public struct GradientAccumulation: Sendable {
  /// Adds the gradients of this run's batch to the sums.
  public let accumulate: StaticOperation
  /// Makes a step with the mean of what was added since the last one, and sets the sums to zero. Without any, the weights
  /// make a step with a gradient that is not a number.
  public let apply: StaticOperation
  /// How many batches were added since the last step, `float64[]`.
  public let count: StaticVariable

  /// The two operations for a loss of a ``StaticGraph``.
  public init(_ optimizer: Optimizer, _ loss: Tensor, clippingNorm: Double? = nil) {
    let graph = StaticGraph.owner(of: [loss], "GradientAccumulation")
    let count = graph.variable("accumulated_batches", Tensor.full([], 0.0, dtype: .float64), isTrainable: false)
    var sums: [(parameter: Parameter, sum: StaticVariable)] = []
    accumulate = graph.operation("accumulate") {
      optimizer.gather([loss])
      for parameter in optimizer.parameters {
        guard let gradient = parameter.gradient else { continue }
        let zeros = Tensor.zeros(parameter.spec.shape, dtype: gradient.dtype)
        let sum = graph.variable("accumulated/" + graph.builder.name(of: parameter), zeros, isTrainable: false)
        sum.parameter.value = sum.parameter.value + gradient
        sums.append((parameter, sum))
      }
      count.parameter.value = count.parameter.value + 1
    }
    apply = graph.operation("apply", runsUpdates: false) {
      let batches = count.parameter.value
      for (parameter, sum) in sums {
        let total = sum.parameter.value
        parameter.gradient = total / batches.cast(to: total.dtype)
        sum.parameter.value = Tensor.zeros(like: total)
      }
      optimizer.step(clippingNorm: clippingNorm)
      count.parameter.value = Tensor.zeros(like: batches)
    }
    self.count = count
  }
}
