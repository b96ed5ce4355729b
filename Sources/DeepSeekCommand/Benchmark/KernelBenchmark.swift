import CDeepSeekKernels
import DeepSeekOperators
import DeepSeekTensor

/// Each kernel, on 4096×768 `float32` unless its name says otherwise, beside the limit that binds it: the rate of
/// multiply-adds, or that at which a bare loop on as many threads reads and writes as many bytes in the same proportion, so
/// that what a cache keeps of the kernel's operands it keeps of the loop's as well.
struct KernelBenchmark {
  let seconds: Double

  static let rows = 4096
  static let columns = 768
  /// Seconds for which each limit is measured.
  private static let limitSeconds = 0.3

  /// A kernel, the bytes that it moves or the multiply-adds that it makes.
  struct Case {
    let name: String
    var bytes = 0
    var flops = 0.0
    /// The type whose products bind it.
    var dtype = DS_FLOAT32
    /// The loop that moves bytes in about the kernel's proportion of reading to writing.
    var traffic = DS_TRAFFIC_COPY
    let body: () -> Void
  }

  func run(_ progress: inout BenchmarkProgress) -> [BenchmarkResult] {
    let threads = Int32(Parallel.threadCount)
    let peak = ds_measure_fma_peak(threads, KernelBenchmark.limitSeconds)
    var bandwidths: [[UInt]: Double] = [:]
    func bandwidth(_ item: Case) -> Double {
      let key = [UInt(item.bytes), UInt(item.traffic.rawValue)]
      if let known = bandwidths[key] { return known }
      let measured = ds_measure_bandwidth(threads, item.traffic, Int64(item.bytes), KernelBenchmark.limitSeconds)
      bandwidths[key] = measured
      return measured
    }
    let peaks = [
      DS_FLOAT32: peak, DS_BFLOAT16: ds_measure_dot_peak(DS_BFLOAT16, threads, KernelBenchmark.limitSeconds),
      DS_INT8: ds_measure_dot_peak(DS_INT8, threads, KernelBenchmark.limitSeconds),
    ]
    var cases = memoryBound() + computeBound() + trainingSteps() + alongAxes()
    cases += images() + sequences() + lowPrecision() + oneRow()
    return cases.enumerated().map { index, item in
      progress.step(index, of: cases.count, item.name)
      let times = Stopwatch.samples(seconds: seconds, item.body)
      let isProduct = item.flops > 0
      let work = isProduct ? item.flops : Double(item.bytes)
      let rates = times.map { work / $0 / 1e9 }
      return BenchmarkResult(
        task: "ops/\(item.name)", version: "2.x", metric: isProduct ? "gflops" : "bandwidth", value: rates.median,
        unit: isProduct ? "GFLOP/s" : "GB/s", limit: isProduct ? peaks[item.dtype] : bandwidth(item), samples: rates)
    }
  }

  private func memoryBound() -> [Case] {
    let shape: Shape = [KernelBenchmark.rows, KernelBenchmark.columns]
    let key = RandomGenerator.key(seed: 0, stream: 0)
    let x = Tensor.randomNormal(shape, key: key)
    let y = x + 1
    let weight = Tensor.ones([KernelBenchmark.columns])
    let bias = Tensor.zeros([KernelBenchmark.columns])
    let labels = Tensor.randomIntegers([KernelBenchmark.rows], 0..<KernelBenchmark.columns, key: key)
    let size = shape.elementCount * 4
    return [
      Case(name: "add", bytes: 3 * size, traffic: DS_TRAFFIC_TRIAD) { _ = x + y },
      Case(name: "exp", bytes: 2 * size) { _ = x.exp() },
      Case(name: "tanh", bytes: 2 * size) { _ = x.tanh() },
      Case(name: "gelu", bytes: 2 * size) { _ = x.gelu() },
      Case(name: "sum", bytes: size, traffic: DS_TRAFFIC_READ) { _ = x.sum() },
      Case(name: "sum_rows", bytes: size, traffic: DS_TRAFFIC_READ) { _ = x.sum(axis: 1) },
      Case(name: "sum_columns", bytes: size, traffic: DS_TRAFFIC_READ) { _ = x.sum(axis: 0) },
      Case(name: "softmax", bytes: 2 * size) { _ = x.softmax() },
      Case(name: "layer_norm", bytes: 2 * size) { _ = x.layerNorm(weight: weight, bias: bias) },
      Case(name: "cross_entropy", bytes: size, traffic: DS_TRAFFIC_READ) { _ = x.crossEntropy(labels) },
      Case(name: "dropout", bytes: 2 * size) { _ = x.dropout(0.1, key: key) },
      Case(name: "transpose_copy", bytes: 2 * size) { _ = x.transposed().contiguous() },
      Case(name: "cast_bfloat16", bytes: size + size / 2) { _ = x.cast(to: .bfloat16) },
    ]
  }

  private func computeBound() -> [Case] {
    let key = RandomGenerator.key(seed: 0, stream: 1)
    func product(_ m: Int, _ k: Int, _ n: Int) -> Case {
      let x = Tensor.randomUniform([m, k], -1, 1, key: key)
      let weight = Parameter(Tensor.randomUniform([n, k], -1, 1, key: key))
      return Case(name: "linear_\(m)x\(k)x\(n)", flops: 2 * Double(m) * Double(k) * Double(n)) {
        _ = noGradient { x.linear(weight.tensor) }
      }
    }
    let heads: Shape = [8, 12, 128, 64]
    let q = Tensor.randomNormal(heads, key: key)
    return [
      product(1024, 768, 768), product(1024, 768, 3072), product(1024, 3072, 768), product(128, 768, 3072),
      product(32, 768, 3072),
      Case(name: "attention_8x12x128x64", flops: 4 * 8 * 12 * 128 * 128 * 64) {
        _ = Tensor.attention(query: q, key: q, value: q)
      },
    ]
  }
}
