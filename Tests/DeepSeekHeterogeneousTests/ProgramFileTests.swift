import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekLite
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Programs' files")
struct ProgramFileTests {
  private static let input: Shape = [3, 40]

  private static func written(to path: String) throws -> Program {
    let model = Sequential(Linear(40, 48), GELU(), Linear(48, 3), Softmax())
    let program = try model.compiled(for: pattern(input, 1))
    try program.write(to: path)
    return program
  }

  /// Reads every element of what a program holds, so that a view which reached outside its file would be caught.
  private func touch(_ program: Program) -> Int {
    program.graph.constants.reduce(0) { sum, constant in
      constant.tensor.withUnsafeBytes { $0.reduce(sum) { $0 &+ Int($1) } }
    }
  }

  /// A graph whose constants are of every kind that kernels lay out or follow: packed, in 16, 8 and 4 bits, and indices.
  private static func quantized() throws -> Graph {
    let packed = try #require(PackedLinearOperator.packed(pattern([48, 40])))
    let bytes = (pattern([64, 48]) * 100).cast(to: .int8)
    let nibbles = (pattern([3, 32]).abs() * 200).cast(to: .uint8)
    let (scales, groups) = (pattern([64], 1).abs() * 0.01 + 0.001, pattern([3, 2], 2).abs() * 0.01 + 0.001)
    let zeroPoints = (pattern([3, 2]).abs() * 15).cast(to: .uint8)
    let (table, indices) = (pattern([5, 3]), Tensor([4, -1, 0], dtype: .int64))
    let half = pattern([48, 48], 5).cast(to: .bfloat16)
    return try capture(TensorSpec(.float32, input)) { x in
      let a = apply(PackedLinearOperator(outputSize: 48, activation: .gelu), x, packed)
      let middle = a.cast(to: .bfloat16).linear(half).cast(to: .float32)
      let b = apply(QuantizedLinearOperator(input: .dynamic, activation: .silu), middle, bytes, scales)
      let c = apply(
        QuantizedLinearOperator(weightBits: 4, groupSize: 32, hasZeroPoints: true), b, nibbles, groups, zeroPoints)
      return c + table.indexSelect(axis: 0, indices)
    }
  }

  /// What the damaged file holds.
  enum Content: CaseIterable {
    /// Layers in `float32`.
    case layers
    /// Weights in few bits as the operators have them, as in files of old.
    case quantized
    /// The same packed, and a product in `bfloat16`.
    case packed

    func write(to path: String) throws {
      switch self {
      case .layers: _ = try ProgramFileTests.written(to: path)
      case .quantized: try ProgramFileTests.quantized().write(to: path)
      case .packed:
        let program = try Program(ProgramFileTests.quantized())
        #expect(program.graph.nodes.count { $0.operation is PackedQuantizedLinearOperator } == 2)
        #expect(program.graph.nodes.count { $0.operation is PackedLinearOperator } == 2)
        try program.write(to: path)
      }
    }
  }

  /// Where a file is damaged.
  enum Part: CaseIterable {
    /// The header's length, the header and what stands in it.
    case header
    /// Numbers and names of the header, whose length then fits.
    case structure
    /// What the header's records point to.
    case elements
  }

  @Test(
    "A damaged file is refused with an error that names it, or opens to a program that runs or refuses its inputs",
    arguments: Content.allCases, Part.allCases)
  func fuzz(content: Content, part: Part) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("fuzz.dsprogram")
    try content.write(to: path)
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    var generator = SplitMix(17)
    var refused = 0
    let count = Fuzzing.count(otherwise: 150)
    for number in 0..<count {
      let bytes = ProgramFileTests.damaged(original, part, &generator)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do {
        let program = try Program(contentsOf: path)
        _ = touch(program)
        // A damaged length may ask for more memory than a test should take.
        let report = try program.memoryReport([ProgramFileTests.input])
        if report.arena + report.results < 1 << 26 { _ = try program(pattern(ProgramFileTests.input, 1)) }
      } catch let error as CheckpointError {
        refused += 1
        #expect(error.file == path, "mutation \(number)")
      } catch let error as GraphError {
        refused += 1
        #expect(!error.description.isEmpty, "mutation \(number)")
      } catch {
        Issue.record("mutation \(number): \(type(of: error)) \(error)")
      }
    }
    // Elements of weights can say nothing wrong.
    #expect(part == .elements || refused > count / 4)
  }

  private static func damaged(_ original: [UInt8], _ part: Part, _ generator: inout SplitMix) -> [UInt8] {
    let length = original.withUnsafeBytes { Int(UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))) } + 8
    switch part {
    case .header: return Fuzzing.mutated(Array(original[..<length]), &generator) + original[length...]
    case .structure:
      var header = Fuzzing.mutatedText(Array(original[8..<length]), &generator)
      // The elements stay aligned.
      while header.count % 64 != 56 { header.append(UInt8(ascii: " ")) }
      return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + original[length...]
    case .elements:
      let elements = Fuzzing.mutated(Array(original[length...]), &generator)
      // Mostly of the same length, so that it opens.
      let isKept = generator.below(8) > 0 && elements.count < original.count - length
      return original[..<length] + elements + (isKept ? original.suffix(original.count - length - elements.count) : [])
    }
  }

  @Test("A file that ends early is refused, wherever it ends")
  func truncated() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("short.dsprogram")
    _ = try ProgramFileTests.written(to: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in [0, 7, 8, 100, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(throws: CheckpointError.self) { try Program(contentsOf: path) }
    }
  }

  @Test("The lite edition gives the same bits")
  func lite() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("small.dsprogram")
    let program = try ProgramFileTests.written(to: path)
    let lite = try LiteProgram(contentsOf: path)
    #expect(lite.inputs.map(\.name) == ["input"] && lite.outputs.map(\.name) == ["output"])
    let x = pattern([7, 40], 3)
    #expect(sameBits(try lite.run([x])[0], try program(x)[0]))
    #expect(sameBits(try lite.run(["input": x])["output"]!, try program(x)[0]))
    #expect(throws: GraphError.self) { try lite.run([pattern([7, 41], 3)]) }
  }

  @Test("A packed weight at an address that kernels cannot read is copied: same bits")
  func odd() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("even.dsprogram")
    let program = try ProgramFileTests.written(to: path)
    // Other programs may write the same file with another padding of its header.
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    var moved = withUnsafeBytes(of: (length + 8).littleEndian) { Array($0) } + bytes[8..<Int(length) + 8]
    moved += Array(repeating: UInt8(ascii: " "), count: 8) + bytes[(Int(length) + 8)...]
    try Data(moved).write(to: URL(fileURLWithPath: path))
    let x = pattern(ProgramFileTests.input, 2)
    #expect(sameBits(try Program(contentsOf: path)(x)[0], try program(x)[0]))
  }
}
