import DeepSeekGraph
public import DeepSeekTensor
import Synchronization

/// A graph that is declared first and run afterwards: placeholders, constants, variables, and what is computed from them.
///
/// ```swift
/// let graph = StaticGraph()
/// let x = graph.placeholder("x", [nil, 4])
/// let weight = graph.variable("weight", Tensor.ones([4]))
/// let y = (x * weight.tensor).sum(axis: 1)
/// let session = Session(graph)
/// print(try session.run(y, feeds: [x: Tensor([[1, 2, 3, 4]])]))
/// ```
///
/// Operators applied to its tensors become nodes at once, inside any scope or none. Code that reads parameters or random
/// keys (the layers of the dynamic graph) is called in ``building(_:)``, where parameters are the graph's variables. A graph
/// can grow after it has run. One thread builds at a time.
public final class StaticGraph: Sendable {
  /// The length of the first axis where it is left open: one for all placeholders, so that examples and their labels fit.
  public static let batch = Dimension.symbol("batch")

  let builder = GraphBuilder(namesNodes: true)
  let state = Mutex(StaticGraphState())

  /// An empty graph.
  public init() { StaticGraph.registry.withLock { $0[ObjectIdentifier(builder)] = Unowned(graph: self) } }

  deinit {
    builder.close()
    _ = StaticGraph.registry.withLock { $0.removeValue(forKey: ObjectIdentifier(builder)) }
  }

  /// A tensor to be fed in each run. A name that is taken gets a number.
  ///
  /// - Parameter shape: Lengths; `nil` is left open. An open first axis is ``batch``, of the same length in all placeholders;
  ///   another is a length of its own. A `Dimension.symbol` given in several places must have one length in a run.
  public func placeholder(_ name: String, _ shape: [Dimension?], dtype: DType = .float32) -> Tensor {
    let unique = builder.uniqueName(NodeScope.joined(NodeScope.current?.name ?? "", name))
    let dimensions = shape.enumerated().map { axis, length in
      length ?? (axis == 0 ? StaticGraph.batch : .symbol("\(unique).\(axis)"))
    }
    let tensor = StaticGraph.checked { try builder.input(unique, TensorSpec(dtype, Shape(dimensions))) }
    // So that gradients with respect to what is fed can be asked for; nobody pays for those that nobody fetches.
    return dtype.isFloatingPoint ? tensor.requiringGradient() : tensor
  }

  /// A tensor that is the same in every run.
  public func constant(_ value: Tensor) -> Tensor { StaticGraph.checked { try builder.constant(value) } }

  /// A piece of state with a first value. It keeps type and shape, and is trained unless told otherwise. A name that is taken
  /// gets a number.
  public func variable(_ name: String, _ initial: Tensor, isTrainable: Bool = true) -> StaticVariable {
    let parameter = Parameter(initial, isTrainable: isTrainable)
    return variable(name, parameter)
  }

  /// A parameter as one of the graph's variables: the same state that a layer of the dynamic graph reads.
  public func variable(_ name: String, _ parameter: Parameter) -> StaticVariable {
    let scoped = NodeScope.joined(NodeScope.current?.name ?? "", name)
    let unique = builder.setName(scoped, of: parameter)
    let variable = StaticVariable(name: unique, parameter: parameter, graph: self)
    state.withLock { state in
      if !state.variables.contains(where: { $0.parameter === parameter }) {
        state.variables.append((unique, parameter))
      }
    }
    return variable
  }

  /// Runs `body` so that the parameters it reads are this graph's variables, and the random keys it draws are drawn anew by
  /// each run. What it assigns to parameters (batch normalization its running statistics) is noted among ``updates``.
  public func building<Result>(_ body: () throws -> Result) rethrows -> Result {
    if CaptureScope.current === builder { return try body() }
    let (result, assigned) = try StaticGraph.$chosen.withValue(self) { try builder.assignments(body) }
    note(assigned)
    return result
  }

  /// What layers assigned to parameters while the graph was built, as one operation; where a layer was called several times,
  /// its last call counts. An optimizer's `minimize` runs it too.
  public var updates: StaticOperation {
    StaticOperation("updates", self, state.withLock { $0.updates })
  }

  func note(_ assigned: [(parameter: Parameter, tensor: Tensor)]) {
    state.withLock { state in
      for (parameter, tensor) in assigned {
        state.updates.removeAll { $0.parameter === parameter }
        state.updates.append((parameter, tensor))
      }
    }
  }

  /// The graph that a tensor belongs to. Traps for one of none.
  static func of(_ tensor: Tensor, _ who: String) -> StaticGraph {
    guard let place = tensor.graphValue,
      let graph = registry.withLock({ $0[ObjectIdentifier(place.builder)]?.graph })
    else { fatalError("\(who): a \(tensor.spec) is no tensor of a StaticGraph, or its graph is gone") }
    return graph
  }

  /// For calls that fail only by the programmer's mistake.
  static func checked<Result>(_ body: () throws -> Result) -> Result {
    do { return try body() } catch { fatalError("\(error)") }
  }

  private struct Unowned: Sendable {
    weak var graph: StaticGraph?
  }

  /// Which graph a builder belongs to.
  private static let registry = Mutex<[ObjectIdentifier: Unowned]>([:])
  /// The graph that is built in the current task.
  @TaskLocal private static var chosen: StaticGraph?
  private static let processDefault = Mutex(StaticGraph())
}

extension StaticGraph {
  /// The graph that is being built: that of the innermost ``asDefault(_:)``, otherwise one for the process.
  public static var current: StaticGraph { chosen ?? processDefault.withLock { $0 } }

  /// Puts an empty graph in place of the process's own; what was built in the old one can still run in sessions of it.
  public static func resetDefault() { processDefault.withLock { $0 = StaticGraph() } }

  /// Runs `body` with this graph as ``current``, and ``building(_:)`` it.
  public func asDefault<Result>(_ body: () throws -> Result) rethrows -> Result { try building(body) }
}

/// What a static graph keeps beside its builder.
struct StaticGraphState {
  /// What layers assigned to parameters, in order.
  var updates: [(parameter: Parameter, tensor: Tensor)] = []
  /// What ``StaticGraph/variable(_:_:isTrainable:)`` made.
  var variables: [(name: String, parameter: Parameter)] = []
  /// Nodes that wait for operations.
  var controls: [(nodes: Range<Int>, operations: [StaticOperation])] = []
}
