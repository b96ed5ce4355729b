import DeepSeekOperators
public import DeepSeekTensor

/// The gradients of a loss with respect to some parameters.
public struct ParameterGradients: Sendable {
  private let map: GradientMap

  init(_ map: GradientMap) {
    self.map = map
  }

  /// The gradient of a parameter; `nil` when the loss does not depend on it or it is frozen.
  public subscript(parameter: Parameter) -> Tensor? { map[parameter.leaf] }
}

/// The value of a loss and its gradients with respect to all parameters that it depends on.
///
/// ```swift
/// let (loss, gradients) = valueAndGradient { model(x).crossEntropy(labels) }
/// optimizer.step(gradients)
/// ```
///
/// Nothing is added to ``Parameter/gradient``: the result is a value of its own. With `createGraph`, the gradients can be
/// differentiated again. Traps when the loss is no scalar or depends on no parameter.
public func valueAndGradient(
  createGraph: Bool = false, file: StaticString = #file, line: UInt = #line, _ loss: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: ParameterGradients) {
  let value = try withGradient(loss)
  var options = BackwardOptions()
  options.createGraph = createGraph
  let start = value.scalarSeed("valueAndGradient", file: file, line: line)
  let map = backward(from: [value], gradients: [start], options: options)
  return (createGraph ? value : value.detached(), ParameterGradients(map))
}

/// The value of `function` at `point` and its gradient there, of the point's shape; zeros when the value does not depend
/// on it. Traps when the value is no scalar.
public func valueAndGradient(
  at point: Tensor, createGraph: Bool = false, file: StaticString = #file, line: UInt = #line,
  of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Tensor) {
  let result = try valueAndGradients(at: [point], createGraph: createGraph, file: file, line: line) {
    try function($0[0])
  }
  return (result.value, result.gradients[0])
}

/// The value of `function` at some points and its gradient with respect to each; see
/// ``valueAndGradient(at:createGraph:file:line:of:)``.
public func valueAndGradients(
  at points: [Tensor], createGraph: Bool = false, file: StaticString = #file, line: UInt = #line,
  of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  // A point that tracks a gradient already keeps its history, so that a gradient of a gradient reaches it.
  let inputs = points.map { $0.tracksGradient ? $0 : $0.requiringGradient() }
  let value = try withGradient { try function(inputs) }
  guard value.tracksGradient else { return (value, inputs.map { Tensor.zeros(like: $0) }) }
  let start = value.scalarSeed("gradient", file: file, line: line)
  var options = BackwardOptions()
  options.createGraph = createGraph
  // An input with a history of its own may share residuals with what the caller still walks.
  options.retainGraph = points.contains(where: \.tracksGradient)
  let found = gradients(of: [value], withRespectTo: inputs, gradients: [start], options: options)
  let results = zip(found, inputs).map { $0 ?? Tensor.zeros(like: $1) }
  return (createGraph ? value : value.detached(), results)
}

/// The gradient of `function` at `point`, of the point's shape. Traps when the function's value is no scalar.
public func gradient(
  at point: Tensor, createGraph: Bool = false, file: StaticString = #file, line: UInt = #line,
  of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try valueAndGradient(at: point, createGraph: createGraph, file: file, line: line, of: function).gradient
}
