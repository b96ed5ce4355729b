import CDeepSeekKernels
public import DeepSeekTensor

/// How an optimizer moves one weight, as an operator: fused, and writing over its own inputs where it may.
///
/// - Inputs: weight and gradient, `float32` or `float64` of one shape; learning rate and gradient scale, `float64[]`, by
///   which the gradient counts as multiplied; the step's number from 1, `int64[]`; then the states.
/// - Outputs: the new weight and the new states.
///
/// Applied to places of a graph it becomes a node, whose outputs an executor writes over the variables; with
/// ``update(_:_:gradient:learningRate:gradientScale:step:)`` it works in place at once.
public protocol UpdateOperator: Operator {
  /// What is remembered about a weight from step to step: names as PyTorch has them, types and shapes.
  func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)]

  /// What every element of the states starts from.
  var initialState: Double { get }

  /// Makes one step in the buffers, none of which is empty.
  func move(_ buffers: UpdateBuffers) throws
}

/// What an ``UpdateOperator`` works on: elements in row-major order.
public struct UpdateBuffers {
  /// Type and shape of weight and gradient.
  public let spec: TensorSpec
  /// The weight, to be changed.
  public let weight: UnsafeMutableRawPointer
  /// The gradient.
  public let gradient: UnsafeRawPointer
  /// The states, to be changed.
  public let states: [UnsafeMutableRawPointer]
  /// The learning rate.
  public let learningRate: Double
  /// What the gradient is multiplied by.
  public let gradientScale: Double
  /// The step's number, from 1.
  public let step: Int

  /// How many elements the weight has.
  public var count: Int { spec.shape.elementCount }

  var kernelType: ds_dtype { spec.dtype == .float64 ? DS_FLOAT64 : DS_FLOAT32 }
}

/// The places of an ``UpdateOperator``'s inputs.
enum UpdateInput {
  static let weight = 0
  static let gradient = 1
  static let learningRate = 2
  static let gradientScale = 3
  static let step = 4
  /// The first state.
  static let states = 5
}

extension UpdateOperator {
  /// Made for the gradients of others; none flows through it.
  public var traits: OperatorTraits { [.memoryBound, .nonDifferentiable] }

  /// Zero.
  public var initialState: Double { 0 }

  /// The weight's memory takes the new weight, each state's the new state.
  public func overwritableInputs(of count: Int) -> [Int] { [UpdateInput.weight] + (UpdateInput.states..<count) }

