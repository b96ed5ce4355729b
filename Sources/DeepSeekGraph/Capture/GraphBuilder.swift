public import DeepSeekTensor
import Synchronization

/// Builds a ``Graph`` out of what is applied to its tensors.
///
/// ```swift
/// let builder = GraphBuilder()
/// let x = try builder.input("x", TensorSpec(.float32, [2, 3]))
/// let graph = try builder.finish(outputs: [("y", x * 2)])
/// ```
///
/// Values that meet its tensors become constants, one for each storage and layout; parameters read inside
/// ``building(_:)`` become named variables; random keys drawn there become inputs that a run supplies. One thread builds
/// at a time.
public final class GraphBuilder: GraphBuilding, Sendable {
  private let state = Mutex(GraphBuilderState())

  /// A builder of a new graph.
  ///
  /// `naming` gives variables their names, such as those of a module's state dictionary; a parameter that is not among
  /// them is named `variable_0`, `variable_1`, … in the order of reading.
  public init(naming: [(name: String, parameter: Parameter)] = []) {
    state.withLock { state in
      for (name, parameter) in naming { state.names[ObjectIdentifier(parameter)] = (name, parameter) }
    }
  }

  /// A new input, and the tensor that stands for it. Throws ``GraphError`` when the name is taken or the graph finished.
  public func input(_ name: String, _ spec: TensorSpec) throws -> Tensor {
    let value = try state.withLock { state in
      try state.expectUnfinished()
      if state.graph.inputs.contains(where: { $0.name == name }) {
        throw GraphError.capture("two inputs are named '\(name)'")
      }
      let value = state.graph.makeValue(spec)
      state.graph.inputs.append(Graph.Port(name, value))
      return value
    }
    return place(value, spec)
  }

  /// Runs `body` so that parameters read in it are this graph's variables and random keys its inputs.
  public func building<Result>(_ body: () throws -> Result) rethrows -> Result {
    try CaptureScope.$current.withValue(self) {
      try RandomGenerator.$current.withValue(self, operation: body)
    }
  }

  /// The graph so far, with these outputs. Throws ``GraphError`` when it is not whole.
  public func graph(outputs: [(name: String, tensor: Tensor)]) throws -> Graph {
    let graph = try state.withLock { state in
      try state.expectUnfinished()
      let ports = try outputs.map { Graph.Port($0.name, try state.value(of: $0.tensor, for: self)) }
      try state.noteUpdates(for: self)
      var graph = state.graph
      graph.outputs = ports
      return graph
    }
    try graph.verify()
    return graph
  }

  /// The graph with these outputs; the builder and its tensors are of no use after that.
  public func finish(outputs: [(name: String, tensor: Tensor)]) throws -> Graph {
    let graph = try graph(outputs: outputs)
    close()
    return graph
  }

  /// Ends the building: tensors of the graph that escaped trap with a readable line when they are used.
  public func close() { state.withLock { $0.close() } }

  /// Notes a node; see ``GraphBuilding``.
  public func append(_ operation: any Operator, _ inputs: [Tensor], outputs: [TensorSpec]) throws -> [Tensor] {
    let values = try state.withLock { state in
      try state.expectUnfinished(operation.name)
      let operands = try inputs.map { try state.value(of: $0, for: self) }
      let results = outputs.map { state.graph.makeValue($0) }
      state.graph.nodes.append(Graph.Node(operation, operands, outputs: results))
      return results
    }
    return zip(values, outputs).map { place($0, $1) }
  }

  private func place(_ value: Graph.Value, _ spec: TensorSpec) -> Tensor {
    Tensor(graph: GraphValue(builder: self, index: value.index), spec: spec)
  }
}

extension GraphBuilder: CaptureScope.Variables {
  /// What the parameter holds at this point of the capture: its variable, or what was assigned to it since.
  public func variable(for parameter: Parameter, value: Tensor) -> Tensor {
    let (index, assigned) = state.withLock { state -> (Graph.Value, Tensor?) in
      let place = state.variableIndex(for: parameter, value: value)
      return (state.graph.variables[place].value, state.assigned[ObjectIdentifier(parameter)])
    }
    return (assigned ?? self.place(index, value.spec)).tracked(by: value.gradientNode)
  }

  /// Notes what the parameter is to hold after a run. Traps when type or shape change: a graph's variables keep theirs.
  public func assign(_ newValue: Tensor, to parameter: Parameter, value: Tensor) {
    if newValue.spec != value.spec {
      fatalError(
        "capture: a parameter of \(value.spec) is assigned a \(newValue.spec); a variable keeps its type and shape")
    }
    state.withLock { state in
      _ = state.variableIndex(for: parameter, value: value)
      state.assigned[ObjectIdentifier(parameter)] = newValue.detached()
    }
  }
}

