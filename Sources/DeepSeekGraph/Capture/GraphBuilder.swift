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
  private let state: Mutex<GraphBuilderState>

  /// A builder of a new graph.
  ///
  /// `naming` gives variables their names, such as those of a module's state dictionary; a parameter that is not among
  /// them is named `variable_0`, `variable_1`, … in the order of reading. With `namesNodes` every node is named after its
  /// operator and the ``NodeScope`` it is made in; otherwise those alone that are made in one.
  public init(naming: [(name: String, parameter: Parameter)] = [], namesNodes: Bool = false) {
    var initial = GraphBuilderState(namesNodes: namesNodes)
    for (name, parameter) in naming { initial.names[ObjectIdentifier(parameter)] = (name, parameter) }
    state = Mutex(initial)
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
      try RandomGenerator.$current.withValue(
        CapturedKeys(self, outside: RandomGenerator.current.forValues), operation: body)
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
    let scope = NodeScope.current
    let values = try state.withLock { state in
      try state.expectUnfinished(operation.name)
      let operands = try inputs.map { try state.value(of: $0, for: self) }
      let results = outputs.map { state.graph.makeValue($0) }
      let name = state.nodeName(operation.name, scope)
      state.graph.nodes.append(Graph.Node(operation, operands, outputs: results, name: name, device: scope?.device))
      return results
    }
    guard let device = scope?.device else { return zip(values, outputs).map { place($0, $1) } }
    return zip(values, outputs).map { place($0, $1).placed(on: device) }
  }

  func withState<Result: Sendable>(_ body: (inout GraphBuilderState) throws -> Result) rethrows -> Result {
    try state.withLock { try body(&$0) }
  }

  func place(_ value: Graph.Value, _ spec: TensorSpec) -> Tensor {
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
      state.assign(newValue.detached(), to: parameter)
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

extension GraphBuilder {
  /// A place for a key, which each run draws anew.
  fileprivate func nextKey() -> Tensor {
    let value = state.withLock { state in
      let value = state.graph.makeValue(Graph.keySpec)
      state.graph.keys.append(value)
      return value
    }
    return place(value, Graph.keySpec)
  }
}

/// Keys of a graph being built, and where those of values come from meanwhile.
private final class CapturedKeys: RandomKeySource {
  let forValues: any RandomKeySource
  private let builder: GraphBuilder

  init(_ builder: GraphBuilder, outside: any RandomKeySource) {
    self.builder = builder
    forValues = outside
  }

  func nextKey() -> Tensor { builder.nextKey() }
}

/// What a builder has gathered.
struct GraphBuilderState {
  var graph = Graph()
  private let namesNodes: Bool
  /// How often each name was asked for, so that a name is given once.
  private var nameCounts: [String: Int] = [:]
  var names: [ObjectIdentifier: (name: String, parameter: Parameter)] = [:]
  /// What parameters were assigned, by parameter; the graph's variables keep the parameters alive.
  var assigned: [ObjectIdentifier: Tensor] = [:]
  /// The parameters in ``assigned``, in the order of their first assignment.
  private var assignedOrder: [Parameter] = []
  /// Gradients gathered by a backward walk inside the capture; the parameter is kept so that its identity stays its own.
  var gradients: [ObjectIdentifier: (parameter: Parameter, gradient: Tensor)] = [:]
  private var variablePlaces: [ObjectIdentifier: Int] = [:]
  private var constants: [ConstantKey: Graph.Value] = [:]
  private var isFinished = false

  init(namesNodes: Bool) { self.namesNodes = namesNodes }

  /// A node's name, given to no other: the scope's and the operator's, with a number behind it from the second on.
  mutating func nodeName(_ operation: String, _ scope: NodeScope?) -> String? {
    guard namesNodes || scope?.name.isEmpty == false else { return nil }
    return uniqueName(NodeScope.joined(scope?.name ?? "", operation))
  }

  mutating func uniqueName(_ name: String) -> String {
    let count = nameCounts[name, default: 0]
    nameCounts[name] = count + 1
    return count == 0 ? name : uniqueName("\(name)_\(count)")
  }

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
    assignedOrder = []
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
    if let parameter = tensor.gradientNode?.parameter, parameter.leaf === tensor.gradientNode {
      // A weight read outside the building of the graph: a constant in its place would never be trained.
      return graph.variables[variableIndex(for: parameter, value: tensor)].value
    }
    let key = ConstantKey(tensor)
    if let known = constants[key] { return known }
    let value = graph.makeValue(tensor.spec)
    graph.constants.append(Graph.Constant(value, tensor.detached()))
    constants[key] = value
    return value
  }

  mutating func assign(_ tensor: Tensor, to parameter: Parameter) {
    if assigned.updateValue(tensor, forKey: ObjectIdentifier(parameter)) == nil { assignedOrder.append(parameter) }
  }

  /// What parameters hold, in the order in which they were first assigned.
  var assignments: [(parameter: Parameter, tensor: Tensor)] {
    assignedOrder.map { ($0, assigned[ObjectIdentifier($0)]!) }
  }

  /// What parameters hold and the gradients gathered, which an inner scope puts aside.
  struct Assignments: Sendable {
    fileprivate var assigned: [ObjectIdentifier: Tensor]
    fileprivate var order: [Parameter]
    fileprivate var gradients: [ObjectIdentifier: (parameter: Parameter, gradient: Tensor)]
  }

  /// Begins a scope in which parameters hold what is given, and returns what they held.
  mutating func beginAssignments(_ given: [(parameter: Parameter, tensor: Tensor)]) -> Assignments {
    let before = Assignments(assigned: assigned, order: assignedOrder, gradients: gradients)
    endAssignments(Assignments(assigned: [:], order: [], gradients: [:]))
    for (parameter, tensor) in given { assign(tensor, to: parameter) }
    return before
  }

  /// Ends a scope: parameters hold what they held before it.
  mutating func endAssignments(_ before: Assignments) {
    (assigned, assignedOrder, gradients) = (before.assigned, before.order, before.gradients)
  }

  /// Gives a parameter its name, with a number behind it when another has it; returns the name.
  mutating func setName(_ name: String, of parameter: Parameter) -> String {
    let key = ObjectIdentifier(parameter)
    let others = Set(graph.variables.map(\.name) + names.values.map(\.name)).subtracting([names[key]?.name ?? ""])
    var (unique, number) = (name, 0)
    while others.contains(unique) {
      number += 1
      unique = "\(name)_\(number)"
    }
    names[key] = (unique, parameter)
    if let place = variablePlaces[key] { graph.variables[place].name = unique }
    return unique
  }

  func name(of parameter: Parameter) -> String? {
    let key = ObjectIdentifier(parameter)
    return variablePlaces[key].map { graph.variables[$0].name } ?? names[key]?.name
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
