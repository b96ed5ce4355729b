import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: values")
struct ForwardTests {
  @Test("the stored reference was made from this row", arguments: OperatorSample.all.filter { $0.torch != nil })
  func referenceIsCurrent(_ sample: OperatorSample) throws {
    #expect(
      try References.stored.get().isCurrent(sample), "\(sample): the row changed; run make_references.py again")
  }

  @Test("every element type gives the reference's values", arguments: OperatorSample.all)
  func values(_ sample: OperatorSample) throws {
    let stored = try References.stored.get().outputs(sample)
    let expected = sample.torch == nil ? sample.run(sample.makeInputs(.float64)) : stored
    #expect(!expected.isEmpty, "\(sample): no reference")
    for dtype in sample.dtypes {
      let results = sample.run(sample.makeInputs(dtype))
      for (result, reference) in zip(results, expected) where reference.dtype.isFloatingPoint {
        let fixed = sample.inputs.allSatisfy { $0.dtype != nil }
        let own = sample.widensHalves && dtype != .float64 ? DType.float32 : dtype
        #expect(result.dtype == (fixed ? reference.dtype : own), "\(sample) in \(dtype)")
      }
      let tolerance = Comparison.tolerance(dtype) * sample.tolerance
      if let problem = Comparison.problem(results, expected, tolerance: tolerance) {
        Issue.record("\(sample) in \(dtype): \(problem)")
      }
    }
  }

  @Test("strided inputs give what contiguous ones give", arguments: OperatorSample.all)
  func layouts(_ sample: OperatorSample) {
    for dtype in sample.dtypes.prefix(2) {
      let expected = sample.run(sample.makeInputs(dtype))
      for layout in SampleLayout.allCases where layout != .contiguous {
        let results = sample.run(sample.makeInputs(dtype, layout))
        // Sums may be taken in another order, so the last bits may differ.
        if let problem = Comparison.problem(
          results, expected, tolerance: Comparison.tolerance(dtype) * sample.tolerance)
        {
          Issue.record("\(sample) in \(dtype), \(layout.rawValue): \(problem)")
        }
      }
    }
  }

  @Test("inputs are left as they were", arguments: OperatorSample.all)
  func inputsAreUntouched(_ sample: OperatorSample) {
    let inputs = sample.makeInputs(sample.dtypes[0])
    _ = sample.run(inputs)
    #expect(Comparison.areIdentical(inputs, sample.makeInputs(sample.dtypes[0])), "\(sample)")
  }
}
