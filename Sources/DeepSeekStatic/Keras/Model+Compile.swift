import Synchronization
public import DeepSeekDynamic
public import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// How a model is trained and judged.
  struct Compilation: Sendable {
    let optimizer: Optimizer?
    let rule: any UpdateRule
    let losses: [Loss]
    let metrics: [Metric]
    let options: CompileOptions
  }

  /// What ``Model/compile(optimizer:loss:metrics:options:)`` takes beside the usual.
  public struct CompileOptions: Sendable {
    /// What the norm of all gradients together is shortened to; `nil` for never.
    public var clippingNorm: Double?
    /// Batches whose gradients are gathered before a step.
    public var accumulatedBatches = 1
    /// Replicas on logical CPUs that each batch is split among; their gradients are averaged.
    public var replicas = 1
    /// Whether a NaN or an infinity that arises stops the step and names the layer; see ``Session/checksNumerics``.
    public var checksNumerics = true
    /// What runs the graphs; the process's choice when they are made if `nil`.
    public var backend: Backend?

    /// The usual.
    public init() {}
  }
}

extension Keras.Model {
  /// Says how the model is trained and judged. Weights stay; an optimizer of earlier is forgotten.
  ///
  /// - Parameters:
  ///   - rule: How weights move, with its learning rate.
  ///   - loss: What is lessened; for several outputs the sum of theirs.
  ///   - metrics: What else is told about the first output.
  ///   - options: The rest.
  public func compile(
    optimizer rule: some UpdateRule = Adam.adam(), loss: Keras.Loss, metrics: [Keras.Metric] = [],
    options: Keras.CompileOptions = Keras.CompileOptions()
  ) {
    compile(optimizer: rule, losses: [loss], metrics: metrics, options: options)
  }

  /// The same with a loss for each output; their sum is lessened.
  public func compile(
    optimizer rule: some UpdateRule = Adam.adam(), losses: [Keras.Loss], metrics: [Keras.Metric] = [],
    options: Keras.CompileOptions = Keras.CompileOptions()
  ) {
    if losses.isEmpty || options.accumulatedBatches < 1 || options.replicas < 1 {
      fatalError("compile: losses, accumulatedBatches and replicas are each at least 1")
    }
    if options.replicas > 1 && options.accumulatedBatches > 1 {
      fatalError("compile: replicas and accumulated batches at a time; choose one")
    }
    state.withLock { state in
      state.compilation = Keras.Compilation(
        optimizer: nil, rule: rule, losses: losses, metrics: metrics, options: options)
      state.engines = [:]
    }
  }

  /// The optimizer that `fit` steps, made when the model is built and compiled; `nil` before.
  public var optimizer: Optimizer? {
    guard isBuilt else { return nil }
    let (held, rule) = state.withLock { ($0.compilation?.optimizer, $0.compilation?.rule) }
    if let held { return held }
    guard let rule else { return nil }
    let made = Optimizer(self, rule)
    return state.withLock { state in
      guard let compilation = state.compilation else { return nil }
      if let other = compilation.optimizer { return other }
      state.compilation = Keras.Compilation(
        optimizer: made, rule: rule, losses: compilation.losses, metrics: compilation.metrics,
        options: compilation.options)
      return made
    }
  }
}

extension UpdateRule where Self == Adam {
  /// Adam with this learning rate.
  public static func adam(learningRate: Double = 1e-3) -> Adam {
    Adam(learningRate: learningRate, epsilon: 1e-7)
  }
}

extension UpdateRule where Self == AdamW {
  /// AdamW with this learning rate and weight decay.
  public static func adamW(learningRate: Double = 1e-3, weightDecay: Double = 0.004) -> AdamW {
    AdamW(learningRate: learningRate, epsilon: 1e-7, weightDecay: weightDecay)
  }
}

extension UpdateRule where Self == SGD {
  /// Gradient descent with this learning rate and momentum.
  public static func sgd(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) -> SGD {
    SGD(learningRate: learningRate, momentum: momentum, isNesterov: nesterov)
  }
}

extension UpdateRule where Self == RMSprop {
  /// RMSprop with this learning rate.
  public static func rmsprop(learningRate: Double = 1e-3) -> RMSprop {
    RMSprop(learningRate: learningRate, smoothing: 0.9, epsilon: 1e-7)
  }
}
