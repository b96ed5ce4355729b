/// How a tensor was computed: the operator, what its gradient reads, and where the gradient goes next.
///
/// Nodes hang off tensors and link to the nodes of the inputs; there is no tape object. A node is not changed after it
/// is made. Releasing a chain of a million nodes takes no stack: see `deinit`.
public final class GradientNode: @unchecked Sendable {
  /// Where the gradient of one input goes: an output of another node.
  public struct Edge: Sendable {
    /// The node that made the input.
    public let node: GradientNode
    /// Which of its outputs the input is.
    public let outputIndex: Int

    /// The output `outputIndex` of `node`.
    public init(node: GradientNode, outputIndex: Int) {
      self.node = node
      self.outputIndex = outputIndex
    }
  }

  /// The operator; `nil` for a leaf, where gradients come to rest.
  public let operation: (any Operator)?
  /// One for each input; `nil` where no gradient is wanted.
  public private(set) var inputs: [Edge?]
  /// Type and shape of each input.
  public let inputSpecs: [TensorSpec]
  /// Type and shape of each output.
  public let outputSpecs: [TensorSpec]
  /// The parameter whose leaf this is.
  public internal(set) weak var parameter: Parameter?
  private var savedInputs: [TensorBody?]
  private var savedOutputs: [TensorBody?]
  private var isReleased = false

  init(operation: any Operator, inputs: [Tensor], specs: [TensorSpec], outputs: [Tensor]) {
    self.operation = operation
    var wanted = IndexSet64()
    for index in inputs.indices where inputs[index].gradientNode != nil { wanted.insert(index) }
    let residuals = operation.residuals(wanting: wanted)
    inputSpecs = specs
    outputSpecs = outputs.map(\.spec)
    self.inputs = inputs.map { input in
      input.gradientNode.map { Edge(node: $0, outputIndex: input.outputIndex) }
    }
    savedInputs = inputs.enumerated().map { index, input in
      guard residuals.inputs.contains(index) else { return nil }
      return GradientNode.canRecompute(input) ? nil : input.body
    }
    savedOutputs = outputs.enumerated().map { index, output in
      residuals.outputs.contains(index) ? output.body : nil
    }
  }

  /// A leaf for a tensor of this specification.
  public init(leaf spec: TensorSpec) {
    operation = nil
    inputs = []
    inputSpecs = []
    outputSpecs = [spec]
    savedInputs = []
    savedOutputs = []
  }

  /// Outputs of at least this many bytes are computed again for the gradient when that is cheap, rather than kept.
  public static let recomputeThreshold = 1 << 20

  /// Whether a residual can be had again: the operator is cheap, and what it is had from is kept anyway for its own gradient.
  private static func canRecompute(_ tensor: Tensor) -> Bool {
    guard let node = tensor.gradientNode, let ingredients = node.operation?.ingredients(of: tensor.outputIndex) else {
      return false
    }
    // What is only known to be large or small when a graph runs counts as large.
    if tensor.shape.isKnown && tensor.elementCount * tensor.dtype.byteCount < recomputeThreshold { return false }
    return node.savedInputs.indices.allSatisfy { !ingredients.inputs.contains($0) || node.savedInputs[$0] != nil }
      && node.savedOutputs.indices.allSatisfy { !ingredients.outputs.contains($0) || node.savedOutputs[$0] != nil }
  }

  private static let releasedMessage =
    "its residuals were released by an earlier backward walk; keep the graph (`retainGraph: true`) to walk it again"

  /// An input as it was, linked to its own node again; computed anew when only its ingredients were kept.
  func input(_ index: Int) -> Tensor {
    let edge = inputs[index]
    if let body = savedInputs[index] {
      return Tensor(body: body, node: edge?.node, outputIndex: edge?.outputIndex ?? 0)
    }
    if isReleased { fatalError("\(name): \(GradientNode.releasedMessage)") }
    guard let edge, let producer = edge.node.operation, producer.ingredients(of: edge.outputIndex) != nil else {
      fatalError("\(name): input \(index) is read by the gradient but is not among the residuals")
    }
    if edge.node.isReleased { fatalError("\(edge.node.name): \(GradientNode.releasedMessage)") }
    let (inputs, outputs) = (edge.node.savedInputs, edge.node.savedOutputs)
    let again = noGradient {
      producer.recomputed(
        edge.outputIndex, inputs: inputs.map { $0.map { Tensor(body: $0) } },
        outputs: outputs.map { $0.map { Tensor(body: $0) } })
    }
    return Tensor(body: again.body, node: edge.node, outputIndex: edge.outputIndex)
  }

  /// An output as it was.
  func output(_ index: Int) -> Tensor {
    if isReleased { fatalError("\(name): \(GradientNode.releasedMessage)") }
    guard let body = savedOutputs[index] else {
      fatalError("\(name): output \(index) is read by the gradient but is not among the residuals")
    }
    return Tensor(body: body, node: self, outputIndex: index)
  }

  /// The operator's name, or `leaf`.
  public var name: String { operation.map { $0.name } ?? "leaf" }

  /// Drops what the gradient read, once it has been read: a second walk over this node then traps.
  public func releaseResiduals() {
    isReleased = true
    for index in savedInputs.indices { savedInputs[index] = nil }
    for index in savedOutputs.indices { savedOutputs[index] = nil }
  }

  deinit {
    // Without this, releasing a long chain would recurse once a link and overflow the stack.
    var pending = inputs.compactMap { $0?.node }
    inputs = []
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) {
        for case let edge? in node.inputs { pending.append(edge.node) }
        node.inputs = []
      }
    }
  }
}
