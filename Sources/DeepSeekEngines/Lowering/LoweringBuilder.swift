import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

/// Builds the graph that an engine is given: what it has a counterpart of is noted, everything else is taken apart until
/// only such operators are left.
///
/// An operator that is taken apart is written in other operators, each of which comes back here: so one call lowers to any
/// depth. What depends on constants alone is computed at once by the framework's own kernels, and so is what has no
/// elements; random draws are noted for the framework's own kernels to make in each run.
final class LoweringBuilder: GraphBuilding {
  private(set) var graph = Graph()
  /// Operators that cannot be lowered, and how often.
  private(set) var unsupported: [String: Int] = [:]
  /// Nodes that the framework's own kernels run, by place in ``graph``: random draws.
  private(set) var hostNodes: Set<Int> = []
  let support: any OperatorSupport
  /// Values of indices that are known to count from the start.
  private var countingFromStart: Set<Int> = []
  /// What replaces other indices into so many entries.
  private var turned: [TurnedKey: Tensor] = [:]
  private var constants: [ConstantKey: Graph.Value] = [:]
  /// Whose memory tells constants apart: kept, so that no other tensor is given it.
  private var kept: [Tensor] = []

  private struct TurnedKey: Hashable {
    var value: Int
    var length: Int
  }

  init(_ support: any OperatorSupport) { self.support = support }

  /// A tensor that a run supplies.
  func source(_ spec: TensorSpec) -> Tensor {
    // Nothing is known of a source but its shape; one without elements is thereby known wholly.
    if spec.shape.elementCount == 0 {
      _ = graph.makeValue(spec)
      graph.inputs.append(.init("source_\(graph.inputs.count)", Graph.Value(graph.specs.count - 1)))
      return Tensor(uninitialized: spec.dtype, spec.shape)
    }
    let value = graph.makeValue(spec)
    graph.inputs.append(.init("source_\(graph.inputs.count)", value))
    return place(value)
  }

  /// The value of a tensor: its place, or a constant.
  func value(of tensor: Tensor) throws -> Graph.Value {
    if let place = tensor.graphValue { return Graph.Value(place.index) }
    if let stretched = tensor.unstretched {
      let wide = try note(BroadcastOperator(tensor.shape), [stretched], [tensor.spec])
      return Graph.Value(wide[0].graphValue!.index)
    }
    let key = ConstantKey(tensor)
    if let known = constants[key] { return known }
    let value = graph.makeValue(tensor.spec)
    graph.constants.append(.init(value, tensor.detached().contiguous()))
    constants[key] = value
    kept.append(tensor.detached())
    return value
  }

  /// Lowers one operator; see ``GraphBuilding``.
  func append(_ operation: any Operator, _ inputs: [Tensor], outputs: [TensorSpec]) throws -> [Tensor] {
    // Nothing that has no elements needs to be computed.
    if outputs.allSatisfy({ $0.shape.elementCount == 0 }) {
      return outputs.map { Tensor(uninitialized: $0.dtype, $0.shape) }
    }
    if operation.traits.contains(.random), isDraw(inputs) {
      let results = try note(operation, inputs, outputs)
      hostNodes.insert(graph.nodes.count - 1)
      return results
    }
    if let wide = try widened(operation, inputs, outputs) { return wide }
    let specs = inputs.map(\.spec)
    if support.runs(operation, specs) {
      return try note(operation, try withIndicesFromStart(operation, inputs), outputs)
    }
    guard let parts = try parts(operation, inputs, outputs) else {
      unsupported[operation.name, default: 0] += 1
      // The rest is lowered all the same, so that everything that is missing is named at once.
      return outputs.map { place(graph.makeValue($0)) }
    }
    return zip(parts, outputs).map { part, spec in
      let result = part.dtype == spec.dtype ? part : part.cast(to: spec.dtype)
      return result.shape == spec.shape ? result : result.reshaped(spec.shape)
    }
  }

  /// Whether a random operator reads its key alone, beside constants.
  private func isDraw(_ inputs: [Tensor]) -> Bool { inputs.dropLast().allSatisfy { $0.graphValue == nil } }

  private func parts(
    _ operation: any Operator, _ inputs: [Tensor], _ outputs: [TensorSpec]
  ) throws -> [Tensor]? {
    if let decompose = Decompositions.table[ObjectIdentifier(type(of: operation))],
      let parts = try decompose(operation, inputs, self)
    {
      return parts
    }
    return operation.decomposition(inputs)
  }

