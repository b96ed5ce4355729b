import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

/// The outputs of `function`, keeping nothing but its inputs for the gradient: it is computed again during the backward
/// walk. Memory for time (Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", 2016).
///
/// ```swift
/// for layer in layers { x = checkpoint(x) { layer($0) } }
/// ```
///
/// Gradients are the same as without: parameters read inside get theirs, and random operators draw the same numbers again.
/// The function must be pure otherwise: given the same inputs and keys, the same outputs. Every tensor that tracks a
/// gradient and is computed outside must come in as an input; the walk traps when the function captures one instead.
/// While a graph is being captured, the function is simply a part of it.
public func checkpoint(_ inputs: [Tensor], _ function: @escaping @Sendable ([Tensor]) -> [Tensor]) -> [Tensor] {
  if !isGradientEnabled || inputs.contains(where: { $0.graphValue != nil }) { return function(inputs) }
  let reads = ParameterReads(outer: CaptureScope.current)
  let keys = KeyTape(source: RandomGenerator.current)
  let values = inputs.map { $0.detached() }
  let outputs = CaptureScope.$current.withValue(reads) {
    RandomGenerator.$current.withValue(keys) { noGradient { function(values) } }
  }
  if outputs.contains(where: { $0.graphValue != nil }) {
    fatalError("checkpoint: the function made a tensor of a graph out of values; capture it without `checkpoint`")
  }
  let read = reads.all
  let operation = CheckpointOperator(
    Replay(function: function, inputCount: inputs.count, parameters: read.map(\.parameter), keys: keys.given))
  return noted(outputs, as: operation, of: inputs + read.map(\.tensor))
}

/// The output of `function`, keeping nothing but its input for the gradient; see ``checkpoint(_:_:)-([Tensor],_)``.
public func checkpoint(_ input: Tensor, _ function: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
  checkpoint([input]) { [function($0[0])] }[0]
}

/// What `body` gives, and the trainable parameters that it reads.
func parametersRead(_ body: () -> Tensor) -> (output: Tensor, parameters: [Parameter]) {
  let reads = ParameterReads(outer: CaptureScope.current)
  let output = CaptureScope.$current.withValue(reads) { body() }
  return (output, reads.all.map(\.parameter))
}

/// What is needed to compute a checkpointed function again.
private final class Replay: Sendable {
  let function: @Sendable ([Tensor]) -> [Tensor]
  let inputCount: Int
  let parameters: [Parameter]
  let keys: [Tensor]
  /// The precision that it ran in.
  let autocast = Autocast.current
  /// The adapters that it ran with.
  let adapters = AdapterScope.names

  init(
    function: @escaping @Sendable ([Tensor]) -> [Tensor], inputCount: Int, parameters: [Parameter], keys: [Tensor]
  ) {
    self.function = function
    self.inputCount = inputCount
    self.parameters = parameters
    self.keys = keys
  }

  /// The outputs for these inputs and parameters' tensors, with the numbers drawn before.
  func run(_ inputs: [Tensor]) -> [Tensor] {
    let substitutes = ParameterSubstitutes(
      parameters: parameters, tensors: Array(inputs[inputCount...]), outer: CaptureScope.current)
    return CaptureScope.$current.withValue(substitutes) {
      AdapterScope.$names.withValue(adapters) {
        RandomGenerator.$current.withValue(KeyReplay(keys)) {
          Autocast.with(autocast) { function(Array(inputs[..<inputCount])) }
        }
      }
    }
  }
}

/// The gradient node's operator: its inputs are the function's and then the tensors of the parameters read inside.
private struct CheckpointOperator: Operator {
  let replay: Replay

  init(_ replay: Replay) { self.replay = replay }

  var name: String { "checkpoint" }
  var traits: OperatorTraits { [.effect] }

  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    throw OperatorError(name, "its outputs are known only by computing them; it cannot be put in a graph")
  }

  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    for (value, output) in zip(noGradient({ replay.run(inputs) }), outputs) { value.copyElements(to: output) }
  }

  func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  func gradient(_ context: GradientContext) -> [Tensor?] {
    // For a second derivative the inputs keep their history; otherwise each is a fresh leaf, so that this inner walk ends
    // there and nothing of it outlives the rule.
    let createsGraph = isGradientEnabled
    let inputs = (0..<context.inputCount).map { index in
      context.wants(index) ? context.input(index).detached().requiringGradient() : context.input(index).detached()
    }
    let given = createsGraph ? (0..<context.inputCount).map { context.input($0) } : inputs
    let outputs = withGradient { replay.run(given) }
    let reached = outputs.indices.filter { outputs[$0].tracksGradient && context.hasGradient($0) }
    expectNoCapturedGradients(reached.map { outputs[$0] }, given)
    var options = BackwardOptions()
    options.createGraph = createsGraph
    var results = gradients(
      of: reached.map { outputs[$0] }, withRespectTo: given, gradients: reached.map { context.gradient($0) },
      options: options)
    // Given twice, a tensor with a history has one gradient, the sum over both uses, which counts once.
    var seen: Set<GradientPlaceKey> = []
    for index in results.indices {
      guard let key = GradientPlaceKey(given[index]) else { continue }
      if !seen.insert(key).inserted || !context.wants(index) { results[index] = nil }
    }
    return results
  }

  /// Traps when the function's outputs depend on a leaf that came in another way than as an input.
  private func expectNoCapturedGradients(_ outputs: [Tensor], _ inputs: [Tensor]) {
    let stops = Set(inputs.compactMap(GradientPlaceKey.init))
    var seen: Set<ObjectIdentifier> = []
    var stack = outputs.filter { !stops.contains(GradientPlaceKey($0)!) }.map { $0.gradientNode! }
    while let node = stack.popLast() {
      if !seen.insert(ObjectIdentifier(node)).inserted { continue }
      if node.operation == nil {
        fatalError(
          "checkpoint: the function captures a \(node.outputSpecs[0]) that tracks gradients, or a tensor computed from "
            + "it; give it as an input")
      }
      for case let edge? in node.inputs where !stops.contains(GradientPlaceKey(edge)) { stack.append(edge.node) }
    }
  }

  static func == (left: CheckpointOperator, right: CheckpointOperator) -> Bool { left.replay === right.replay }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(replay)) }

  init(from decoder: any Decoder) throws {
    throw OperatorError("checkpoint", "a function cannot be read from a file")
  }
  func encode(to encoder: any Encoder) throws {
    throw OperatorError("checkpoint", "a function cannot be written to a file")
  }
}

