import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: gradients")
struct GradientTests {
  /// Rows of which a gradient is tested.
  static let rows = OperatorSample.all.filter { $0.derivatives > 0 && !$0.differentiable.isEmpty }
  /// Rows that PyTorch has a gradient of.
  static let referenced = rows.filter { $0.torch != nil }

  @Test("gradients are PyTorch's", arguments: referenced)
  func reference(_ sample: OperatorSample) throws {
    let expected = try References.stored.get().gradients(sample)
    for dtype in sample.dtypes where dtype == .float64 || dtype == .float32 {
      let results = sample.gradients(sample.makeInputs(dtype))
      // A gradient chains several roundings.
      let tolerance = Comparison.tolerance(dtype) * sample.tolerance * 16
      if let problem = Comparison.problem(results, expected, tolerance: tolerance) {
        Issue.record("\(sample) in \(dtype): \(problem)")
      }
    }
  }

  @Test("gradients are the finite differences", arguments: rows.filter(\.hasTrueGradient))
  func finiteDifferences(_ sample: OperatorSample) {
    let inputs = sample.makeInputs(.float64)
    let expected = sample.finiteDifferences(inputs)
    if let problem = Comparison.problem(sample.gradients(inputs), expected, tolerance: 2e-7) {
      Issue.record("\(sample): \(problem)")
    }
  }

  @Test("second derivatives are PyTorch's", arguments: referenced.filter { $0.derivatives > 1 })
  func secondDerivatives(_ sample: OperatorSample) throws {
    let expected = try References.stored.get().secondGradients(sample)
    let results = sample.secondGradients(sample.makeInputs(.float64))
    let tolerance = Comparison.tolerance(.float64) * sample.tolerance * 64
    if let problem = Comparison.problem(results, expected, tolerance: tolerance) {
      Issue.record("\(sample): \(problem)")
    }
  }

  @Test("gradients of strided inputs are those of contiguous ones", arguments: rows)
  func layouts(_ sample: OperatorSample) {
    let expected = sample.gradients(sample.makeInputs(.float64))
    for layout in SampleLayout.allCases where layout != .contiguous {
      let results = sample.gradients(sample.makeInputs(.float64, layout))
      if let problem = Comparison.problem(results, expected, tolerance: Comparison.tolerance(.float64) * 64) {
        Issue.record("\(sample), \(layout.rawValue): \(problem)")
      }
    }
  }
}
