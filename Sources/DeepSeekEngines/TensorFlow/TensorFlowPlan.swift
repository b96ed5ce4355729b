import CDeepSeekEngines
import DeepSeekGraph
import DeepSeekTensor

/// A lowered graph as a graph and a session of TensorFlow's.
final class TensorFlowPlan: EnginePlan, @unchecked Sendable {
  // TensorFlow's sessions may be run by several threads at once, and nothing here changes after `init`.
  private let library: TensorFlowLibrary
  private let graph: OpaquePointer
  private let session: OpaquePointer
  private var inputs: [dse_tf_output] = []
  /// Which of the tensors that a run is given are fed: those that an operation reads.
  private var fed: [Int] = []
  private var outputs: [dse_tf_output] = []
  private let specs: [TensorSpec]
  /// Large constants, fed in each run without a copy rather than copied into the graph.
  private var constants: [Tensor] = []

  /// Bytes above which a constant is fed.
  private static let constantLimit = 1 << 16

  init(_ lowered: Graph, _ library: TensorFlowLibrary) throws {
    self.library = library
    guard let graph = library.newGraph() else { throw library.failure("graph", "no memory") }
    do {
      session = try TensorFlowPlan.session(library, graph)
    } catch {
      library.deleteGraph(graph)
      throw error
    }
    self.graph = graph
    specs = lowered.outputs.map { lowered.spec($0.value) }
    try build(lowered)
  }

  deinit {
    if let status = library.newStatus() {
      library.closeSession(session, status)
      library.deleteSession(session, status)
      library.deleteStatus(status)
    }
    library.deleteGraph(graph)
  }

  private static func session(_ library: TensorFlowLibrary, _ graph: OpaquePointer) throws -> OpaquePointer {
    guard let options = library.newSessionOptions() else { throw library.failure("session", "no memory") }
    defer { library.deleteSessionOptions(options) }
    // A serialized ConfigProto: field 2 is intra_op_parallelism_threads, 5 inter_op_parallelism_threads, both varints.
    let threads = UInt8(clamping: min(Parallel.threadCount, 127))
    let configuration: [UInt8] = [2 << 3, threads, 5 << 3, 1]
    try library.checking("session") { library.setConfiguration(options, configuration, configuration.count, $0) }
    guard let session = try library.checking("session", { library.newSession(graph, options, $0) }) else {
      throw library.failure("session", "it was not made")
    }
    return session
  }

  private func build(_ lowered: Graph) throws {
    let target = TensorFlowLibraryGraph(library, graph)
    let emitter = TensorFlowEmitter(target)
    var values: [Graph.Value: TensorFlowOutput] = [:]
    let read = Set(lowered.nodes.flatMap(\.inputs))
    for (index, input) in lowered.inputs.enumerated() where read.contains(input.value) {
      let place = try emitter.placeholder(lowered.spec(input.value))
      values[input.value] = place
      inputs.append(target[place])
      fed.append(index)
    }
    for constant in lowered.constants {
      if constant.tensor.elementCount * constant.tensor.dtype.byteCount <= TensorFlowPlan.constantLimit {
        values[constant.value] = try emitter.constant(constant.tensor)
      } else {
        let place = try emitter.placeholder(constant.tensor.spec)
        values[constant.value] = place
        inputs.append(target[place])
        constants.append(constant.tensor)
      }
    }
    try emitter.nodes(of: lowered, &values)
    outputs = lowered.outputs.map { target[values[$0.value]!] }
  }

  func run(_ tensors: [Tensor]) throws -> [Tensor] {
    var given: [OpaquePointer?] = []
    defer { for tensor in given { tensor.map(library.deleteTensor) } }
    for tensor in fed.map({ tensors[$0] }) + constants { given.append(try library.tensor(tensor)) }
    var results = [OpaquePointer?](repeating: nil, count: outputs.count)
    do {
      try library.checking("run") { status in
        library.runSession(
          session, nil, inputs, given, Int32(inputs.count), outputs, &results, Int32(outputs.count), nil, 0, nil, status
        )
      }
    } catch {
      for case let result? in results { library.deleteTensor(result) }
      throw error
    }
    return try adopted(results)
  }

  private func adopted(_ results: [OpaquePointer?]) throws -> [Tensor] {
    var tensors: [Tensor] = []
    for (index, result) in results.enumerated() {
      do {
        guard let result else { throw library.failure("fetch", "result \(index) did not come back") }
        tensors.append(try library.tensor(adopting: result, specs[index]))
      } catch {
        for case let rest? in results.dropFirst(index + 1) { library.deleteTensor(rest) }
        throw error
      }
    }
    return tensors
  }
}
