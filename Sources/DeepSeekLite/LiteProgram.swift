public import DeepSeekCheckpoints
public import DeepSeekGraph
public import DeepSeekTensor

/// A program's file, opened to be run and nothing else: what a machine at the edge needs. No layers, no training, no
/// tokenizers, no command line.
///
/// ```swift
/// let program = try LiteProgram(contentsOf: "detector.dsprogram")
/// let boxes = try program.run(["image": image])["boxes"]!
/// ```
///
/// Any number of threads may run it at once.
public final class LiteProgram: Sendable {
  private let executor: CPUExecutor

  /// Opens a program. Throws `CheckpointError` when the file cannot be read, `GraphError` when it does not hold a whole graph.
  public init(contentsOf path: String, access: FileAccess = .mapped) throws {
    executor = try CPUExecutor(Graph(contentsOf: path, access: access))
  }

  /// Names, types and shapes of what it takes, in order; open lengths are symbols.
  public var inputs: [(name: String, spec: TensorSpec)] { ports(executor.graph.inputs) }
  /// Names, types and shapes of what it gives, in order.
  public var outputs: [(name: String, spec: TensorSpec)] { ports(executor.graph.outputs) }

  private func ports(_ ports: [Graph.Port]) -> [(name: String, spec: TensorSpec)] {
    ports.map { ($0.name, executor.graph.spec($0.value)) }
  }

  /// All outputs in order for the inputs in order. Throws `GraphError` when an input does not fit.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] { try executor.run(inputs) }

  /// Outputs by name for inputs by name. Throws `GraphError` when a name is unknown or an input does not fit.
  public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] { try executor.run(inputs) }

  /// What a run with inputs of these shapes does with memory beside the weights.
  public func memoryReport(_ shapes: [Shape]) throws -> MemoryReport { try executor.memoryReport(shapes) }
}