  /// Notes a node as it is.
  func note(_ operation: any Operator, _ inputs: [Tensor], _ outputs: [TensorSpec]) throws -> [Tensor] {
    let operands = try inputs.map { try value(of: $0) }
    let results = outputs.map { graph.makeValue(TensorSpec($0.dtype, $0.shape)) }
    graph.nodes.append(.init(operation, operands, outputs: results))
    return results.map { place($0) }
  }

  private func place(_ value: Graph.Value) -> Tensor {
    Tensor(graph: GraphValue(builder: self, index: value.index), spec: graph.spec(value))
  }
}

extension LoweringBuilder {
  /// Small types are computed in wide ones and rounded once, as the framework's own kernels do it: `float16` and
  /// `bfloat16` in `float32`, integers of less than 32 bits in `int64`, which wraps to the same low bits.
  private func widened(_ operation: any Operator, _ inputs: [Tensor], _ outputs: [TensorSpec]) throws -> [Tensor]? {
    guard !Decompositions.movesOnly(operation), inputs.contains(where: { $0.dtype.wide != nil }) else { return nil }
    let wide = inputs.map { input -> Tensor in input.dtype.wide.map { input.cast(to: $0) } ?? input }
    guard let specs = try? operation.infer(wide.map(\.spec)) else { return nil }
    return zip(try append(operation, wide, outputs: specs), outputs).map { result, spec in
      result.cast(to: spec.dtype)
    }
  }

  /// The operator's inputs with indices that count from the start: engines refuse negative ones.
  private func withIndicesFromStart(_ operation: any Operator, _ inputs: [Tensor]) throws -> [Tensor] {
    guard let (operand, length) = Decompositions.indexed(operation, inputs) else { return inputs }
    var result = inputs
    result[operand] = try fromStart(inputs[operand], length: length)
    return result
  }

  /// `int64` indices into `length` entries, negative ones turned to count from the start.
  func fromStart(_ index: Tensor, length: Int) throws -> Tensor {
    let wide = index.cast(to: .int64)
    guard let place = wide.graphValue else {
      let positions = wide.array(of: Int64.self)
      if let wrong = positions.first(where: { $0 < -Int64(length) || $0 >= Int64(length) }) {
        throw OperatorError("index", "\(wrong) is out of range for \(length) entries")
      }
      return Tensor(wide.shape, positions.map { $0 < 0 ? $0 + Int64(length) : $0 })
    }
    if countingFromStart.contains(place.index) { return wide }
    let key = TurnedKey(value: place.index, length: length)
    if let known = turned[key] { return known }
    let zero = Tensor([], [Int64(0)])
    let result = Tensor.select(wide.less(than: zero), wide + Tensor([], [Int64(length)]), wide)
    noteCountsFromStart(result)
    turned[key] = result
    return result
  }

  /// Notes that no element of `index` is negative.
  func noteCountsFromStart(_ index: Tensor) {
    if let place = index.graphValue { countingFromStart.insert(place.index) }
  }
}

/// Constants are told apart by their memory; small ones, of which there are many, by their bytes.
private enum ConstantKey: Hashable {
  case shared(ObjectIdentifier, DType, Layout)
  case small(DType, Shape, [UInt8])

  static let smallLimit = 64

  init(_ tensor: Tensor) {
    if tensor.elementCount * tensor.dtype.byteCount <= ConstantKey.smallLimit {
      self = .small(tensor.dtype, tensor.shape, tensor.withUnsafeBytes { Array($0) })
    } else {
      self = .shared(ObjectIdentifier(tensor.storage), tensor.dtype, tensor.layout)
    }
  }
}

extension DType {
  /// The type that engines compute this one in; `nil` when it is its own.
  fileprivate var wide: DType? {
    switch self {
    case .float16, .bfloat16: .float32
    case .int8, .uint8, .int16: .int64
    default: nil
    }
  }
}

extension Tensor {
  /// Elements above which a stretched constant is stretched by the engine.
  private static let stretchLimit = 1024

  /// For a large constant that is a stretched small one: the small one.
  fileprivate var unstretched: Tensor? {
    guard elementCount > Tensor.stretchLimit else { return nil }
    let axes = (0..<rank).filter { layout.stride($0) == 0 && shape[$0] > 1 }
    if axes.isEmpty { return nil }
    return viewed(axes.reduce(layout) { $0.sliced(axis: $1, start: 0, count: 1, step: 1) }).contiguous()
  }
}
