import DeepSeekGraph
import DeepSeekTensor

/// A lowered graph that PyTorch runs operator by operator.
final class PyTorchPlan: EnginePlan, @unchecked Sendable {
  // Nothing changes after `init`, and PyTorch's operators may be called by several threads at once.
  private let graph: Graph
  private let library: PyTorchLibrary
  private let nodes: [(rule: OperatorRule<PyTorchEmitter>, node: EngineNode)]
  /// The values that are read for the last time by each node.
  private let lastRead: [[Int]]

  init(_ lowered: Graph, _ library: PyTorchLibrary) {
    graph = lowered
    self.library = library
    nodes = lowered.nodes.map { node in
      guard let rule = PyTorchEmitter.table.rule(for: node.operation) else {
        fatalError("pytorch: \(node.operation.name) was lowered to without a rule")
      }
      let known = EngineNode(
        operation: node.operation, inputs: node.inputs.map { lowered.spec($0) },
        outputs: node.outputs.map { lowered.spec($0) })
      return (rule, known)
    }
    var last: [Graph.Value: Int] = [:]
    for (index, node) in lowered.nodes.enumerated() {
      for value in node.inputs + node.outputs { last[value] = index }
    }
    for output in lowered.outputs { last[output.value] = nil }
    var lastRead = Array(repeating: [Int](), count: lowered.nodes.count)
    for (value, index) in last { lastRead[index].append(value.index) }
    self.lastRead = lastRead
  }

  func run(_ inputs: [Tensor]) throws -> [Tensor] {
    let tracked = library.tracksGradients()
    library.setTracksGradients(false)
    library.setThreads?(Int32(clamping: Parallel.threadCount))
    defer { library.setTracksGradients(tracked) }
    let emitter = PyTorchEmitter(library: library)
    let constants = graph.constants.map(\.tensor)
    return try withExtendedLifetime((inputs, constants)) {
      var values = [PyTorchTensor?](repeating: nil, count: graph.specs.count)
      for (port, tensor) in zip(graph.inputs, inputs) {
        values[port.value.index] = try PyTorchTensor(borrowing: tensor, library)
      }
      for constant in graph.constants {
        values[constant.value.index] = try PyTorchTensor(borrowing: constant.tensor, library)
      }
      for (index, (rule, known)) in nodes.enumerated() {
        let node = graph.nodes[index]
        do {
          let results = try rule.emit(emitter, known, node.inputs.map { values[$0.index]! })
          for (value, result) in zip(node.outputs, results) { values[value.index] = result }
        } catch EngineError.execution(_, let operation, let message) {
          throw library.failure("\(node.operation.name) (aten::\(operation))", message)
        }
        for value in lastRead[index] { values[value] = nil }
      }
      let borrowed = (inputs + constants).map { tensor in
        (start: UInt(bitPattern: tensor.storage.pointer), count: UInt(tensor.storage.byteCount))
      }
      return try graph.outputs.map { port in
        try result(values[port.value.index]!, graph.spec(port.value), emitter, borrowed)
      }
    }
  }

  /// A tensor of ours on the memory of one of PyTorch's; a copy when that is memory that was lent to it.
  private func result(
    _ tensor: PyTorchTensor, _ spec: TensorSpec, _ emitter: PyTorchEmitter, _ borrowed: [(start: UInt, count: UInt)]
  ) throws -> Tensor {
    let dense = try emitter.contiguous(tensor)
    let (lengths, code) = (try dense.lengths(), try dense.code())
    guard lengths == Array(spec.shape), code == (try library.code(spec.dtype)) else {
      throw library.failure("fetch", "a result of type \(code) and shape \(lengths) came back, \(spec) is expected")
    }
    guard let pointer = try dense.pointer() else { throw library.failure("fetch", "a result has no memory") }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: spec.shape.elementCount * spec.dtype.byteCount)
    let address = UInt(bitPattern: pointer)
    if borrowed.contains(where: { address >= $0.start && address < $0.start + $0.count }) {
      return try Tensor(bytes: bytes, dtype: spec.dtype, shape: spec.shape)
    }
    nonisolated(unsafe) let owner = dense
    let storage = Storage(borrowing: bytes, release: { withExtendedLifetime(owner) {} })
    return Tensor(storage: storage, dtype: spec.dtype, layout: Layout(spec.shape))
  }
}
