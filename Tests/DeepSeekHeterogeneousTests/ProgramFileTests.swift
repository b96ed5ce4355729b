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

  @Test("A damaged file is refused with an error that names it, or opens to a program that runs or refuses its inputs")
  func fuzz() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("fuzz.dsprogram")
    _ = try ProgramFileTests.written(to: path)
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    // The header and the structure are text; elements, of which most bytes are, can say nothing wrong.
    let length = original.withUnsafeBytes { Int(UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))) } + 8
    var generator = SplitMix(17)
    var refused = 0
    let count = Fuzzing.count(otherwise: 500)
    for number in 0..<count {
      let bytes = Fuzzing.mutated(Array(original[..<length]), &generator) + original[length...]
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
    #expect(refused > count / 4)
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
