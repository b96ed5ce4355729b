import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import OperatorSamples
import Testing

/// An engine as the tests see it.
struct TestedEngine: Sendable, CustomTestStringConvertible {
  let description: EngineDescription
  let backend: Backend
  /// Operators that it is known not to have; a graph with one must be refused, and one without must run.
  let unsupported: Set<String>

  static let all = [
    TestedEngine(description: .tensorflow, backend: .tensorflow, unsupported: []),
    TestedEngine(description: .pytorch, backend: .pytorch, unsupported: []),
  ]

  /// Those whose variable names a library: the tests run them, and fail when the library cannot be used.
  static let present = all.filter { engine in
    !(ProcessInfo.processInfo.environment[engine.description.variable] ?? "").isEmpty
  }

  var testDescription: String { description.name }
}

/// A row of the operator table and what is captured of it.
struct EngineCase: Sendable, CustomTestStringConvertible {
  let sample: OperatorSample
  let dtype: DType
  let isGradient: Bool

  var testDescription: String { "\(sample), \(dtype)\(isGradient ? ", gradient" : "")" }

  /// Every row that can be captured, in single and double precision, and its gradient.
  static let all: [EngineCase] = OperatorSample.all.filter(\.captures).flatMap { sample in
    [DType.float32, .float64, .bfloat16].filter { sample.dtypes.contains($0) }.flatMap { dtype in
      let hasGradient = sample.derivatives > 0 && !sample.differentiable.isEmpty && dtype == .float32
      return [EngineCase(sample: sample, dtype: dtype, isGradient: false)]
        + (hasGradient ? [EngineCase(sample: sample, dtype: dtype, isGradient: true)] : [])
    }
  }

  /// Graphs of operators that no row captures, since the methods that rows call read values, with what to feed them.
  static func valueReaders() throws -> [(graph: Graph, input: Tensor)] {
    let x = Tensor([6], [Float(3), -1, 3, 2, -1, 3])
    let mask = Tensor([6], [true, false, false, true, true, false])
    return [
      (try capture([x.spec]) { apply(UniqueOperator(), [$0[0]]) }, x),
      (try capture([x.spec]) { [$0[0].maskedSelect(mask)] }, x),
    ]
  }

  func inputs() -> [Tensor] { sample.makeInputs(dtype) }

  func graph(_ inputs: [Tensor]) throws -> Graph {
    try capture(inputs.map(\.spec)) { isGradient ? sample.gradientsOfSquares($0) : sample.body($0) }.optimized()
  }

  /// How far an engine may be from the framework's own kernels, which are themselves as far from the truth.
  var tolerance: Double {
    sample.stepError ?? Comparison.tolerance(dtype) * sample.tolerance * (isGradient ? 32 : 4)
  }
}
