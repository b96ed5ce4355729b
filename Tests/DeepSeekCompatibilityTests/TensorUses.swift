import DeepSeekCompatibility
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Testing

/// Every old name of TensorFlow's that computes something at once, with a call whose answer is known.
@Suite("Legacy names: TensorFlow's functions give what they are said to")
struct TensorUses {
  private let x = Tensor([[1.0, -2.0], [3.0, 4.0]])
  private let y = Tensor([[1.0, 2.0], [2.0, 2.0]])

  private func expect(_ tensor: Tensor, _ values: [Double], _ name: String, tolerance: Double = 1e-5) {
    let found = tensor.converted(to: .float64).array(of: Double.self)
    #expect(
      found.count == values.count && zip(found, values).allSatisfy { abs($0 - $1) <= tolerance }, "\(name): \(found)")
  }

  @available(*, deprecated)
  @Test("arithmetic and comparisons")
  func arithmetic() {
    expect(tf.add(x, y), [2, 0, 5, 6], "add")
    for difference in [tf.subtract(x, y), tf.sub(x, y)] { expect(difference, [0, -4, 1, 2], "subtract") }
    for product in [tf.multiply(x, 2.0), tf.mul(x, 2)] { expect(product, [2, -4, 6, 8], "multiply") }
    for quotient in [tf.divide(x, y), tf.div(x, y)] { expect(quotient, [1, -1, 1.5, 2], "divide") }
    expect(tf.pow(x, 2), [1, 4, 9, 16], "pow")
    expect(tf.maximum(x, 0.0), [1, 0, 3, 4], "maximum")
    expect(tf.minimum(x, 0.0), [0, -2, 0, 0], "minimum")
    expect(tf.floormod(x, 3.0), [1, 1, 0, 1], "floormod")
    for squares in [tf.squaredDifference(x, y), tf.squared_difference(x, y)] {
      expect(squares, [0, 16, 1, 4], "squares")
    }
    for sum in [tf.addN([x, y, y]), tf.add_n([x, y, y])] { expect(sum, [3, 2, 7, 8], "addN") }
    for clipped in [tf.clipByValue(x, 0, 3), tf.clip_by_value(x, 0, 3)] { expect(clipped, [1, 0, 3, 3], "clip") }
    expect(tf.equal(x, y), [1, 0, 0, 0], "equal")
    for unequal in [tf.notEqual(x, y), tf.not_equal(x, y)] { expect(unequal, [0, 1, 1, 1], "notEqual") }
    expect(tf.less(x, y), [0, 1, 0, 0], "less")
    for result in [tf.lessEqual(x, y), tf.less_equal(x, y)] { expect(result, [1, 1, 0, 0], "lessEqual") }
    expect(tf.greater(x, y), [0, 0, 1, 1], "greater")
    for result in [tf.greaterEqual(x, y), tf.greater_equal(x, y)] { expect(result, [1, 0, 1, 1], "greaterEqual") }
    let (yes, no) = (Tensor([true, true]), Tensor([true, false]))
    for result in [tf.logicalAnd(yes, no), tf.logical_and(yes, no)] { expect(result, [1, 0], "and") }
    for result in [tf.logicalOr(yes, no), tf.logical_or(yes, no)] { expect(result, [1, 1], "or") }
    for result in [tf.logicalNot(no), tf.logical_not(no)] { expect(result, [0, 1], "not") }
  }

  @available(*, deprecated)
  @Test("functions of one tensor")
  func unary() {
    let half = Tensor([0.25, 1.0])
    expect(tf.abs(x), [1, 2, 3, 4], "abs")
    expect(tf.sign(x), [1, -1, 1, 1], "sign")
    expect(tf.square(x), [1, 4, 9, 16], "square")
    expect(tf.sqrt(half), [0.5, 1], "sqrt")
    expect(tf.rsqrt(half), [2, 1], "rsqrt")
    expect(tf.exp(half), [1.2840254, 2.7182817], "exp")
    expect(tf.log(half), [-1.3862944, 0], "log")
    expect(tf.log1p(half), [0.22314355, 0.6931472], "log1p")
    expect(tf.floor(half), [0, 1], "floor")
    expect(tf.ceil(half), [1, 1], "ceil")
    expect(tf.round(half), [0, 1], "round")
    expect(tf.sin(half), [0.24740396, 0.84147098], "sin")
    expect(tf.cos(half), [0.96891242, 0.54030231], "cos")
    expect(tf.erf(half), [0.27632639, 0.84270079], "erf")
    for result in [tf.sigmoid(half), tf.nn.sigmoid(half)] { expect(result, [0.5621765, 0.7310586], "sigmoid") }
    for result in [tf.tanh(half), tf.nn.tanh(half)] { expect(result, [0.24491866, 0.76159416], "tanh") }
    for result in [tf.isNan(half), tf.is_nan(half), tf.isInf(half), tf.is_inf(half)] { expect(result, [0, 0], "nan") }
    for result in [tf.isFinite(half), tf.is_finite(half)] { expect(result, [1, 1], "finite") }
    expect(tf.negative(x), [-1, 2, -3, -4], "negative")
    expect(tf.reciprocal(half), [4, 1], "reciprocal")
  }

  @available(*, deprecated)
  @Test("reductions and products")
  func reductions() {
    expect(tf.reduceSum(x), [6], "sum")
    expect(tf.reduceSum(x, 1), [-1, 7], "sum over one axis")
    expect(tf.reduce_sum(x, axis: 0, keep_dims: true), [4, 2], "sum over the first")
    for mean in [tf.reduceMean(x, [0, 1]), tf.reduce_mean(x)] { expect(mean, [1.5], "mean") }
    for result in [tf.reduceMax(x, axis: 1), tf.reduce_max(x, axis: 1)] { expect(result, [1, 4], "max") }
    for result in [tf.reduceMin(x, axis: 1), tf.reduce_min(x, axis: 1)] { expect(result, [-2, 3], "min") }
    for result in [tf.reduceProd(x), tf.reduce_prod(x)] { expect(result, [-24], "prod") }
    let flags = Tensor([true, false])
    for result in [tf.reduceAll(flags), tf.reduce_all(flags)] { expect(result, [0], "all") }
    for result in [tf.reduceAny(flags), tf.reduce_any(flags)] { expect(result, [1], "any") }
    let zeros = Tensor([0.0, 0.0])
    for result in [tf.reduceLogsumexp(zeros), tf.reduce_logsumexp(zeros)] { expect(result, [0.6931472], "logsumexp") }
    expect(tf.argmax(x), [1, 1], "argmax over the first axis")
    expect(tf.argmin(x, axis: 1), [1, 0], "argmin")
    expect(tf.cumsum(x), [1, -2, 4, 2], "cumsum")
    expect(tf.cumprod(x, axis: 1), [1, -2, 3, 12], "cumprod")
    expect(tf.matmul(x, y), [-3, -2, 11, 14], "matmul")
    expect(tf.matmul(x, y, transposeB: true), [-3, -2, 11, 14], "matmul, transposed")
    expect(tf.matmul(x, y, transpose_a: true, transpose_b: false), [7, 8, 6, 4], "matmul, the first transposed")
    expect(tf.tensordot(x, y, axes: 1), [-3, -2, 11, 14], "tensordot")
    expect(tf.einsum("ij,jk->ik", x, y), [-3, -2, 11, 14], "einsum")
  }

  @available(*, deprecated)
  @Test("making tensors")
  func creation() throws {
    #expect(
      [tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.int32, tf.int64, tf.bool]
        == [.float16, .bfloat16, .float32, .float64, .int32, .int64, .bool])
    expect(tf.constant([1, 2], tf.float32), [1, 2], "constant")
    expect(tf.zeros([2]), [0, 0], "zeros")
    expect(tf.ones([2], tf.int32), [1, 1], "ones")
    for result in [tf.zerosLike(y), tf.zeros_like(y)] { expect(result, [0, 0, 0, 0], "zerosLike") }
    for result in [tf.onesLike(y), tf.ones_like(y)] { expect(result, [1, 1, 1, 1], "onesLike") }
    expect(tf.fill([2], 3), [3, 3], "fill")
    expect(tf.range(3), [0, 1, 2], "range")
    expect(tf.linspace(0, 1, 3), [0, 0.5, 1], "linspace")
    expect(tf.eye(2), [1, 0, 0, 1], "eye")
    try StaticGraph().asDefault {
      let session = Session()
      let drawn = [
        tf.randomNormal([1000], stddev: 2), tf.random_normal([1000], stddev: 2),
        tf.truncatedNormal([1000], stddev: 2), tf.truncated_normal([1000], stddev: 2),
        tf.randomUniform([1000], minval: -1, maxval: 1), tf.random_uniform([1000], minval: -1, maxval: 1),
      ]
      let (first, second) = (try session.run(drawn), try session.run(drawn))
      for (index, (one, other)) in zip(first, second).enumerated() {
        let deviation = one.standardDeviation().item(as: Double.self)
        #expect(abs(deviation - [2, 2, 1.76, 1.76, 0.577, 0.577][index]) < 0.2, "\(index): \(deviation)")
        #expect(one.array(of: Float.self) != other.array(of: Float.self), "\(index) is drawn anew")
      }
    }
  }

  @available(*, deprecated)
  @Test("changing the form of tensors")
  func forms() {
    for result in [tf.cast(x, tf.int32), tf.toInt32(x), tf.to_int32(x)] { #expect(result.dtype == .int32) }
    for result in [tf.toInt64(x), tf.to_int64(x)] { #expect(result.dtype == .int64) }
    for result in [tf.toFloat(Tensor([1])), tf.to_float(Tensor([1]))] { #expect(result.dtype == .float32) }
    #expect(tf.reshape(x, [4, -1]).shape == [4, 1])
    expect(tf.transpose(x), [1, 3, -2, 4], "transpose")
    for result in [tf.expandDims(x, 0), tf.expand_dims(x, 0)] { #expect(result.shape == [1, 2, 2]) }
    #expect(tf.squeeze(tf.zeros([1, 2, 1]), [0, -1]).shape == [2])
    expect(tf.concat([x, y], 1), [1, -2, 1, 2, 3, 4, 2, 2], "concat")
    for result in [tf.stack([x, y]), tf.pack([x, y])] { #expect(result.shape == [2, 2, 2]) }
    expect(tf.unstack(x, axis: 1)[1], [-2, 4], "unstack")
    expect(tf.split(x, 2, axis: 1)[0], [1, 3], "split")
    #expect(tf.tile(x, [1, 3]).shape == [2, 6])
    #expect(tf.pad(x, [[0, 1], [2, 0]]).shape == [3, 4])
    expect(tf.slice(x, [0, 1], [-1, 1]), [-2, 4], "slice")
    expect(tf.gather(x, Tensor([1])), [3, 4], "gather")
    for result in [tf.oneHot(Tensor([1]), 3), tf.one_hot(Tensor([1]), 3)] { expect(result, [0, 1, 0], "oneHot") }
    expect(tf.`where`(x.greater(than: 0), x, 0.0), [1, 0, 3, 4], "tf.where")
    expect(tf.identity(x), [1, -2, 3, 4], "identity")
    for result in [tf.stopGradient(x), tf.stop_gradient(x)] { #expect(!result.tracksGradient) }
    let classes = Tensor([0, 2])
    for result in [keras.utils.toCategorical(classes), keras.utils.to_categorical(classes)] {
      expect(result, [1, 0, 0, 0, 0, 1], "toCategorical")
    }
  }

  @available(*, deprecated)
  @Test("parts of networks")
  func networks() {
    expect(tf.nn.relu(x), [1, 0, 3, 4], "relu")
    expect(tf.nn.relu6(x * 2), [2, 0, 6, 6], "relu6")
    expect(tf.nn.elu(x), [1, -0.8646647, 3, 4], "elu")
    expect(tf.nn.selu(x), [1.050701, -1.520166, 3.152103, 4.202804], "selu")
    expect(tf.nn.softplus(Tensor([0.0])), [0.6931472], "softplus")
    expect(tf.nn.softsign(x), [0.5, -0.6666667, 0.75, 0.8], "softsign")
    for result in [tf.nn.leakyRelu(x), tf.nn.leaky_relu(x)] { expect(result, [1, -0.4, 3, 4], "leakyRelu") }
    expect(tf.nn.softmax(Tensor([[0.0, 0.0]])), [0.5, 0.5], "softmax")
    for result in [tf.nn.logSoftmax(Tensor([[0.0, 0.0]])), tf.nn.log_softmax(Tensor([[0.0, 0.0]]))] {
      expect(result, [-0.6931472, -0.6931472], "logSoftmax")
    }
    for result in [tf.nn.biasAdd(x, Tensor([1.0, 2.0])), tf.nn.bias_add(x, Tensor([1.0, 2.0]))] {
      expect(result, [2, 0, 4, 6], "biasAdd")
    }
    for result in [tf.nn.l2Loss(x), tf.nn.l2_loss(x)] { expect(result, [15], "l2Loss") }
    for result in [tf.nn.l2Normalize(x, 1), tf.nn.l2_normalize(x, 1)] {
      expect(result, [0.4472136, -0.8944272, 0.6, 0.8], "l2Normalize")
    }
    expect(tf.nn.moments(x, [0]).variance, [1, 9], "moments")
    let (logits, classes) = (Tensor([[0.0, 0.0]]), Tensor([1]))
    let labels = Tensor([[0.0, 1.0]])
    let losses = [
      tf.nn.softmaxCrossEntropyWithLogits(labels: labels, logits: logits),
      tf.nn.softmax_cross_entropy_with_logits(labels: labels, logits: logits),
      tf.nn.softmaxCrossEntropyWithLogitsV2(labels: labels, logits: logits),
      tf.nn.softmax_cross_entropy_with_logits_v2(labels: labels, logits: logits),
      tf.nn.sparseSoftmaxCrossEntropyWithLogits(labels: classes, logits: logits),
      tf.nn.sparse_softmax_cross_entropy_with_logits(labels: classes, logits: logits),
      tf.losses.softmaxCrossEntropy(labels, logits), tf.losses.softmax_cross_entropy(labels, logits),
      tf.losses.sparseSoftmaxCrossEntropy(classes, logits), tf.losses.sparse_softmax_cross_entropy(classes, logits),
      tf.losses.sigmoidCrossEntropy(labels, logits), tf.losses.sigmoid_cross_entropy(labels, logits),
    ]
    for loss in losses { expect(loss.flattened(), [0.6931472], "cross-entropy") }
    for loss in [
      tf.nn.sigmoidCrossEntropyWithLogits(labels: labels, logits: logits),
      tf.nn.sigmoid_cross_entropy_with_logits(labels: labels, logits: logits),
    ] { expect(loss, [0.6931472, 0.6931472], "sigmoid") }
    for loss in [tf.losses.meanSquaredError(x, y), tf.losses.mean_squared_error(x, y)] { expect(loss, [5.25], "mse") }
    for loss in [tf.losses.absoluteDifference(x, y), tf.losses.absolute_difference(x, y)] {
      expect(loss, [1.75], "mae")
    }
    for loss in [tf.losses.huberLoss(x, y), tf.losses.huber_loss(x, y)] { expect(loss, [1.375], "huber") }
    for rows in [tf.nn.embeddingLookup(x, Tensor([1])), tf.nn.embedding_lookup(x, Tensor([1]))] {
      expect(rows, [3, 4], "embedding")
    }
    for result in [tf.nn.inTopK(x, Tensor([1, 1]), 1), tf.nn.in_top_k(x, Tensor([1, 1]), 1)] {
      expect(result, [0, 1], "top")
    }
  }

  @available(*, deprecated)
  @Test("images have their channels last")
  func images() throws {
    // One image of 2 × 2 with channels 1, 10 times a number, and a filter that takes both: [height, width, inputs, outputs].
    let image = Tensor([[[[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0], [4.0, 40.0]]]])
    let filter = Tensor([[[[1.0], [0.0]], [[0.0], [1.0]]]])
    expect(tf.nn.conv2d(image, filter, strides: [1, 1, 1, 1], padding: "VALID"), [21, 43], "conv2d")
    #expect(tf.nn.conv2d(image, filter, strides: [1, 1, 1, 1], padding: "SAME").shape == [1, 2, 2, 1])
    for result in [
      tf.nn.maxPool(image, ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: "VALID"),
      tf.nn.max_pool(image, ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: "VALID"),
      tf.layers.maxPooling2d(image, 2, 2), tf.layers.max_pooling2d(image, 2, 2),
    ] { expect(result, [4, 40], "maxPool") }
    for result in [
      tf.nn.avgPool(image, ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: "VALID"),
      tf.nn.avg_pool(image, ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: "VALID"),
    ] { expect(result, [2.5, 25], "avgPool") }
    #expect(tf.layers.conv2d(image, 5, 2, padding: "same", activation: "relu").shape == [1, 2, 2, 5])
    for result in [tf.layers.batchNormalization(image), tf.layers.batch_normalization(image)] {
      #expect(result.shape == [1, 2, 2, 2])
    }
    #expect(tf.layers.flatten(image).shape == [1, 8])
    #expect(tf.layers.dense(tf.layers.flatten(image), 3, activation: .tanh).shape == [1, 3])
    expect(tf.layers.dropout(x), [1, -2, 3, 4], "dropout outside training")
    try StaticGraph().asDefault {
      let share = tf.placeholder(tf.float32, name: "keep_prob")
      let mean = tf.reduce_mean(tf.nn.dropout(Tensor.ones([10_000]), share))
      let session = Session()
      let (some, all) = (
        try session.run(mean, feeds: [share: Tensor(0.25)]), try session.run(mean, feeds: [share: Tensor(1.0)])
      )
      #expect(abs(some.item(as: Double.self) - 1) < 0.1 && all.item(as: Double.self) == 1)
    }
  }
}
