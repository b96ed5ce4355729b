import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

/// Builds our graph from operators that a file names: every shape rule is checked, nothing traps, and what depends on
/// constants alone is computed at once as long as that takes little memory.
///
/// With ``evaluates`` all inputs are constants, and everything is computed at once, whatever it takes: a run node by node.
final class GraphAssembler {
  private let builder = GraphBuilder()
  /// Whether everything is computed at once.
  let evaluates: Bool
  /// How many bytes may still come from computing constants; the graph computes what is beyond that when it runs.
  private var budget: Int
  /// How many tensors may still be made, and nodes of the file looked at.
  private var remaining: Int

  /// The most elements a tensor may have: more than any memory holds, and few enough that products of sizes do not overflow.
  static let largestElementCount = 1 << 42
  /// The most terms that a length may be made of; see `Dimension.complexity`.
  static let largestComplexity = 256
  /// What one operator may add to its inputs' bytes when it is computed at once.
  private static let growthLimit = 1 << 20

  /// Tensors that a graph may have whatever its file's size. A few bytes can take a tensor apart in very many parts, or call a
  /// function that calls others; a file that is longer may have one more for each byte.
  static let freeTensors = 1 << 18

  /// For a file of so many bytes.
  init(fileByteCount: Int, evaluates: Bool = false) {
    budget = max(64 << 20, fileByteCount <= 1 << 40 ? 16 * fileByteCount : fileByteCount)
    self.evaluates = evaluates
    remaining = GraphAssembler.freeTensors + fileByteCount
  }

  /// Counts tensors that are made, or nodes that are looked at. Throws when they are more than the file can justify.
  func count(_ tensors: Int) throws {
    remaining -= tensors
    guard remaining >= 0 else {
      throw OperatorError(
        "graph", "it makes more tensors of its nodes than its bytes and \(GraphAssembler.freeTensors)")
    }
  }

  /// Counts a copy of a list of tensors, which is far cheaper than making them, but not free.
  func countCopy(_ list: [Tensor?]) throws { try count(list.count / 64) }

  /// A new input.
  func input(_ name: String, _ spec: TensorSpec) throws -> Tensor {
    try GraphAssembler.checkSize(spec)
    return try builder.input(name, spec)
  }

  /// The graph of all that was applied.
  func finish(outputs: [(name: String, tensor: Tensor)]) throws -> Graph { try builder.finish(outputs: outputs) }

  /// The outputs of an operator. Throws `OperatorError` when it does not take these inputs.
  func apply(_ operation: any Operator, _ inputs: [Tensor]) throws -> [Tensor] {
    let isConstant = inputs.allSatisfy { $0.graphValue == nil }
    let specs = try operation.infer(inputs.map { TensorSpec($0.dtype, $0.shape, value: isConstant ? $0 : nil) })
    for spec in specs { try GraphAssembler.checkSize(spec) }
    // A run node by node makes a tensor, and lets it go.
    if !evaluates { try count(specs.count) }
    if isConstant && (evaluates || mayCompute(operation, inputs, specs)) {
      return try noGradient { try applyChecked(operation, inputs) }
    }
    return try builder.append(operation, inputs, outputs: specs)
  }

  /// The first output of an operator.
  func apply(_ operation: any Operator, _ inputs: Tensor...) throws -> Tensor { try apply(operation, inputs)[0] }

  private func mayCompute(_ operation: any Operator, _ inputs: [Tensor], _ specs: [TensorSpec]) -> Bool {
    guard specs.allSatisfy(\.shape.isKnown) else { return false }
    let produced = specs.reduce(0) { $0 + GraphAssembler.byteCount($1) }
    let given = inputs.reduce(0) { $0 + GraphAssembler.byteCount($1.spec) }
    guard produced - given <= GraphAssembler.growthLimit else { return false }
    // A view of what is there takes nothing, unless it repeats it.
    let isView = operation.traits.contains(.view) && produced <= given
    guard isView || produced <= budget else { return false }
    if !isView { budget -= produced }
    return true
  }

  /// Takes memory that a constant needs beyond what stands in the file. Throws when the file cannot justify it.
  func takeBudget(_ byteCount: Int) throws {
    if evaluates { return }
    guard byteCount <= budget else { throw OperatorError("constant", "\(byteCount) bytes follow from few in the file") }
    budget -= byteCount
  }

  private static func byteCount(_ spec: TensorSpec) -> Int { spec.shape.elementCount * spec.dtype.byteCount }

  /// Throws when a tensor of this shape could be in no memory. Axes of no elements do not excuse the others.
  static func checkSize(_ spec: TensorSpec) throws {
    var total = 1
    for dimension in spec.shape.dimensions {
      guard dimension.complexity <= largestComplexity else {
        throw OperatorError("shape", "a length is an expression of more than \(largestComplexity) terms")
      }
      let (product, overflow) = total.multipliedReportingOverflow(by: max(dimension.known ?? 1, 1))
      guard !overflow, product <= largestElementCount else {
        throw OperatorError("shape", "\(spec) has more elements than any memory holds")
      }
      total = product
    }
  }
}
