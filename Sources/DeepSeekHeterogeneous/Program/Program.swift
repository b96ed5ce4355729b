public import DeepSeekDynamic
public import DeepSeekGraph
public import DeepSeekTensor

/// A function made ready to run: its graph captured, passed through the optimizing passes, its memory planned for each
/// combination of shapes when that is first met.
///
/// ```swift
/// let program = try Program([("x", TensorSpec(.float32, Shape([.symbol("batch"), 64])))]) { inputs in
///   [("y", model(inputs["x"]!))]
/// }
/// let y = try program(batch)[0]
/// ```
///
/// Any number of threads may run it at once, each in an arena of its own. Its inputs' known lengths and their symbols are
/// guards: what does not fit them is refused with a ``DeepSeekGraph/GraphError`` that names the input.
public final class Program: Sendable {
  /// What is run.
  public let graph: Graph
  let executor: CPUExecutor

  /// The program of what `body` computes for inputs of these names, types and shapes; see `capture`.
  ///
  /// - Parameters:
  ///   - inputs: Names, types and shapes; lengths that may differ from run to run are symbols.
  ///   - naming: Names for weights that stay variables.
  ///   - options: What the passes may do.
  /// - Throws: `GraphError`, and whatever `body` throws.
  public convenience init(
    _ inputs: [(name: String, spec: TensorSpec)], naming: [(name: String, parameter: Parameter)] = [],
    options: CompileOptions = CompileOptions(), _ body: ([String: Tensor]) throws -> [(name: String, tensor: Tensor)]
  ) throws {
    try self.init(noGradient { try capture(inputs, naming: naming, body) }, options: options)
  }

  /// The program of a graph, one that was imported for instance.
  public convenience init(_ graph: Graph, options: CompileOptions = CompileOptions()) throws {
    // What a run changes stays a variable; all else may be frozen.
    let isFrozen = options.freezesWeights && graph.variables.allSatisfy { $0.update == nil }
    var optimized = try (isFrozen ? graph.freezingVariables() : graph).optimized(options.passes)
    if options.precision == .bfloat16 {
      optimized = try optimized.applying([.lowPrecision(.bfloat16)]).optimized(GraphPass.castCleaning)
    }
    try self.init(ready: optimized.applying([.weightPacking, .deadCode]).compacted())
  }

  /// The program of a graph as it is.
  init(ready graph: Graph) throws {
    self.graph = graph
    executor = try CPUExecutor(graph)
  }

  /// All outputs in order for the inputs in order. Throws `GraphError` when an input does not fit.
  public func callAsFunction(_ inputs: Tensor...) throws -> [Tensor] { try executor.run(inputs) }

  /// All outputs in order for the inputs in order. Throws `GraphError` when an input does not fit.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] { try executor.run(inputs) }

  /// Outputs by name for inputs by name. Throws `GraphError` when a name is unknown or an input does not fit.
  public func run(_ inputs: [String: Tensor], fetches: [String]? = nil) throws -> [String: Tensor] {
    try executor.run(inputs, fetches: fetches)
  }

  /// What a run with inputs of these shapes does with memory.
  public func memoryReport(_ shapes: [Shape]) throws -> MemoryReport { try executor.memoryReport(shapes) }

  /// Bytes of the weights and other constants.
  public var constantByteCount: Int {
    graph.constants.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.byteCount }
  }
}

extension Layer {
  /// A program of the layer for inputs like `example`, of any length in `dynamicAxes`.
  ///
  /// ```swift
  /// let fast = try model.compiled(for: images)
  /// let logits = try fast(images)[0]
  /// ```
  ///
  /// In evaluation mode, unless the layer is being trained: compile what you evaluate after `eval()`.
  public func compiled(
    for example: Tensor, dynamicAxes: Set<Int> = [0], options: CompileOptions = CompileOptions()
  ) throws -> Program {
    let spec = TensorSpec(example.dtype, example.shape.opened(dynamicAxes, named: "input"))
    return try Program([("input", spec)], naming: namedParameters().map { ($0.name, $0.parameter) }, options: options) {
      [("output", self($0["input"]!))]
    }
  }
}

extension Shape {
  /// The shape with symbols at these axes, called `batch` for the first axis and `name.axis` for others.
  func opened(_ axes: Set<Int>, named name: String) -> Shape {
    axes.sorted().reduce(self) { shape, axis in
      guard axis < shape.rank else { fatalError("compiled: the example \(shape) has no axis \(axis)") }
      return shape.replacing(axis, with: .symbol(axis == 0 ? "batch" : "\(name).\(axis)"))
    }
  }
}