extension GraphBuilder {
  /// The gradient gathered for a parameter in this capture.
  public func gradient(of parameter: Parameter) -> Tensor? {
    state.withLock { $0.gradients[ObjectIdentifier(parameter)]?.gradient }
  }

  /// Sets the gradient gathered for a parameter in this capture.
  public func setGradient(_ gradient: Tensor?, of parameter: Parameter) {
    state.withLock { $0.gradients[ObjectIdentifier(parameter)] = gradient.map { (parameter, $0) } }
  }
}

extension GraphBuilder: RandomKeySource {
  /// A place for a key, which each run draws anew.
  public func nextKey() -> Tensor {
    let value = state.withLock { state in
      let value = state.graph.makeValue(Graph.keySpec)
      state.graph.keys.append(value)
      return value
    }
    return place(value, Graph.keySpec)
  }
}

/// What a builder has gathered.
private struct GraphBuilderState {
  var graph = Graph()
  var names: [ObjectIdentifier: (name: String, parameter: Parameter)] = [:]
  /// What parameters were assigned, by parameter; the graph's variables keep the parameters alive.
  var assigned: [ObjectIdentifier: Tensor] = [:]
  /// Gradients gathered by a backward walk inside the capture; the parameter is kept so that its identity stays its own.
  var gradients: [ObjectIdentifier: (parameter: Parameter, gradient: Tensor)] = [:]
  private var variablePlaces: [ObjectIdentifier: Int] = [:]
  private var constants: [ConstantKey: Graph.Value] = [:]
  private var isFinished = false

  /// Constants are told apart by storage and layout; small ones, of which every capture makes many, by their bytes.
  private enum ConstantKey: Hashable {
    case shared(ObjectIdentifier, DType, Layout)
    case small(DType, Shape, [UInt8])

    static let smallLimit = 64

    init(_ tensor: Tensor) {
      let byteCount = tensor.elementCount * tensor.dtype.byteCount
      if byteCount <= ConstantKey.smallLimit {
        self = .small(tensor.dtype, tensor.shape, tensor.withUnsafeBytes { Array($0) })
      } else {
        self = .shared(ObjectIdentifier(tensor.storage), tensor.dtype, tensor.layout)
      }
    }
  }

  func expectUnfinished(_ operation: String? = nil) throws {
    guard isFinished else { return }
    let what = operation.map { "'\($0)' is applied to a tensor" } ?? "a tensor is asked"
    throw GraphError.capture(
      "\(what) of a graph that is finished; only what the capture returns can be used outside it")
  }

  mutating func close() {
    isFinished = true
    assigned = [:]
    gradients = [:]
    names = [:]
    constants = [:]
  }

  mutating func value(of tensor: Tensor, for builder: GraphBuilder) throws -> Graph.Value {
    if let place = tensor.graphValue {
      guard place.builder === builder else {
        throw GraphError.capture(
          "a \(tensor.spec) belongs to another graph; a tensor made inside one capture cannot be used in another")
      }
      return Graph.Value(place.index)
    }
    let key = ConstantKey(tensor)
    if let known = constants[key] { return known }
    let value = graph.makeValue(tensor.spec)
    graph.constants.append(Graph.Constant(value, tensor.detached()))
    constants[key] = value
    return value
  }

  mutating func variableIndex(for parameter: Parameter, value: Tensor) -> Int {
    let key = ObjectIdentifier(parameter)
    if let place = variablePlaces[key] { return place }
    let name = names[key]?.name ?? freeName()
    graph.variables.append(Graph.Variable(name, graph.makeValue(value.spec), parameter))
    variablePlaces[key] = graph.variables.count - 1
    return graph.variables.count - 1
  }

  private func freeName() -> String {
    let taken = Set(graph.variables.map(\.name) + names.values.map(\.name))
    var number = graph.variables.count
    while taken.contains("variable_\(number)") { number += 1 }
    return "variable_\(number)"
  }

  mutating func noteUpdates(for builder: GraphBuilder) throws {
    for place in graph.variables.indices {
      guard let assigned = assigned[ObjectIdentifier(graph.variables[place].parameter)] else { continue }
      let update = try value(of: assigned, for: builder)
      graph.variables[place].update = update == graph.variables[place].value ? nil : update
    }
  }
}
