import CDeepSeekKernels
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// In what the products of a program are computed.
private enum Form: String, CaseIterable, Codable {
  case float32, bfloat16
  /// 8-bit weights, inputs quantized as they come; and with zero points, inputs as they are.
  case int8, int8Weights
  /// Groups of 4-bit weights.
  case int4

  private static let width = 320

  /// Two products with biases and something between them. Their columns fill no whole number of panels.
  func program() throws -> Program {
    let spec = TensorSpec(.float32, Shape([.symbol("batch"), Dimension(Form.width)]))
    // Groups divide a length of 384.
    let middle = self == .int4 ? 384 : 410
    let weights = [pattern([middle, Form.width], 1) * 0.1, pattern([75, middle], 2) * 0.1]
    let biases = [pattern([middle], 3), pattern([75], 4)]
    let options = CompileOptions(precision: self == .bfloat16 ? .bfloat16 : .float32)
    return try Program([("x", spec)], options: options) { inputs in
      [("y", product(product(inputs["x"]!, weights[0], biases[0]).gelu(), weights[1], biases[1]))]
    }
  }

  func product(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> Tensor {
    let (outputs, length) = (weight.shape[0], x.dimension(-1).known!)
    let scales = pattern([outputs], 5).abs() * 0.001 + 0.0005
    switch self {
    case .float32, .bfloat16: return x.linear(weight, bias: bias)
    case .int8, .int8Weights:
      let isPlain = self == .int8Weights
      let operation = QuantizedLinearOperator(
        input: isPlain ? .unquantized : .dynamic, hasZeroPoints: isPlain, hasBias: true)
      let values = (weight * 400).cast(to: .int8)
      let zeroPoints = (pattern([outputs], 6) * 9).cast(to: .int8)
      return apply(operation, [x, values, scales] + (isPlain ? [zeroPoints] : []) + [bias])[0]
    case .int4:
      let operation = QuantizedLinearOperator(weightBits: 4, groupSize: 64, hasBias: true)
      let bytes = (weight.abs() * 1200).cast(to: .uint8).sliced(1, 0..<length / 2).contiguous()
      let groups = scales.expanded(1).broadcast(to: [outputs, length / 64]).contiguous()
      return apply(operation, x, bytes, groups, bias)
    }
  }

  static func input(_ rows: Int) -> Tensor { pattern([rows, width], Double(rows)) }
}

@Suite("Programs with packed weights")
struct PackedProgramTests {
  @Test(
    "weights of every form lie packed in the file, at multiples of 64 bytes, and give the same bits",
    arguments: Form.allCases)
  fileprivate func mapped(_ form: Form) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("packed.dsprogram")
    let program = try form.program()
    try program.write(to: path)
    let opened = try Program(contentsOf: path)
    let packed = opened.graph.nodes.filter {
      $0.operation is PackedLinearOperator || $0.operation is PackedQuantizedLinearOperator
    }
    #expect(packed.count == 2 && opened.graph.nodes.count { $0.operation.traits.contains(.matmul) } == 2)
    for rows in [1, 3, 40] {
      let x = Form.input(rows)
      #expect(sameBits(try opened(x)[0], try program(x)[0]), "\(rows) rows")
    }
    let constants = Dictionary(uniqueKeysWithValues: opened.graph.constants.map { ($0.value, $0.tensor) })
    for weight in packed.flatMap({ $0.inputs.dropFirst() }).compactMap({ constants[$0] }) {
      #expect(!weight.storage.isWritable && weight.storage.prepared.count == 0)
      // Biases are vectors, and lie anywhere.
      #expect(weight.rank == 1 || Int(bitPattern: weight.pointer) % 64 == 0)
    }
  }

  /// Runs in a process of its own, whose memory nobody else uses.
  @Test("a program takes its arena and its results, and no second copy of any weight")
  func memory() async throws {
    let folder = try TemporaryFolder()
    for form in Form.allCases { try form.program().write(to: folder.file("\(form).dsprogram")) }
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      for form in Form.allCases {
        let program = try Program(contentsOf: path + "/\(form).dsprogram")
        let x = Form.input(40)
        let report = try program.memoryReport([x.shape])
        Memory.clearCache()
        Memory.resetPeak()
        let before = Memory.statistics.inUse
        _ = try program(x)
        let taken = Memory.statistics.peak - before
        // Blocks are rounded up by an eighth at most; a bias in 16 bits is widened for its product.
        #expect(taken <= (report.arena + report.results) * 9 / 8 + 4096, "\(form): \(taken) bytes, \(report)")
        // A weight is larger than what that leaves open.
        #expect(program.constantByteCount / 2 > (report.arena + report.results) / 8 + 4096)
      }
    }
  }

  /// Runs in a process of its own: the instruction set belongs to the whole process.
  @Test("a file packed under one instruction set is the same under any other, and runs there with that set's bits")
  func instructionSets() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      for form in Form.allCases {
        var files: [Data] = []
        for number in 0..<DS_ISA_COUNT.rawValue where ds_isa_available(ds_isa(rawValue: number)) {
          try #require(ds_isa_select(ds_isa(rawValue: number)))
          let path = folder.file("\(form) \(number).dsprogram")
          let program = try form.program()
          try program.write(to: path)
          files.append(try Data(contentsOf: URL(fileURLWithPath: path)))
          let first = try Program(contentsOf: folder.file("\(form) 0.dsprogram"))
          for rows in [2, 40] {
            #expect(
              sameBits(try first(Form.input(rows))[0], try program(Form.input(rows))[0]), "\(form), set \(number)")
          }
        }
        #expect(files.count > 1 && Set(files).count == 1, "\(form)")
      }
    }
  }

  @Test(
    "a file whose weights are packed in another layout is refused, with what to do", arguments: [Form.bfloat16, .int8])
  fileprivate func otherLayout(_ form: Form) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("other.dsprogram")
    try form.program().write(to: path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    // A layout's name of the same length.
    let name = try #require(bytes.range(of: Data("columns32".utf8)))
    bytes.replaceSubrange(name, with: Data("columns64".utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: GraphError.self) { try Program(contentsOf: path) }
    let text = error?.description ?? ""
    #expect(text.contains(path) && text.contains("columns64") && text.contains("compile the model again"), "\(text)")
  }
}
