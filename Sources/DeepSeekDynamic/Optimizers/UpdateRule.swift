public import DeepSeekTensor

/// How one weight moves: an optimizer's mathematics and its hyperparameters.
///
/// A conforming type is a small value; what it remembers about a weight between steps is in an ``UpdateState``. To write
/// one's own:
///
/// ```swift
/// struct Sign: UpdateRule {
///   var learningRate = 1e-3
///   func makeState(for weight: Tensor) -> UpdateState { UpdateState() }
///   func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
///     weight = weight - step.learningRate * step.gradient.sign()
///   }
/// }
/// ```
public protocol UpdateRule: Sendable {
  /// The step's size, before the optimizer's schedule.
  var learningRate: Double { get set }

  /// What is remembered about a weight before its first step.
  func makeState(for weight: Tensor) -> UpdateState

  /// Moves a weight by one step, in place where it can. The weight is `float32` or `float64`; it and the gradient, of its
  /// type and shape, are in row-major order.
  func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep)
}

/// What a rule remembers about one weight.
public struct UpdateState: Sendable {
  /// How many steps it has made.
  public var step = 0
  /// The tensors' names, as a checkpoint has them: `exp_avg`.
  public let names: [String]
  /// The tensors, in the order of their names.
  public var tensors: [Tensor]

  /// These tensors; none by default.
  public init(_ tensors: KeyValuePairs<String, Tensor> = [:]) {
    names = tensors.map(\.key)
    self.tensors = tensors.map(\.value)
  }
}

/// What a rule is given for one step.
public struct UpdateStep: Sendable {
  /// The gradient, before ``gradientScale``.
  public let gradient: Tensor
  /// The learning rate after the schedule.
  public let learningRate: Double
  /// What the gradient is to be multiplied by: less than 1 when clipping shortens it.
  public let gradientScale: Double

  /// A step.
  public init(gradient: Tensor, learningRate: Double, gradientScale: Double = 1) {
    self.gradient = gradient
    self.learningRate = learningRate
    self.gradientScale = gradientScale
  }
}
