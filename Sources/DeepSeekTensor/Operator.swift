/// A function from tensors to tensors, defined once for every layer of the framework.
///
/// A conforming type is a small value that holds the attributes (an axis, a flag), never tensors. What it declares is all
/// that eager execution, gradients, graph capture, import and verification use:
///
/// ```swift
/// struct Cube: Operator {
///   var name: String { "cube" }
///   var traits: OperatorTraits { [.elementwise] }
///   func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { [inputs[0]] }
///   func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws { … }
///   func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0]) }
///   func gradient(_ context: GradientContext) -> [Tensor?] {
///     [context.gradient * 3 * context.input(0) * context.input(0)]
///   }
/// }
/// let y = apply(Cube(), x)
/// ```
public protocol Operator: Sendable, Hashable, Codable {
  /// The name in graphs and messages, in snake case, unique among operators: `layer_norm`.
  var name: String { get }

  /// What kind of operator it is.
  var traits: OperatorTraits { get }

  /// Element types and shapes of the outputs for these inputs: the only such rule there is. Throws ``OperatorError``
  /// when the inputs do not fit. Lengths may be symbols.
  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec]

  /// Computes the outputs on the CPU. `outputs` are fresh, in row-major order, with the inferred types and shapes; inputs
  /// may be strided or empty. Throws for values that do not fit (an index out of range).
  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws

  /// For an operator with the trait ``OperatorTraits/view``: the output as a view of the first input's storage, or `nil`
  /// when this input needs a copy, which ``evaluate(_:into:)`` then makes.
  func view(of input: Tensor, output: TensorSpec) -> Layout?

  /// For an operator that can write its outputs over some of its `count` inputs: for each output the input, of its type and
  /// shape, whose memory may be the output's own. Empty for all others; elementwise operators of one output need not say it.
  func overwritableInputs(of count: Int) -> [Int]

  /// Floating-point operations for inputs of these known types and shapes, values among them where they are known; `nil` leaves
  /// the estimate to the traits.
  func arithmetic(_ inputs: [TensorSpec]) -> Double?

  /// What ``gradient(_:)`` reads when gradients of the inputs in `gradients` are wanted. Nothing else is kept alive.
  func residuals(wanting gradients: IndexSet64) -> Residuals

  /// The gradient of each input, in terms of other operators; `nil` where none flows or none is wanted.
  func gradient(_ context: GradientContext) -> [Tensor?]

  /// What an output is had again from at little cost, so that gradients that read it need not keep it while its own node
  /// keeps these; `nil`: it is kept. By default, for the first output of an operator with the trait
  /// ``OperatorTraits/recomputable``, all inputs.
  func ingredients(of output: Int) -> Residuals?

  /// The output from its ingredients, which alone are not `nil` for sure.
  func recomputed(_ output: Int, inputs: [Tensor?], outputs: [Tensor?]) -> Tensor

  /// The same function made of simpler operators, for a fused one; `nil` for one that is not made of others.
  func decomposition(_ inputs: [Tensor]) -> [Tensor]?

  /// The operator with the symbols in its attributes replaced by their values.
  func resolved(_ bindings: [Dimension: Int]) -> Self
}

extension Operator {
  /// Not a view.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { nil }
  /// By the traits.
  public func arithmetic(_ inputs: [TensorSpec]) -> Double? { nil }
  /// Outputs need memory of their own.
  public func overwritableInputs(of count: Int) -> [Int] { [] }
  /// Nothing is read.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals() }
  /// No gradient flows.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    Array(repeating: nil, count: context.inputCount)
  }
  /// By the traits, for the first output.
  public func ingredients(of output: Int) -> Residuals? {
    output == 0 && traits.contains(.recomputable) ? Residuals(inputs: .all) : nil
  }
  /// The operator once more.
  public func recomputed(_ output: Int, inputs: [Tensor?], outputs: [Tensor?]) -> Tensor {
    apply(self, inputs.map { $0! })[output]
  }
  /// Not made of others.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { nil }
  /// No symbols among the attributes.
  public func resolved(_ bindings: [Dimension: Int]) -> Self { self }
}

