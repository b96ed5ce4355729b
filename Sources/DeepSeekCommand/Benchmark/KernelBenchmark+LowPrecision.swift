import CDeepSeekKernels
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// Products in low precision, and the products of one row that generation consists of.
extension KernelBenchmark {
  private static let key = RandomGenerator.key(seed: 0, stream: 3)

  /// A weight in few bits with its scales, which stay the same.
  private static func quantized(_ outputs: Int, _ inputs: Int, bits: Int, groupSize: Int?) -> [Parameter] {
    let integers = Tensor.randomIntegers([outputs, inputs * bits / 8], bits == 8 ? -127..<128 : 0..<256, key: key)
    let scales = Tensor.full(Shape(groupSize.map { [outputs, inputs / $0] } ?? [outputs]), 0.01)
    return [integers.cast(to: bits == 8 ? .int8 : .uint8), scales].map { Parameter($0, isTrainable: false) }
  }

  /// BERT-base's products, in `bfloat16` and in 8 bits with an input that is quantized row by row, to 8 bits or to 7.
  func lowPrecision() -> [Case] {
    [(1024, 768, 768), (1024, 768, 3072), (1024, 3072, 768), (128, 768, 3072)].flatMap { m, k, n in
      let x = Tensor.randomUniform([m, k], -1, 1, key: KernelBenchmark.key)
      let half = x.cast(to: .bfloat16)
      let weight = Parameter(Tensor.randomUniform([n, k], -1, 1, key: KernelBenchmark.key).cast(to: .bfloat16))
      let bytes = KernelBenchmark.quantized(n, k, bits: 8, groupSize: nil)
      let flops = 2 * Double(m) * Double(k) * Double(n)
      return [
        Case(name: "linear_bfloat16_\(m)x\(k)x\(n)", flops: flops, dtype: DS_BFLOAT16) {
          _ = noGradient { half.linear(weight.tensor) }
        }
      ]
        + [(8, "int8"), (7, "w8a7")].map { bits, name in
          let operation = QuantizedLinearOperator(input: .dynamic(bits: bits))
          return Case(name: "linear_\(name)_\(m)x\(k)x\(n)", flops: flops, dtype: DS_INT8) {
            _ = noGradient { apply(operation, [x] + bytes.map(\.tensor)) }
          }
        }
    }
  }

  /// One row by a weight in each precision, held against reading the weight once.
  func oneRow() -> [Case] {
    let (inputs, outputs, group) = (4096, 4096, 128)
    let count = inputs * outputs
    let x = Tensor.randomUniform([1, inputs], -1, 1, key: KernelBenchmark.key)
    func plain(_ name: String, _ dtype: DType) -> Case {
      let weight = Parameter(Tensor.randomUniform([outputs, inputs], -1, 1, key: KernelBenchmark.key).cast(to: dtype))
      let row = x.cast(to: dtype)
      return Case(name: name, bytes: count * dtype.byteCount, traffic: DS_TRAFFIC_READ) {
        _ = noGradient { row.linear(weight.tensor) }
      }
    }
    func quantized(_ name: String, _ bits: Int, _ groupSize: Int?) -> Case {
      let weight = KernelBenchmark.quantized(outputs, inputs, bits: bits, groupSize: groupSize)
      let operation = QuantizedLinearOperator(weightBits: bits, groupSize: groupSize)
      let scales = groupSize.map { count / $0 * 4 } ?? outputs * 4
      return Case(name: name, bytes: count * bits / 8 + scales, traffic: DS_TRAFFIC_READ) {
        _ = noGradient { apply(operation, [x] + weight.map(\.tensor)) }
      }
    }
    return [
      plain("row_float32_4096x4096", .float32), plain("row_bfloat16_4096x4096", .bfloat16),
      quantized("row_int8_4096x4096", 8, nil), quantized("row_int4_4096x4096", 4, group),
    ]
  }
}
