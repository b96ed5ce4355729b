import DeepSeekOperators
import DeepSeekTensor
import Foundation
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
    arguments: [1, 4, 5, 40],
    [
      QuantizedInput.unquantized, .dynamic, .fixed(scale: 0.008, zeroPoint: 127), .dynamic(bits: 7),
      .fixed(scale: 0.015, zeroPoint: 60, bits: 7),
    ])
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

  @Test(
    "a packed weight gives the bits of the plain one, for few rows and many, and every part of it lies at 64 bytes",
    arguments: [1, 4, 5, 40])
  func packed(rows: Int) throws {
    // A whole panel and a part of one; words that are not full.
    let x = uniform([rows, 166], 1)
    let weight = uniform([50, 166], 2)
    for dtype in [DType.float32, .bfloat16] {
      let (x, weight) = (x.cast(to: dtype), Parameter(weight.cast(to: dtype), isTrainable: false).tensor)
      let form = try #require(PackedLinearOperator.packed(weight))
      let packed = apply(PackedLinearOperator(outputSize: 50, activation: .gelu), x, form)
      let plain = noGradient { apply(LinearOperator(.gelu), x, weight) }
      #expect(Comparison.areIdentical([packed], [plain]), "\(dtype)")
    }
    let inputs: [QuantizedInput] = [
      .unquantized, .dynamic, .fixed(scale: 0.008, zeroPoint: 127), .dynamic(bits: 7),
    ]
    for (bits, groupSize) in [(8, nil), (8, 32), (4, nil), (4, 64)] as [(Int, Int?)] {
      for (input, hasZeroPoints) in zip(inputs, [true, false, true, false]) {
        let product = QuantizedLinearOperator(
          weightBits: bits, groupSize: groupSize, input: input, hasZeroPoints: hasZeroPoints, activation: .silu)
        let length = groupSize == nil ? 166 : 192
        let stored: DType = bits == 8 ? .int8 : .uint8
        let range = bits == 8 ? -128..<128 : 0..<256
        let groups = Shape(groupSize.map { [50, length / $0] } ?? [50])
        var weight = [
          Tensor.randomIntegers([50, length * bits / 8], range, key: LowPrecisionTests.key).cast(to: stored),
          uniform(groups, 5).abs() * 0.01,
        ]
        if hasZeroPoints { weight.append((uniform(groups, 6).abs() * 15).cast(to: stored)) }
        let form = try #require(PackedQuantizedLinearOperator.packed(product, weight))
        #expect(form.allSatisfy { Int(bitPattern: $0.pointer) % 64 == 0 })
        let x = uniform([rows, length], 7)
        let packed = apply(PackedQuantizedLinearOperator(product, outputSize: 50), [x] + form)
        let plain = apply(product, [x] + weight)
        #expect(Comparison.areIdentical(packed, plain), "\(bits) bits, groups \(groupSize ?? 0), \(input)")
      }
    }
  }

  @Test("a packed weight whose parts do not fit is refused")
  func packedRefusals() throws {
    let product = QuantizedLinearOperator(input: .dynamic)
    let operation = PackedQuantizedLinearOperator(product, outputSize: 40)
    let specs = [
      TensorSpec(.float32, [2, 66]), TensorSpec(.int8, [34, 128]), TensorSpec(.float32, [2, 32]),
      TensorSpec(.int32, [2, 32]),
    ]
    #expect(try operation.infer(specs) == [TensorSpec(.float32, [2, 40])])
    func changed(_ index: Int, _ spec: TensorSpec) -> [TensorSpec] {
      var result = specs
      result[index] = spec
      return result
    }
    let wrong: [(PackedQuantizedLinearOperator, [TensorSpec])] = [
      (operation, changed(0, TensorSpec(.float32, [2, 70]))), (operation, changed(1, TensorSpec(.uint8, [34, 128]))),
      (operation, changed(2, TensorSpec(.float32, [1, 32]))), (operation, changed(3, TensorSpec(.float32, [2, 32]))),
      (operation, Array(specs.dropLast())), (operation, changed(0, TensorSpec(.float32, Shape([.symbol("in")])))),
      (PackedQuantizedLinearOperator(product, outputSize: 65), specs),
      (PackedQuantizedLinearOperator(product, outputSize: 0), specs),
      (PackedQuantizedLinearOperator(product, outputSize: .max), specs),
      (PackedQuantizedLinearOperator(QuantizedLinearOperator(weightBits: 3), outputSize: 40), specs),
      (PackedQuantizedLinearOperator(QuantizedLinearOperator(groupSize: 32), outputSize: 40), specs),
    ]
    for (operation, specs) in wrong {
      #expect(throws: OperatorError.self, "\(operation) \(specs)") { try operation.infer(specs) }
    }
    let halves = [TensorSpec(.bfloat16, [2, 5]), TensorSpec(.bfloat16, [10, 32])]
    #expect(throws: OperatorError.self) { try PackedLinearOperator(outputSize: 40).infer(halves) }
    #expect(PackedQuantizedLinearOperator.packed(product, [pattern8(40, 64), Tensor([Float(1)])]) == nil)
  }

  private func pattern8(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor.randomIntegers([rows, columns], -9..<9, key: LowPrecisionTests.key).cast(to: .int8)
  }

  @Test("how an input is multiplied is written and read back; files without bits have 8")
  func inputCoding() throws {
    for input in [QuantizedInput.unquantized, .dynamic(bits: 7), .fixed(scale: 0.5, zeroPoint: 3, bits: 7)] {
      #expect(try JSONDecoder().decode(QuantizedInput.self, from: JSONEncoder().encode(input)) == input)
    }
    func read(_ text: String) throws -> QuantizedInput {
      try JSONDecoder().decode(QuantizedInput.self, from: Data(text.utf8))
    }
    #expect(try read(#"{"dynamic": {}}"#) == .dynamic)
    #expect(try read(#"{"fixed": {"scale": 0.5, "zeroPoint": 3}}"#) == .fixed(scale: 0.5, zeroPoint: 3))
    #expect(throws: DecodingError.self) { try read(#"{"static": {}}"#) }
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
      (QuantizedLinearOperator(input: .fixed(scale: 1, zeroPoint: 128, bits: 7)), specs),
      (QuantizedLinearOperator(input: .dynamic(bits: 6)), specs),
      (QuantizedLinearOperator(), [specs[0], specs[1], TensorSpec(.float32, [4])]),
      (QuantizedLinearOperator(), [TensorSpec(.float32, [2, 63]), specs[1], specs[2]]),
      (QuantizedLinearOperator(), [TensorSpec(.int8, [2, 64]), specs[1], specs[2]]),
    ]
    for (operation, specs) in wrong {
      #expect(throws: OperatorError.self, "\(operation)") { try operation.infer(specs) }
    }
  }
}
