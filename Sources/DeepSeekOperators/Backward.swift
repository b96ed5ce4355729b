public import DeepSeekTensor

/// Where gradients come to rest after a backward walk: one for each leaf reached.
public struct GradientMap: Sendable {
  private var entries: [ObjectIdentifier: Tensor] = [:]

  /// The gradient with respect to a leaf tensor or a parameter's tensor; `nil` when none reached it.
  public subscript(tensor: Tensor) -> Tensor? {
    tensor.gradientNode.flatMap { entries[ObjectIdentifier($0)] }
  }

  /// The gradient that reached a node.
  public subscript(node: GradientNode) -> Tensor? {
    get { entries[ObjectIdentifier(node)] }
    set { entries[ObjectIdentifier(node)] = newValue }
  }
}

/// How a backward walk goes.
public struct BackwardOptions: Sendable {
  /// Keep what the gradients read, so that the walk can be made again. Off: residuals are dropped as the walk passes.
  public var retainGraph: Bool
  /// Note how the gradients are computed, so that they can be differentiated again. Implies ``retainGraph``.
  public var createGraph: Bool
  /// Add the gradients to the parameters' ``Parameter/gradient`` and call their hooks.
  public var accumulatesIntoParameters: Bool

  /// The usual walk, when nothing else is said: once, first derivatives, gradients returned.
  public init(retainGraph: Bool = false, createGraph: Bool = false, accumulatesIntoParameters: Bool = false) {
    self.retainGraph = retainGraph
    self.createGraph = createGraph
    self.accumulatesIntoParameters = accumulatesIntoParameters
  }
}

/// Walks back from `outputs`, given the gradient of something with respect to each, to every leaf.
///
/// Iterative: depth costs no stack. Each operator's rule runs once, when all gradients of its outputs have arrived. Values
/// and graph places both work: for the latter the gradient's operators are appended to the graph.
public func backward(
  from outputs: [Tensor], gradients: [Tensor], options: BackwardOptions = BackwardOptions()
) -> GradientMap {
  if outputs.count != gradients.count {
    fatalError("backward: \(outputs.count) outputs and \(gradients.count) gradients")
  }
  var walk = BackwardWalk(options)
  for (output, gradient) in zip(outputs, gradients) {
    guard let node = output.gradientNode else {
      fatalError("backward: a \(output.spec) does not track gradients: it was computed from no parameter or leaf")
    }
    if gradient.shape != output.shape {
      fatalError("backward: the gradient has shape \(gradient.shape), the output \(output.shape)")
    }
    walk.start(node, output.gradientOutputIndex, output.placing(gradient))
  }
  return withoutAutocast { options.createGraph ? withGradient { walk.run() } : noGradient { walk.run() } }
}

extension Tensor {
  /// A gradient of this tensor as a place in its graph, if it is one: rules stretch gradients to shapes with symbols, which a
  /// value cannot have.
  fileprivate func placing(_ gradient: Tensor) -> Tensor {
    guard gradient.graphValue == nil, let builder = graphValue?.builder else { return gradient }
    do {
      return try builder.append(BroadcastOperator(gradient.shape), [gradient], outputs: [gradient.spec])[0]
    } catch {
      fatalError("backward: \(error)")
    }
  }
}

/// An output of a node, as a place where gradients arrive.
private struct GradientPlace: Hashable {
  let node: GradientNode
  let output: Int

  init?(_ tensor: Tensor) {
    guard let node = tensor.gradientNode else { return nil }
    self.node = node
    output = tensor.gradientOutputIndex
  }

  init(_ edge: GradientNode.Edge) {
    node = edge.node
    output = edge.outputIndex
  }

  static func == (left: GradientPlace, right: GradientPlace) -> Bool {
    left.node === right.node && left.output == right.output
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(node))
    hasher.combine(output)
  }
}

/// The state of one backward walk.
private struct BackwardWalk {
  private let options: BackwardOptions
  /// For each node met: how many users have yet to send it their gradient.
  private var pendingUsers: [ObjectIdentifier: Int] = [:]
  /// Gradients that have arrived, by output.
  private var arrived: [ObjectIdentifier: [Tensor?]] = [:]
  private var roots: [GradientNode] = []
  private var results = GradientMap()
  /// Places where the walk ends though more lies beyond, and what arrived there.
  var stops: Set<GradientPlace> = []
  private var stopped: [GradientPlace: Tensor] = [:]

  init(_ options: BackwardOptions) { self.options = options }

  mutating func start(_ node: GradientNode, _ output: Int, _ gradient: Tensor) {
    let edge = GradientNode.Edge(node: node, outputIndex: output)
    deliver(gradient, to: edge)
    if isStop(edge) { return }
    if !roots.contains(where: { $0 === node }) { roots.append(node) }
  }

  private func isStop(_ edge: GradientNode.Edge) -> Bool {
    !stops.isEmpty && stops.contains(GradientPlace(edge))
  }

  mutating func runToStops() -> [GradientPlace: Tensor] {
    _ = run()
    return stopped
  }

  mutating func run() -> GradientMap {
    countUsers()
    var ready = roots.filter { pendingUsers[ObjectIdentifier($0)] == 0 }
    while let node = ready.popLast() {
      let gradients = arrived.removeValue(forKey: ObjectIdentifier(node)) ?? [nil]
      if let operation = node.operation {
        send(from: node, operation, gradients, &ready)
      } else if let gradient = gradients[0] {
        rest(gradient, at: node)
      }
    }
    return results
  }