/// An output of a node, by identity. The nodes are kept alive by whoever asks.
private struct GradientPlaceKey: Hashable {
  let node: ObjectIdentifier
  let output: Int

  init?(_ tensor: Tensor) {
    guard let node = tensor.gradientNode else { return nil }
    self.node = ObjectIdentifier(node)
    output = tensor.gradientOutputIndex
  }

  init(_ edge: GradientNode.Edge) {
    node = ObjectIdentifier(edge.node)
    output = edge.outputIndex
  }
}

/// A scope of variables inside another: what it does not change itself is the outer scope's affair, or, outside a capture,
/// the parameter's own.
private protocol NestedVariables: CaptureScope.Variables {
  var outer: (any CaptureScope.Variables)? { get }
}

extension NestedVariables {
  func assign(_ newValue: Tensor, to parameter: Parameter, value: Tensor) {
    if let outer { return outer.assign(newValue, to: parameter, value: value) }
    CaptureScope.$current.withValue(nil) { parameter.value = newValue }
  }

  func gradient(of parameter: Parameter) -> Tensor? {
    if let outer { return outer.gradient(of: parameter) }
    return CaptureScope.$current.withValue(nil) { parameter.gradient }
  }

  func setGradient(_ gradient: Tensor?, of parameter: Parameter) {
    if let outer { return outer.setGradient(gradient, of: parameter) }
    CaptureScope.$current.withValue(nil) { parameter.gradient = gradient }
  }
}

/// Notes which trainable parameters are read, with what each gave.
private final class ParameterReads: NestedVariables {
  private struct State {
    var order: [(parameter: Parameter, tensor: Tensor)] = []
    var seen: Set<ObjectIdentifier> = []
  }

  private let state = Mutex(State())
  let outer: (any CaptureScope.Variables)?

  init(outer: (any CaptureScope.Variables)?) { self.outer = outer }

  var all: [(parameter: Parameter, tensor: Tensor)] { state.withLock { $0.order } }

  func variable(for parameter: Parameter, value: Tensor) -> Tensor {
    let tensor = outer?.variable(for: parameter, value: value) ?? value
    if tensor.tracksGradient {
      state.withLock { state in
        if state.seen.insert(ObjectIdentifier(parameter)).inserted { state.order.append((parameter, tensor)) }
      }
    }
    return tensor
  }
}

/// Gives parameters the tensors that stand for them while a function is computed again.
private final class ParameterSubstitutes: NestedVariables {
  private let tensors: [ObjectIdentifier: Tensor]
  let outer: (any CaptureScope.Variables)?

  init(parameters: [Parameter], tensors: [Tensor], outer: (any CaptureScope.Variables)?) {
    self.tensors = Dictionary(
      zip(parameters, tensors).map { (ObjectIdentifier($0), $1) }, uniquingKeysWith: { first, _ in first })
    self.outer = outer
  }

  func variable(for parameter: Parameter, value: Tensor) -> Tensor {
    tensors[ObjectIdentifier(parameter)] ?? outer?.variable(for: parameter, value: value) ?? value
  }

  /// Running statistics were brought forward when the function first ran; once is enough.
  func assign(_ newValue: Tensor, to parameter: Parameter, value: Tensor) {}
}

/// Gives keys from another source and notes them.
private final class KeyTape: RandomKeySource {
  private let source: any RandomKeySource
  private let keys = Mutex<[Tensor]>([])

  init(source: any RandomKeySource) { self.source = source }

  var given: [Tensor] { keys.withLock { $0 } }

  func nextKey() -> Tensor {
    let key = source.nextKey()
    keys.withLock { $0.append(key) }
    return key
  }
}

/// Gives noted keys again, in the same order.
private final class KeyReplay: RandomKeySource {
  private let keys: [Tensor]
  private let next = Mutex(0)

  init(_ keys: [Tensor]) { self.keys = keys }

  func nextKey() -> Tensor {
    let position = next.withLock { position in
      defer { position += 1 }
      return position
    }
    if position >= keys.count {
      fatalError("checkpoint: computed again, the function asks for more random keys than the \(keys.count) of before")
    }
    return keys[position]
  }
}
