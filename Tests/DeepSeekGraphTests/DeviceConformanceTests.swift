import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import TestSupport
import Testing

/// What must hold for every backend of a device; another backend is one more suite that calls these.
struct DeviceConformance<Backend: DeviceBackend> {
  let backend: Backend

  private func upload(_ tensor: Tensor, _ stream: Backend.Stream, offset: Int = 0) throws
    -> DeviceOperand<Backend.Buffer>
  {
    let source = tensor.contiguous()
    let operand = DeviceOperand(
      try backend.allocate(byteCount: offset + source.elementCount * source.dtype.byteCount), offset: offset,
      source.spec)
    try source.withUnsafeBytes { try backend.copy($0, to: operand.buffer, at: offset, on: stream) }
    try backend.synchronize(stream)
    return operand
  }

  private func download(_ operand: DeviceOperand<Backend.Buffer>, _ stream: Backend.Stream) throws -> Tensor {
    var bytes = [UInt8](repeating: 0, count: operand.byteCount)
    try bytes.withUnsafeMutableBytes { try backend.copy(operand.buffer, at: operand.offset, to: $0, on: stream) }
    try backend.synchronize(stream)
    var result = Tensor.zeros(operand.spec.shape, dtype: operand.spec.dtype)
    if !bytes.isEmpty { result.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
    return result
  }

  private func empty(_ spec: TensorSpec) throws -> DeviceOperand<Backend.Buffer> {
    DeviceOperand(try backend.allocate(byteCount: spec.shape.elementCount * spec.dtype.byteCount), spec)
  }

  func copies() throws {
    let stream = try backend.makeStream()
    let tensor = pattern([5, 7])
    #expect(sameBits(try download(upload(tensor, stream, offset: 64), stream), tensor))
    let buffer = try backend.allocate(byteCount: 16)
    var bytes = [UInt8](repeating: 1, count: 16)
    for (offset, count) in [(-1, 4), (13, 4), (0, 17), (Int.max, 1)] {
      var some = [UInt8](repeating: 0, count: count)
      #expect(throws: DeviceError.self) {
        try some.withUnsafeBytes { try backend.copy($0, to: buffer, at: offset, on: stream) }
      }
      #expect(throws: DeviceError.self) {
        try some.withUnsafeMutableBytes { try backend.copy(buffer, at: offset, to: $0, on: stream) }
      }
    }
    try bytes.withUnsafeBytes { try backend.copy($0, to: buffer, at: 0, on: stream) }
    try bytes.withUnsafeMutableBytes { try backend.copy(buffer, at: 0, to: $0, on: stream) }
    #expect(throws: DeviceError.self) { try backend.allocate(byteCount: -1) }
    #expect(throws: DeviceError.self) { try backend.allocate(byteCount: .max) }
  }

  /// Each operator of the table that the device has a kernel for gives the host's values.
  func kernels() throws {
    let stream = try backend.makeStream()
    var count = 0
    for sample in OperatorSample.all where sample.captures && sample.dtypes.contains(.float32) {
      let inputs = sample.makeInputs(.float32)
      guard let graph = try? capture(inputs.map(\.spec), { sample.body($0) }), graph.keys.isEmpty,
        graph.nodes.allSatisfy({ !$0.operation.traits.contains(.effect) })
      else { continue }
      var operands: [Graph.Value: DeviceOperand<Backend.Buffer>] = [:]
      for (port, input) in zip(graph.inputs, inputs) { operands[port.value] = try upload(input, stream) }
      for constant in graph.constants { operands[constant.value] = try upload(constant.tensor, stream) }
      guard graph.nodes.allSatisfy({ backend.hasKernel(for: $0.operation, $0.inputs.map(graph.spec)) }) else {
        continue
      }
      for node in graph.nodes {
        for output in node.outputs { operands[output] = try empty(graph.spec(output)) }
        try backend.run(
          node.operation, node.inputs.map { operands[$0]! }, into: node.outputs.map { operands[$0]! }, on: stream)
      }
      let expected = try CPUExecutor(graph).run(inputs)
      for (port, wanted) in zip(graph.outputs, expected) {
        let found = try download(operands[port.value]!, stream)
        if let problem = Comparison.problem(
          [found], [wanted], tolerance: Comparison.tolerance(.float32) * sample.tolerance)
        {
          Issue.record("\(sample): \(problem)")
        }
      }
      count += 1
    }
    #expect(count > 50)
  }

  /// Recorded work does nothing until it is replayed, and then acts on what is in its buffers.
  func recordings() throws {
    let stream = try backend.makeStream()
    let x = try upload(pattern([4, 6]), stream)
    let (squares, sums) = (try empty(TensorSpec(.float32, [4, 6])), try upload(Tensor.zeros([4, 1]), stream))
    let recording = try backend.record(on: stream) {
      try backend.run(UnaryOperator(.square), [x], into: [squares], on: stream)
      try backend.run(ReduceOperator(.sum, [1]), [squares], into: [sums], on: stream)
    }
    #expect(sameBits(try download(sums, stream), Tensor.zeros([4, 1])))
    for phase in [1.0, 2.0] {
      let value = pattern([4, 6], phase)
      try value.withUnsafeBytes { try backend.copy($0, to: x.buffer, at: 0, on: stream) }
      try backend.replay(recording, on: stream)
      #expect(largestDifference(try download(sums, stream), value.square().sum(axis: 1, keepAxes: true)) < 1e-6)
    }
  }

  func refusals() throws {
    let stream = try backend.makeStream()
    let x = try upload(pattern([4]), stream)
    let small = DeviceOperand(try backend.allocate(byteCount: 8), TensorSpec(.float32, [4]))
    #expect(throws: DeviceError.self) { try backend.run(UnaryOperator(.square), [x], into: [small], on: stream) }
    let other = try empty(TensorSpec(.float32, [5]))
    #expect(throws: (any Error).self) { try backend.run(UnaryOperator(.square), [x], into: [other], on: stream) }
  }
}

@Suite("The CPU is a device as the protocol asks")
struct DeviceConformanceTests {
  private let conformance = DeviceConformance(backend: CPUBackend())

  @Test("Bytes come back as they went, and none lie outside their buffer") func copies() throws {
    try conformance.copies()
  }
  @Test("Kernels give the host's values") func kernels() throws { try conformance.kernels() }
  @Test("Recordings are replayed on new contents") func recordings() throws { try conformance.recordings() }
  @Test("Operands that do not fit are refused") func refusals() throws { try conformance.refusals() }
}
