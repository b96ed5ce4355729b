import CDeepSeekKernels
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: instruction sets and threads")
struct InstructionSetTests {
  /// Runs in a process of its own: the instruction set and the number of threads belong to the whole process.
  @Test("every instruction set is within tolerance of the reference, and threads change no bit")
  func everySet() async {
    await #expect(processExitsWith: .success) {
      let references = try References.stored.get()
      for number in 0..<DS_ISA_COUNT.rawValue {
        let isa = ds_isa(rawValue: number)
        guard ds_isa_available(isa) else { continue }
        for sample in OperatorSample.all {
          for dtype in sample.dtypes {
            let inputs = sample.makeInputs(dtype)
            try #require(ds_isa_select(isa))
            Parallel.threadCount = 1
            let alone = sample.run(inputs)
            Parallel.threadCount = 2
            let shared = sample.run(inputs)
            let name = String(cString: ds_isa_name(isa))
            #expect(Comparison.areIdentical(alone, shared), "\(sample) in \(dtype), \(name): threads change the result")
            let stored = try references.outputs(sample)
            let expected = stored.isEmpty ? sample.run(sample.makeInputs(.float64)) : stored
            let tolerance = Comparison.tolerance(dtype) * sample.tolerance
            let problem = Comparison.problem(alone, expected, tolerance: tolerance)
            #expect(problem == nil, "\(sample) in \(dtype), \(name)")
          }
        }
      }
    }
  }
}