/// What kind of operator one is, as data for passes and schedulers.
public struct OperatorTraits: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt32
  /// Traits with these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Each output element depends on the input elements at the same (broadcast) place.
  public static let elementwise = OperatorTraits(rawValue: 1 << 0)
  /// Some axes are summed up in one value.
  public static let reduction = OperatorTraits(rawValue: 1 << 1)
  /// Moves no element: the output can share the input's storage.
  public static let view = OperatorTraits(rawValue: 1 << 2)
  /// A product of matrices, or made of such.
  public static let matmul = OperatorTraits(rawValue: 1 << 3)
  /// Reads a random key among its inputs.
  public static let random = OperatorTraits(rawValue: 1 << 4)
  /// Time goes into memory traffic.
  public static let memoryBound = OperatorTraits(rawValue: 1 << 5)
  /// Time goes into arithmetic.
  public static let computeBound = OperatorTraits(rawValue: 1 << 6)
  /// So cheap that its output is computed again for a gradient rather than kept.
  public static let recomputable = OperatorTraits(rawValue: 1 << 7)
  /// The shape rule reads input values (``TensorSpec/value``).
  public static let shapeReadsValues = OperatorTraits(rawValue: 1 << 8)
  /// No gradient ever flows through it (comparisons, indices).
  public static let nonDifferentiable = OperatorTraits(rawValue: 1 << 9)
  /// Has no inputs to depend on or must not be merged or removed: an effect outside the graph.
  public static let effect = OperatorTraits(rawValue: 1 << 10)
  /// Under mixed precision its `float32` inputs are brought to the 16-bit type: time goes into products, which forgive it.
  public static let lowPrecision = OperatorTraits(rawValue: 1 << 11)
  /// Under mixed precision its 16-bit inputs are brought to `float32`: sums of many, and functions that grow or fall fast.
  public static let fullPrecision = OperatorTraits(rawValue: 1 << 12)
  /// Reads no more elements of its first input than its output has.
  public static let gathers = OperatorTraits(rawValue: 1 << 13)
}

/// The inputs and outputs that an operator's gradient reads.
public struct Residuals: Sendable, Hashable {
  /// Indices of inputs.
  public var inputs: IndexSet64
  /// Indices of outputs.
  public var outputs: IndexSet64

  /// These inputs and outputs.
  public init(inputs: IndexSet64 = [], outputs: IndexSet64 = []) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// What an operator's gradient rule is given.
public struct GradientContext {
  private let node: GradientNode
  private let gradients: [Tensor?]
  private let zeros: (TensorSpec) -> Tensor

  /// For the backward walk: the node, the gradients that arrived at its outputs, and how to make a zero one.
  public init(node: GradientNode, gradients: [Tensor?], zeros: @escaping (TensorSpec) -> Tensor) {
    self.node = node
    self.gradients = gradients
    self.zeros = zeros
  }

  /// The gradient that arrived at the first output.
  public var gradient: Tensor { gradient(0) }

  /// The gradient that arrived at an output; zeros when none did.
  public func gradient(_ output: Int) -> Tensor {
    gradients[output] ?? zeros(node.outputSpecs[output])
  }

  /// Whether a gradient arrived at an output.
  public func hasGradient(_ output: Int) -> Bool { gradients[output] != nil }

  /// An input, which must be among the residuals.
  public func input(_ index: Int) -> Tensor { node.input(index) }

  /// An output, which must be among the residuals.
  public func output(_ index: Int) -> Tensor { node.output(index) }

  /// Type and shape of an input.
  public func inputSpec(_ index: Int) -> TensorSpec { node.inputSpecs[index] }

  /// Type and shape of an output.
  public func outputSpec(_ index: Int) -> TensorSpec { node.outputSpecs[index] }

  /// How many inputs there were.
  public var inputCount: Int { node.inputs.count }

  /// Whether the gradient of an input is wanted.
  public func wants(_ input: Int) -> Bool { node.inputs[input] != nil }
}
