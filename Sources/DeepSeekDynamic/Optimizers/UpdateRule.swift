public import DeepSeekOperators
public import DeepSeekTensor

/// How one weight moves: an optimizer's mathematics and its hyperparameters.
///
/// A conforming type is a small value; what it remembers about a weight between steps is in an ``UpdateState``. Written in
/// operators, it can be captured. To write one's own:
///
/// ```swift
/// struct Sign: UpdateRule {
///   var learningRate = 1e-3
///   func makeState(for weight: Tensor) -> UpdateState { UpdateState() }
///   func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
///     weight = weight - step.size * step.scaledGradient.sign()
///   }
/// }
/// ```
public protocol UpdateRule: Sendable {
  /// The step's size, before the optimizer's schedule.
  var learningRate: Double { get set }

  /// What is remembered about a weight before its first step. Only the weight's type and shape matter.
  func makeState(for weight: Tensor) -> UpdateState

  /// Moves a weight by one step, in place where it can. The weight is `float32` or `float64`; the gradient has its type and
  /// shape. Types and shapes stay.
  func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep)
}

/// A rule whose step is one fused operator; all of the framework's are.
public protocol FusedUpdateRule: UpdateRule {
  /// The operator's type.
  associatedtype Operation: UpdateOperator
  /// The operator that makes a step.
  var operation: Operation { get }
}

extension FusedUpdateRule {
  /// The operator's states.
  public func makeState(for weight: Tensor) -> UpdateState {
    let operation = operation
    let states = operation.states(of: weight.spec)
    return UpdateState(
      names: states.map(\.name),
      tensors: states.map { .full($0.spec.shape, operation.initialState, dtype: $0.spec.dtype) })
  }

  /// The operator, at once and in place, or as a node of a graph.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    operation.update(
      &weight, &state.tensors, gradient: step.gradient, learningRate: step.learningRate,
      gradientScale: step.gradientScale, step: step.number)
  }
}

/// What a rule remembers about one weight.
public struct UpdateState: Sendable {
  /// The tensors' names, as a checkpoint has them: `exp_avg`.
  public let names: [String]
  /// The tensors, in the order of their names.
  public var tensors: [Tensor]

  /// These tensors; none by default.
  public init(_ tensors: KeyValuePairs<String, Tensor> = [:]) {
    self.init(names: tensors.map(\.key), tensors: tensors.map(\.value))
  }

  init(names: [String], tensors: [Tensor]) {
    self.names = names
    self.tensors = tensors
  }
}

/// What a rule is given for one step.
public struct UpdateStep: Sendable {
  /// The gradient, before ``gradientScale``.
  public let gradient: Tensor
  /// The learning rate after the schedule, `float64[]`.
  public let learningRate: Tensor
  /// What the gradient is to be multiplied by, `float64[]`: less than 1 when clipping shortens it.
  public let gradientScale: Tensor
  /// Which step it is for this weight, from 1, `int64[]`.
  public let number: Tensor

  /// A step.
  public init(gradient: Tensor, learningRate: Tensor, gradientScale: Tensor, number: Tensor) {
    self.gradient = gradient
    self.learningRate = learningRate
    self.gradientScale = gradientScale
    self.number = number
  }

  /// The gradient times its scale.
  public var scaledGradient: Tensor { gradient * gradientScale.cast(to: gradient.dtype) }

  /// The learning rate in the gradient's type.
  public var size: Tensor { learningRate.cast(to: gradient.dtype) }
}
