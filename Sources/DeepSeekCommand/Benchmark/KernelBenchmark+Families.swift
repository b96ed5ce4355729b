import CDeepSeekKernels
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// The kernels of training, images, sequences and searches. A kernel that must read or write memory more than once is still
/// held against one pass.
extension KernelBenchmark {
  private static let shape: Shape = [rows, columns]
  private static let size = shape.elementCount * 4
  private static let key = RandomGenerator.key(seed: 0, stream: 2)

  func trainingSteps() -> [Case] {
    let (key, size) = (KernelBenchmark.key, KernelBenchmark.size)
    let x = Tensor.randomNormal(KernelBenchmark.shape, key: key)
    let residual = x + 1
    let weight = Tensor.ones([KernelBenchmark.columns])
    let bias = Tensor.zeros([KernelBenchmark.columns])
    let parameter = Parameter(x + 2)
    parameter.gradient = x
    let optimizer = Optimizer([parameter], AdamW(learningRate: 1e-4))
    return [
      Case(name: "add_layer_norm", bytes: 4 * size) {
        _ = x.addLayerNorm(residual: residual, weight: weight, bias: bias)
      },
      Case(name: "dropout_add", bytes: 3 * size, traffic: DS_TRAFFIC_TRIAD) {
        _ = x.dropoutAdd(0.1, residual: residual, key: key)
      },
      Case(name: "adamw", bytes: 7 * size, traffic: DS_TRAFFIC_TRIAD) { _ = optimizer.step() },
      backwardCase("gelu_backward", bytes: 3 * size, traffic: DS_TRAFFIC_TRIAD, [x]) { $0[0].gelu() },
      backwardCase("layer_norm_backward", bytes: 3 * size, traffic: DS_TRAFFIC_TRIAD, [x, weight, bias]) {
        $0[0].layerNorm(weight: $0[1], bias: $0[2])
      },
      attentionBackward(dropout: 0),
      attentionBackward(dropout: 0.1),
    ]
  }

  private func attentionBackward(dropout: Double) -> Case {
    let heads: Shape = [8, 12, 128, 64]
    let key = KernelBenchmark.key
    let inputs = (0..<3).map { Tensor.randomNormal(heads, key: RandomGenerator.key(seed: 1, stream: $0)) }
    // Five products: the weights anew, their gradient, and those of queries, keys and values.
    let flops = 10.0 * 8 * 12 * 128 * 128 * 64
    let name = dropout == 0 ? "attention_backward" : "attention_backward_dropout"
    return backwardCase(name, flops: flops, inputs) {
      Tensor.attention(query: $0[0], key: $0[1], value: $0[2], dropout: dropout, dropoutKey: key)
    }
  }

  /// The backward walk alone; the forward pass is made once.
  private func backwardCase(
    _ name: String, bytes: Int = 0, flops: Double = 0, traffic: ds_traffic = DS_TRAFFIC_COPY, _ inputs: [Tensor],
    _ forward: ([Tensor]) -> Tensor
  ) -> Case {
    let output = forward(inputs.map { $0.requiringGradient() })
    let upstream = Tensor.ones(output.shape)
    var options = BackwardOptions()
    options.retainGraph = true
    return Case(name: name, bytes: bytes, flops: flops, traffic: traffic) { [options] in
      _ = backward(from: [output], gradients: [upstream], options: options)
    }
  }

  func alongAxes() -> [Case] {
    let (key, size) = (KernelBenchmark.key, KernelBenchmark.size)
    let x = Tensor.randomNormal(KernelBenchmark.shape, key: key)
    let vocabulary = 30522  // BERT's
    let table = Tensor.randomNormal([vocabulary, KernelBenchmark.columns], key: key)
    let indices = Tensor.randomIntegers([KernelBenchmark.rows], 0..<vocabulary, key: key)
    return [
      Case(name: "embedding", bytes: 2 * size) { _ = Tensor.embedding(table, indices) },
      Case(name: "cumulative_sum", bytes: 2 * size) { _ = x.cumulativeSum(axis: 1) },
      // The indices are twice as wide as the values.
      Case(name: "sort", bytes: 4 * size) { _ = x.sorted(axis: 1) },
      Case(name: "top_10", bytes: size, traffic: DS_TRAFFIC_READ) { _ = x.topK(10, axis: 1) },
    ]
  }

  func images() -> [Case] {
    let key = KernelBenchmark.key
    let (batch, channels, side, kernel) = (8, 64, 56, 3)
    let maps = Tensor.randomNormal([batch, channels, side, side], key: key)
    let large = Tensor.randomNormal([batch, channels, 2 * side, 2 * side], key: key)
    let filters = Tensor.randomNormal([channels, channels, kernel, kernel], key: key)
    let weight = Tensor.ones([channels])
    let bias = Tensor.zeros([channels])
    let size = maps.shape.elementCount * 4
    let flops = 2 * Double(maps.shape.elementCount) * Double(channels * kernel * kernel)
    return [
      Case(name: "convolution_3x3_8x64x56x56", flops: flops) { _ = maps.convolution(filters, padding: 1) },
      Case(name: "max_pool_3x3_8x64x112x112", bytes: 5 * size, traffic: DS_TRAFFIC_TRIAD) {
        _ = large.maxPool(kernel: 3, stride: 2, padding: 1)
      },
      Case(name: "average_pool_2x2_8x64x112x112", bytes: 5 * size, traffic: DS_TRAFFIC_TRIAD) {
        _ = large.averagePool(kernel: 2)
      },
      Case(name: "batch_norm_8x64x56x56", bytes: 2 * size) { _ = maps.batchNorm(weight: weight, bias: bias) },
    ]
  }

  func sequences() -> [Case] {
    let key = KernelBenchmark.key
    let (steps, batch, width, gates) = (64, 32, 256, 4)
    let x = Tensor.randomNormal([steps, batch, width], key: key)
    let weights = RecurrentWeights(
      input: Tensor.randomUniform([gates * width, width], -0.06, 0.06, key: key),
      hidden: Tensor.randomUniform([gates * width, width], -0.06, 0.06, key: key))
    let flops = 2 * Double(steps * batch) * Double(2 * width) * Double(gates * width)
    return [Case(name: "lstm_64x32x256", flops: flops) { _ = x.lstm(weights) }]
  }
}
