import CDeepSeekEngines
import DeepSeekTensor

/// A graph of TensorFlow's library being built.
final class TensorFlowLibraryGraph: TensorFlowTarget {
  private let library: TensorFlowLibrary
  private let graph: OpaquePointer
  private var operations: [UnsafeMutableRawPointer?] = []

  init(_ library: TensorFlowLibrary, _ graph: OpaquePointer) {
    self.library = library
    self.graph = graph
  }

  /// An output, as the library names it.
  subscript(_ output: TensorFlowOutput) -> dse_tf_output {
    dse_tf_output(operation: operations[output.operation], index: Int32(output.index))
  }

  func add(_ operation: TensorFlowOperation) throws {
    let type = operation.type
    guard let description = library.newOperation(graph, type, operation.name) else {
      throw library.failure(type, "TensorFlow has no memory for it")
    }
    let list = operation.list.map { self[$0] }
    if !list.isEmpty { library.addInputList(description, list, Int32(list.count)) }
    for input in operation.inputs { library.addInput(description, self[input]) }
    // An operation that was begun must be finished, which also frees it.
    var failed: (any Error)?
    for (name, attribute) in operation.attributes {
      do { try set(name, attribute, description, type) } catch { failed = error }
    }
    let made = try library.checking(type) { library.finishOperation(description, $0) }
    if let failed { throw failed }
    operations.append(made)
  }

  private func set(
    _ name: String, _ attribute: TensorFlowAttribute, _ description: OpaquePointer, _ type: String
  ) throws {
    switch attribute {
    case .type(let dtype): library.setType(description, name, Int32(dtype.tensorFlowNumber))
    case .integer(let number): library.setInteger(description, name, Int64(number))
    case .integers(let numbers): library.setIntegers(description, name, numbers.map { Int64($0) }, Int32(numbers.count))
    case .bool(let flag): library.setBool(description, name, flag ? 1 : 0)
    case .string(let text): library.setString(description, name, text, text.utf8.count)
    case .shape(let lengths): library.setShape(description, name, lengths.map { Int64($0) }, Int32(lengths.count))
    case .tensor(let tensor):
      let given = try library.tensor(tensor)
      defer { library.deleteTensor(given) }
      try library.checking(type) { library.setTensor(description, name, given, $0) }
    }
  }
}
