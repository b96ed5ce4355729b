import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: products in low precision")
struct LowPrecisionTests {
  private static let key = RandomGenerator.key(seed: 7, stream: 0)

  private func uniform(_ shape: Shape, _ stream: UInt64, _ dtype: DType = .float32) -> Tensor {
    Tensor.randomUniform(shape, -1, 1, key: RandomGenerator.key(seed: 7, stream: stream)).cast(to: dtype)
  }

  @Test("bfloat16 products are those of the same numbers in float64, rounded once", arguments: [1, 3, 5, 70])
  func halves(rows: Int) {
    let x = uniform([rows, 150], 1, .bfloat16)
    let weight = Parameter(uniform([97, 150], 2, .bfloat16), isTrainable: false)
    let bias = uniform([97], 3, .bfloat16)
    let exact = x.cast(to: .float64).linear(weight.tensor.cast(to: .float64), bias: bias.cast(to: .float64))
    let packed = noGradient { x.linear(weight.tensor, bias: bias) }
    let product = x.matmul(weight.tensor.transposed())
    let expected = exact - bias.cast(to: .float64)
    // Half a unit in the last of eight binary digits is at most 1/256 of the number.
    #expect(Comparison.problem(packed, exact, tolerance: 0.004) == nil)
    #expect(Comparison.problem(x.linear(weight.tensor, bias: bias), exact, tolerance: 0.004) == nil)
    #expect(Comparison.problem(product, expected, tolerance: 0.004) == nil)
  }

  @Test("gradients of a bfloat16 layer are float64's, rounded")
  func slopesAreRounded() {
    let inputs = [uniform([40, 64], 1, .bfloat16), uniform([48, 64], 2, .bfloat16)]
    func slopes(_ inputs: [Tensor]) -> [Tensor] {
      let leaves = inputs.map { $0.requiringGradient() }
      let y = leaves[0].linear(leaves[1])
      return gradients(of: [(y * y).sum()], withRespectTo: leaves).compactMap { $0 }
    }
    let found = slopes(inputs)
    #expect(Comparison.problem(found, slopes(inputs.map { $0.cast(to: .float64) }), tolerance: 0.012) == nil)
    #expect(found.allSatisfy { $0.dtype == .bfloat16 })
  }

  @Test(
    "weights in few bits: the kernels are the decomposition, for few rows and many",
    arguments: [1, 4, 5, 40], [QuantizedInput.unquantized, .dynamic, .fixed(scale: 0.008, zeroPoint: 127)])
  func kernels(rows: Int, input: QuantizedInput) throws {
    for (bits, groupSize) in [(8, nil), (8, 32), (4, nil), (4, 64)] as [(Int, Int?)] {
      let operation = QuantizedLinearOperator(weightBits: bits, groupSize: groupSize, input: input, activation: .silu)
      let range = bits == 8 ? -128..<128 : 0..<256
      let values = Tensor.randomIntegers([50, 128 * bits / 8], range, key: LowPrecisionTests.key)
      let weight = Parameter(values.cast(to: bits == 8 ? .int8 : .uint8), isTrainable: false)
      let x = uniform([rows, 128], 4)
      // Other scales for the same weight: what was packed with the first must not serve them.
      for factor in [1.0, 3.0] {
        let scales = uniform(Shape(groupSize.map { [50, 128 / $0] } ?? [50]), 5).abs() * (0.01 * factor)
        let inputs = [x, weight.tensor, scales]
        let result = noGradient { apply(operation, inputs)[0] }
        let expected = try #require(operation.decomposition([x.cast(to: .float64)] + inputs.dropFirst()))
        let problem = Comparison.problem([result], expected, tolerance: 2e-6)
        #expect(problem == nil, "\(bits) bits, groups \(groupSize ?? 0), scales times \(factor)")
      }
    }
  }

  @Test("a weight in few bits with scales, zero points or attributes that do not fit is refused")
  func refusals() {
    let specs = [
      TensorSpec(.float32, [2, 64]), TensorSpec(.int8, [5, 64]), TensorSpec(.float32, [5]),
    ]
    #expect(throws: Never.self) { try QuantizedLinearOperator().infer(specs) }
    let wrong: [(QuantizedLinearOperator, [TensorSpec])] = [
      (QuantizedLinearOperator(weightBits: 3), specs), (QuantizedLinearOperator(weightBits: 4), specs),
      (QuantizedLinearOperator(groupSize: 48), specs), (QuantizedLinearOperator(groupSize: 32), specs),
      (QuantizedLinearOperator(groupSize: -32), specs), (QuantizedLinearOperator(hasBias: true), specs),
      (QuantizedLinearOperator(input: .fixed(scale: 0, zeroPoint: 0)), specs),
      (QuantizedLinearOperator(input: .fixed(scale: .nan, zeroPoint: 0)), specs),
      (QuantizedLinearOperator(input: .fixed(scale: 1, zeroPoint: 256)), specs),
      (QuantizedLinearOperator(), [specs[0], specs[1], TensorSpec(.float32, [4])]),
      (QuantizedLinearOperator(), [TensorSpec(.float32, [2, 63]), specs[1], specs[2]]),
      (QuantizedLinearOperator(), [TensorSpec(.int8, [2, 64]), specs[1], specs[2]]),
    ]
    for (operation, specs) in wrong {
      #expect(throws: OperatorError.self, "\(operation)") { try operation.infer(specs) }
    }
  }
}