  /// The weight and the states.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    guard let weight = inputs.first, weight.dtype == .float32 || weight.dtype == .float64 else {
      throw mismatch("the weight is \(inputs.first?.description ?? "missing"); float32 or float64 is expected")
    }
    let states = states(of: weight)
    let count = UpdateInput.states + states.count
    try expect(inputs, count...count)
    guard inputs[UpdateInput.gradient] == weight else {
      throw mismatch("the gradient is \(inputs[UpdateInput.gradient]), the weight \(weight)")
    }
    let number = TensorSpec(.float64, [])
    guard inputs[UpdateInput.learningRate] == number, inputs[UpdateInput.gradientScale] == number else {
      throw mismatch(
        "learning rate and gradient scale are \(inputs[UpdateInput.learningRate]) and "
          + "\(inputs[UpdateInput.gradientScale]); each must be \(number)")
    }
    guard inputs[UpdateInput.step] == TensorSpec(.int64, []) else {
      throw mismatch("the step's number is \(inputs[UpdateInput.step]); int64[] is expected")
    }
    for (index, state) in states.enumerated() where inputs[UpdateInput.states + index] != state.spec {
      throw mismatch(
        "'\(state.name)' is \(inputs[UpdateInput.states + index]); of a weight \(weight) it is \(state.spec)")
    }
    return [weight.withoutValue] + states.map(\.spec)
  }

  /// Brings weight and states into the outputs, unless they are there already, and moves them.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    for (index, output) in outputs.enumerated() {
      let input = inputs[index == 0 ? UpdateInput.weight : UpdateInput.states + index - 1]
      if input.pointer != output.pointer || !input.isContiguous { input.copyElements(to: output) }
    }
    if inputs[UpdateInput.weight].elementCount == 0 { return }
    let gradient = inputs[UpdateInput.gradient].contiguous()
    try withExtendedLifetime((gradient, outputs)) {
      try move(
        UpdateBuffers(
          spec: outputs[0].spec, weight: outputs[0].pointer, gradient: UnsafeRawPointer(gradient.pointer),
          states: outputs.dropFirst().map(\.pointer),
          learningRate: inputs[UpdateInput.learningRate].pointer.load(as: Double.self),
          gradientScale: inputs[UpdateInput.gradientScale].pointer.load(as: Double.self),
          step: inputs[UpdateInput.step].pointer.load(as: Int.self)))
    }
  }

  /// Makes one step: at once and in place, copying first what others hold too; or, for places of a graph, as a node.
  ///
  /// Traps when types and shapes do not fit.
  public func update(
    _ weight: inout Tensor, _ states: inout [Tensor], gradient: Tensor, learningRate: Tensor, gradientScale: Tensor,
    step: Tensor
  ) {
    let isBuilding =
      weight.graphValue != nil || gradient.graphValue != nil || learningRate.graphValue != nil
      || gradientScale.graphValue != nil || step.graphValue != nil || states.contains { $0.graphValue != nil }
    if isBuilding {
      let results = apply(self, [weight, gradient, learningRate, gradientScale, step] + states)
      weight = results[0]
      states = Array(results.dropFirst())
      return
    }
    do {
      _ = try infer(
        [weight.spec, gradient.spec, learningRate.spec, gradientScale.spec, step.spec] + states.map(\.spec))
      if weight.elementCount == 0 { return }
      let source = gradient.contiguous()
      let target = weight.withUnsafeMutableBytes { $0.baseAddress! }
      // The addresses stay valid while the tensors are neither copied nor changed.
      let buffers = UpdateBuffers(
        spec: source.spec, weight: target, gradient: UnsafeRawPointer(source.pointer),
        states: states.indices.map { index in states[index].withUnsafeMutableBytes { $0.baseAddress! } },
        learningRate: learningRate.pointer.load(as: Double.self),
        gradientScale: gradientScale.pointer.load(as: Double.self), step: step.pointer.load(as: Int.self))
      try move(buffers)
      withExtendedLifetime((source, weight, states)) {}
    } catch {
      fatalError("\(error)")
    }
  }

  /// Throws when the kernel refused.
  func check(_ status: ds_status, _ buffers: UpdateBuffers) throws {
    if status == DS_OK { return }
    if status == DS_OUT_OF_MEMORY { throw mismatch("not enough memory for the kernel's work space") }
    throw mismatch(
      "a weight of \(buffers.spec) cannot be moved at step \(buffers.step) (kernel status \(status.rawValue))")
  }
}

/// An ``UpdateOperator``'s inputs as its decomposition reads them.
struct UpdateOperands {
  let weight: Tensor
  /// The gradient times its scale.
  let gradient: Tensor
  /// `float64[]`, as ``step`` is.
  let learningRate: Tensor
  let step: Tensor
  let states: [Tensor]

  init(_ inputs: [Tensor]) {
    weight = inputs[UpdateInput.weight]
    gradient = inputs[UpdateInput.gradient] * inputs[UpdateInput.gradientScale].cast(to: weight.dtype)
    learningRate = inputs[UpdateInput.learningRate]
    step = inputs[UpdateInput.step].cast(to: .float64)
    states = Array(inputs[UpdateInput.states...])
  }

  /// A number of the host's arithmetic in the weight's type.
  func narrow(_ number: Tensor) -> Tensor { number.cast(to: weight.dtype) }

  /// 1 - beta^step, `float64[]`.
  func correction(_ beta: Double) -> Tensor { 1 - Tensor.full([], beta, dtype: .float64).power(step) }

  /// The Euclidean norm, `float64[]`.
  func norm(_ x: Tensor) -> Tensor { x.cast(to: .float64).sumSquares().sqrt() }

  /// `ratio` where both norms are above zero, else 1.
  func trusted(_ ratio: Tensor, _ one: Tensor, _ other: Tensor) -> Tensor {
    Tensor.select(
      one.greater(than: 0).logicalAnd(other.greater(than: 0)), ratio, Tensor.ones([], dtype: .float64))
  }
}
