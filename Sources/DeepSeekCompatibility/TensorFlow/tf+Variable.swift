public import DeepSeekStatic
import DeepSeekGraph
import DeepSeekOperators
public import DeepSeekTensor

extension StaticVariable {
  /// A variable of the current graph. A first value that is computed in the graph, such as `tf.random_normal`'s, is computed
  /// once, now; traps when it needs something that is fed.
  @available(*, deprecated, message: "use ds.variable(name, initial); as an operand write variable.tensor")
  public init(_ initial: Tensor, trainable: Bool = true, name: String = "Variable") {
    let graph = StaticGraph.graph(of: initial) ?? .current
    self = graph.variable(name, StaticVariable.value(of: initial, graph), isTrainable: trainable)
  }

  private static func value(of initial: Tensor, _ graph: StaticGraph) -> Tensor {
    if initial.graphValue == nil { return initial }
    do {
      return try RandomGenerator.outsideCapture { try Session(graph, backend: .native).run(initial) }
    } catch {
      fatalError("tf.Variable: its first value cannot be computed: \(error)")
    }
  }

  /// The sum, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func + (left: StaticVariable, right: Tensor) -> Tensor { left.tensor + right }
  /// The sum, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func + (left: Tensor, right: StaticVariable) -> Tensor { left + right.tensor }
  /// The difference, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func - (left: StaticVariable, right: Tensor) -> Tensor { left.tensor - right }
  /// The difference, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func - (left: Tensor, right: StaticVariable) -> Tensor { left - right.tensor }
  /// The product, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func * (left: StaticVariable, right: Tensor) -> Tensor { left.tensor * right }
  /// The product, the variable read as a tensor.
  @available(*, deprecated, message: "write variable.tensor")
  public static func * (left: Tensor, right: StaticVariable) -> Tensor { left * right.tensor }
}