  private mutating func countUsers() {
    var stack = roots
    for root in roots { pendingUsers[ObjectIdentifier(root)] = 0 }
    while let node = stack.popLast() {
      for case let edge? in node.inputs where !isStop(edge) {
        let key = ObjectIdentifier(edge.node)
        if let count = pendingUsers[key] {
          pendingUsers[key] = count + 1
        } else {
          pendingUsers[key] = 1
          stack.append(edge.node)
        }
      }
    }
  }

  private mutating func send(
    from node: GradientNode, _ operation: any Operator, _ gradients: [Tensor?], _ ready: inout [GradientNode]
  ) {
    var inputGradients: [Tensor?] = []
    if gradients.contains(where: { $0 != nil }) {
      let context = GradientContext(node: node, gradients: gradients) { spec in
        gradients.lazy.compactMap { $0 }.first!.stretched(0, to: spec.shape).cast(to: spec.dtype)
      }
      inputGradients = operation.gradient(context)
      if inputGradients.count != node.inputs.count {
        fatalError("\(node.name): its rule gave \(inputGradients.count) gradients for \(node.inputs.count) inputs")
      }
    }
    if !options.retainGraph && !options.createGraph { node.releaseResiduals() }
    for (index, edge) in node.inputs.enumerated() {
      guard let edge else { continue }
      if index < inputGradients.count, let gradient = inputGradients[index] {
        inputGradients[index] = nil
        deliver(gradient, to: edge)
      }
      if isStop(edge) { continue }
      let key = ObjectIdentifier(edge.node)
      pendingUsers[key]! -= 1
      if pendingUsers[key] == 0 { ready.append(edge.node) }
    }
  }

  private mutating func deliver(_ gradient: Tensor, to edge: GradientNode.Edge) {
    let key = ObjectIdentifier(edge.node)
    let spec = edge.node.outputSpecs[edge.outputIndex]
    if gradient.shape != spec.shape {
      fatalError("\(edge.node.name): a gradient of shape \(gradient.shape) arrived at an output of shape \(spec.shape)")
    }
    if isStop(edge) {
      let place = GradientPlace(edge)
      stopped[place] = stopped[place].map { $0 + gradient } ?? gradient
      return
    }
    var slots = arrived.removeValue(forKey: key) ?? Array(repeating: nil, count: edge.node.outputSpecs.count)
    if let earlier = slots[edge.outputIndex] {
      slots[edge.outputIndex] = nil
      slots[edge.outputIndex] = earlier + gradient
    } else {
      slots[edge.outputIndex] = gradient
    }
    arrived[key] = slots
  }

  private mutating func rest(_ gradient: Tensor, at leaf: GradientNode) {
    guard options.accumulatesIntoParameters, let parameter = leaf.parameter else {
      results[leaf] = gradient
      return
    }
    if let earlier = parameter.gradient {
      parameter.gradient = earlier + gradient
    } else {
      parameter.gradient = gradient
    }
    parameter.gradientHook?(parameter)
  }
}

/// The gradients of `outputs` with respect to `inputs`, which may be leaves or tensors computed on the way; `nil` where none
/// flows. The walk goes no further than the inputs.
///
/// `gradients` are those of something with respect to each output; ones when left out.
public func gradients(
  of outputs: [Tensor], withRespectTo inputs: [Tensor], gradients: [Tensor]? = nil,
  options: BackwardOptions = BackwardOptions()
) -> [Tensor?] {
  var walk = BackwardWalk(options)
  walk.stops = Set(inputs.compactMap(GradientPlace.init))
  let upstream = gradients ?? outputs.map { $0.gradientSeed() }
  for (output, gradient) in zip(outputs, upstream) {
    if let place = GradientPlace(output) { walk.start(place.node, place.output, output.placing(gradient)) }
  }
  let results = options.createGraph ? withGradient { walk.runToStops() } : noGradient { walk.runToStops() }
  return inputs.map { GradientPlace($0).flatMap { results[$0] } }
}

extension Operator {
  /// The gradient of an operator by way of its decomposition, for fused operators whose own rule is not written out.
  ///
  /// All inputs must be residuals. Computes the decomposition again.
  public func gradientThroughDecomposition(_ context: GradientContext) -> [Tensor?] {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    guard let outputs = withGradient({ decomposition(inputs) }) else {
      fatalError("\(name): neither a gradient rule nor a decomposition")
    }
    let reached = outputs.indices.filter { outputs[$0].tracksGradient && context.hasGradient($0) }
    var options = BackwardOptions()
    options.createGraph = isGradientEnabled
    var results = gradients(
      of: reached.map { outputs[$0] }, withRespectTo: inputs, gradients: reached.map { context.gradient($0) },
      options: options)
    // A tensor given twice has one gradient, the sum of both uses; it must not be counted twice.
    var seen: Set<GradientPlace> = []
    for index in results.indices {
      guard let place = GradientPlace(inputs[index]) else { continue }
      if !seen.insert(place).inserted || !context.wants(index) { results[index] = nil }
    }
    return results
  }
}
