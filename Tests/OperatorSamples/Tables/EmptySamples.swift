import DeepSeekOperators
import DeepSeekTensor

/// Tensors without an element, for operators whose own rows have none.
func addEmptySamples(to table: inout SampleTable) {
  addEmptyElementwise(to: &table)
  addEmptyReductions(to: &table)
  addEmptyIndexing(to: &table)
  addEmptyLayers(to: &table)
  addEmptyLosses(to: &table)
  addEmptyLinearAlgebra(to: &table)
  addEmptyUpdates(to: &table)
}

private func addEmptyElementwise(to table: inout SampleTable) {
  table.row("where/empty", [.mask(0, 4), .plain(0, 4), .plain(4)], torch: "torch.where(a, b, c)") {
    Tensor.select($0[0], $0[1], $0[2])
  }
  table.row("power/empty", [.positive(0, 3), .plain(3)], torch: "a ** b") { $0[0].power($0[1]) }
  table.row("cast/empty", [.plain(0, 3)], torch: "a.to(torch.int32)", derivatives: 0) { $0[0].cast(to: .int32) }
  table.row("gelu/empty", [.plain(3, 0)], torch: "F.gelu(a)") { $0[0].gelu() }
  table.row("prelu/empty", [.plain(0, 3, 4), .plain(3)], torch: "F.prelu(a, b)") { $0[0].prelu($0[1]) }
  table.row("glu/empty", [.plain(0, 6)], torch: "F.glu(a, 1)") { $0[0].glu(axis: 1) }
  let chain = ElementwiseChainOperator(
    inputCount: 2, steps: [.binary(BinaryOperator(.multiply), 0, 1), .unary(UnaryOperator(.tanh), 2)])
  table.row("elementwise_chain/empty", [.plain(0, 4), .plain(4)]) { apply(chain, $0)[0] }
  table.row(
    "fake_quantize/empty", [.plain(0, 4), SampleInput([1], .fixed([0.25])), SampleInput([1], .fixed([1]))],
    derivatives: 1, hasTrueGradient: false
  ) { $0[0].fakeQuantized(scale: $0[1], zeroPoint: $0[2], -4, 3) }
  table.row("broadcast/empty", [.plain(0, 1)], torch: "a.expand(2, 0, 4)") { $0[0].broadcast(to: [2, 0, 4]) }
  table.row("transpose/empty", [.plain(2, 0, 4)], torch: "a.permute(2, 0, 1)") { $0[0].transposed([2, 0, 1]) }
  table.row("shape/empty", [.plain(2, 0)], torch: "torch.tensor(a.shape)") { apply(ShapeOperator(), $0[0]) }
  table.row("tile/empty", [.plain(0, 3)], torch: "a.tile((2, 2))") { $0[0].tiled([2, 2]) }
}

private func addEmptyReductions(to table: inout SampleTable) {
  table.row("argmax/empty", [SampleInput([0, 7], isDifferentiable: false)], torch: "a.argmax(1)") {
    $0[0].argmax(axis: 1)
  }
  table.row("reduce_max/empty", [.plain(0, 3)], torch: "a.amax(1)") { $0[0].max(axis: 1) }
  table.row("reduce_mean/empty", [.plain(3, 0)], torch: "a.mean(1)", derivatives: 1) { $0[0].mean(axis: 1) }
  table.row("reduce_log_sum_exp/empty", [.plain(3, 0)], torch: "a.logsumexp(1)", derivatives: 1) {
    $0[0].logSumExp(axis: 1)
  }
  table.row("variance/empty", [.plain(0, 3)], torch: "a.var(1)") { $0[0].variance(axes: [1]) }
  table.row("variance/of nothing", [.plain(3, 0)], torch: "a.var(1)", derivatives: 1) { $0[0].variance(axes: [1]) }
  table.row("norm/empty", [.plain(3, 0)], torch: "torch.linalg.vector_norm(a, 2, 1)", derivatives: 1) {
    $0[0].norm(axes: [1])
  }
  table.row("cumulative_product/empty", [.plain(0, 2)], torch: "a.cumprod(0)", derivatives: 1) {
    $0[0].cumulativeProduct(axis: 0)
  }
  table.row("cumulative_max/empty", [.plain(0, 2)], torch: "a.cummax(1).values", derivatives: 1) {
    $0[0].cumulativeMax(axis: 1)
  }
  table.row("softmax/of nothing", [.plain(3, 0)], torch: "a.softmax(1)") { $0[0].softmax() }
  table.row("log_softmax/empty", [.plain(0, 3)], torch: "a.log_softmax(1)") { $0[0].logSoftmax() }
  table.rows(
    "unique/empty", [.integers(0..<3, 0)], torch: "torch.unique(a, return_inverse=True, return_counts=True)",
    captures: false, covers: [UniqueOperator.self]
  ) {
    let result = $0[0].unique()
    return [result.values, result.inverse, result.counts]
  }
  let list = SampleInput([3], .fixed([-1, 0, 2]), isDifferentiable: false)
  let nothing = SampleInput([0], isDifferentiable: false)
  table.row("search_sorted/no values", [list, nothing], torch: "torch.searchsorted(a, b)") {
    $0[0].searchSorted($0[1])
  }
  table.row("search_sorted/no list", [nothing, list], torch: "torch.searchsorted(a, b)") { $0[0].searchSorted($0[1]) }
}

private func addEmptyIndexing(to table: inout SampleTable) {
  let none = SampleInput.integers(0..<3, 0, 5)
  table.row("embedding/empty", [.plain(7, 3), .integers(0..<7, 0)], torch: "F.embedding(b, a)") {
    Tensor.embedding($0[0], $0[1])
  }
  table.row("gather/empty", [.plain(4, 5), none], torch: "a.gather(0, b)") { $0[0].gather(axis: 0, $0[1]) }
  table.row("scatter/empty", [.plain(4, 5), none, .plain(0, 5)], torch: "a.scatter(0, b, c)") {
    $0[0].scatter(axis: 0, $0[1], $0[2])
  }
  table.row("scatter_max/empty", [.plain(4, 5), none, .plain(0, 5)], torch: "a.scatter_reduce(0, b, c, 'amax')") {
    $0[0].scatter(axis: 0, $0[1], $0[2], mode: .max)
  }
  let pairs = SampleInput.integers(0..<3, 0, 2)
  table.row("gather_nd/empty", [.plain(3, 4, 2), pairs], torch: "a[b[:, 0], b[:, 1]]") { $0[0].gatherND($0[1]) }
  table.row(
    "scatter_nd/empty", [.plain(3, 4, 2), pairs, .plain(0, 2)], torch: "a.index_put((b[:, 0], b[:, 1]), c)"
  ) { $0[0].scatterND($0[1], $0[2]) }
  table.row("index_add/empty", [.plain(2, 3), .integers(0..<3, 0), .plain(2, 0)], torch: "a.index_add(1, b, c)") {
    $0[0].indexAdd(axis: 1, $0[1], $0[2])
  }
  table.row(
    "masked_select/empty", [.plain(0, 4), .mask(0, 4)], torch: "a.masked_select(b)", captures: false,
    covers: [MaskedSelectOperator.self]
  ) { $0[0].maskedSelect($0[1]) }
  table.row(
    "masked_scatter/empty", [.plain(0, 4), .mask(0, 4), .plain(3)], torch: "a.masked_scatter(b, c)", derivatives: 0
  ) { $0[0].maskedScatter($0[1], $0[2]) }
  table.row("one_hot/empty", [.integers(0..<5, 0, 3)], torch: "F.one_hot(a, 5).double()") {
    $0[0].oneHot(5, dtype: .float64)
  }
  table.row("diagonal_matrix/empty", [.plain(2, 0)], torch: "torch.diag_embed(a)") { $0[0].diagonalMatrix() }
  let place = "(lambda y: (y.__setitem__(slice(2, 2), b), y)[1])(a.clone())"
  table.row("subscript/set nothing", [.plain(3, 4), .plain(0, 4)], torch: place) {
    var result = $0[0]
    result[2..<2] = $0[1]
    return result
  }
}

private func addEmptyLayers(to table: inout SampleTable) {
  table.row("linear/empty", [.plain(0, 4), .plain(5, 4), .plain(5)], torch: "F.linear(a, b, c)") {
    $0[0].linear($0[1], bias: $0[2])
  }
  table.row("linear/no inputs", [.plain(2, 0), .plain(5, 0), .plain(5)], torch: "F.linear(a, b, c)") {
    $0[0].linear($0[1], bias: $0[2])
  }
  table.row("packed linear/empty", [.plain(0, 5), .plain(40, 5), .plain(40)]) { packedLinear($0) }
  let bytes = SampleInput([5, 64], .integers(-128..<128), dtype: .int8)
  let scales = SampleInput([5], .fixed([0.25, 0.5, 0.25, 0.125, 1]), dtype: .float32)
  table.row("quantized linear/empty", [.plain(0, 64), bytes, scales], derivatives: 1) {
    apply(QuantizedLinearOperator(weightBits: 8), $0)[0]
  }
  table.row("packed quantized linear/empty", [.plain(0, 64), bytes, scales], derivatives: 1) {
    packedQuantizedLinear(QuantizedLinearOperator(weightBits: 8), $0)
  }
  table.row(
    "convolution_transposed/no batch", [.plain(0, 2, 5), .plain(2, 3, 3)], torch: "F.conv_transpose1d(a, b)"
  ) { $0[0].convolutionTransposed($0[1]) }
  table.row("unfold/no batch", [.plain(0, 2, 5, 4)], torch: "F.unfold(a, (2, 3))") { $0[0].unfolded(kernel: [2, 3]) }
  table.row("fold/no batch", [.plain(0, 12, 8)], torch: "F.fold(a, (5, 4), (2, 3))") {
    $0[0].folded(size: [5, 4], kernel: [2, 3])
  }
  table.row("resize/no batch", [.plain(0, 2, 3, 4)], torch: "F.interpolate(a, size=(5, 7), mode='bilinear')") {
    $0[0].resized(to: [5, 7])
  }
  table.row("rms_norm/empty", [.plain(0, 8), .plain(8)], torch: "F.rms_norm(a, (8,), b, 1e-6)") {
    $0[0].rmsNorm(weight: $0[1])
  }
  table.row("add_layer_norm/empty", [.plain(0, 8), .plain(0, 8)], torch: "F.layer_norm(a + b, (8,))") {
    $0[0].addLayerNorm(residual: $0[1]).normalized
  }
  table.row("batch_norm/no channels", [.plain(2, 0, 5)], torch: "a * 1") { $0[0].batchNorm().output }
  table.row(
    "batch_norm/inference, no batch", [.plain(0, 3, 5), .plain(3), .positive(3)],
    torch: "(a - b[:, None]) / torch.sqrt(c[:, None] + 1e-5)", dtypes: [.float64, .float32]
  ) { $0[0].batchNorm(mean: $0[1], variance: $0[2]) }
  let product = "F.scaled_dot_product_attention(a, b, c)"
  let lengths = [
    ("batch", [0, 2, 5], [0, 2, 7]), ("queries", [2, 2, 0], [2, 2, 7]), ("keys", [2, 2, 5], [2, 2, 0]),
  ]
  for (name, queries, keys) in lengths {
    let inputs = [SampleInput(queries + [4]), SampleInput(keys + [4]), SampleInput(keys + [3])]
    table.row("attention/no \(name)", inputs, torch: product) {
      Tensor.attention(query: $0[0], key: $0[1], value: $0[2])
    }
  }
  table.row(
    "lstm/no batch", [.plain(3, 0, 4), .unit(12, 4), .unit(12, 3)],
    torch:
      "torch.lstm(a, (torch.zeros(1, 0, 3).double(),) * 2, (b, c), False, 1, 0.0, False, False, False)[0]"
  ) { $0[0].lstm(RecurrentWeights(input: $0[1], hidden: $0[2])).output }
  table.row("dropout/empty", [.plain(0, 9), .key]) { $0[0].dropout(0.25, key: $0[1]) }
  table.row("dropout_add/empty", [.plain(0, 6), .plain(0, 6), .key]) {
    $0[0].dropoutAdd(0.25, residual: $0[1], key: $0[2])
  }
  table.row("random_uniform/empty", [.key]) { Tensor.randomUniform([0, 9], key: $0[0]) }
  table.row("random_categorical/empty", [.plain(0, 5), .key], dtypes: [.float64], derivatives: 0) {
    $0[0].randomCategorical(key: $0[1])
  }
}

private func addEmptyLosses(to table: inout SampleTable) {
  let (logits, targets) = (SampleInput([0, 5]), SampleInput.integers(0..<5, 0))
  table.row(
    "cross_entropy/empty", [logits, targets], torch: "F.cross_entropy(a, b, reduction='sum')", widensHalves: true
  ) { $0[0].crossEntropy($0[1], reduction: .sum) }
  table.row(
    "cross_entropy/mean of nothing", [logits, targets], torch: "F.cross_entropy(a, b)", derivatives: 1,
    widensHalves: true
  ) { $0[0].crossEntropy($0[1]) }
  table.row("nll_loss/empty", [logits, targets], torch: "F.nll_loss(a, b, reduction='sum')") {
    $0[0].negativeLogLikelihood($0[1], reduction: .sum)
  }
  let pair: [SampleInput] = [.plain(0, 4), .plain(0, 4)]
  table.row("mse_loss/mean of nothing", pair, torch: "F.mse_loss(a, b)", derivatives: 1) {
    $0[0].meanSquaredError($0[1])
  }
  table.row("huber_loss/empty", pair, torch: "F.huber_loss(a, b, reduction='sum')") {
    $0[0].huberLoss($0[1], reduction: .sum)
  }
  table.row("cosine_similarity/empty", pair, torch: "F.cosine_similarity(a, b, dim=-1)") {
    $0[0].cosineSimilarity($0[1])
  }
}

private func addEmptyLinearAlgebra(to table: inout SampleTable) {
  let exact: [DType] = [.float64, .float32]
  let stack = SampleInput([0, 3, 3], .invertible)
  table.row("inverse/empty", [stack], torch: "a.inverse()", dtypes: exact) { $0[0].inverse() }
  table.row("determinant/empty", [stack], torch: "torch.linalg.det(a)", dtypes: exact) { $0[0].determinant() }
  table.rows("slogdet/empty", [stack], torch: "tuple(torch.linalg.slogdet(a))", dtypes: exact) {
    let result = $0[0].signAndLogDeterminant()
    return [result.sign, result.logarithm]
  }
  table.row("determinant/no rows", [.plain(2, 0, 0)], torch: "torch.linalg.det(a)", dtypes: exact) {
    $0[0].determinant()
  }
  let solved = "torch.linalg.solve_triangular(a, b, upper=False)"
  table.row("triangular_solve/empty", [stack, .plain(0, 3, 2)], torch: solved, dtypes: exact) {
    $0[0].solveTriangular($0[1], upper: false)
  }
  table.rows("qr/empty", [.plain(0, 3, 2)], torch: "tuple(torch.linalg.qr(a))", dtypes: exact) {
    let result = $0[0].qr()
    return [result.q, result.r]
  }
  table.row("eigh/empty", [stack], torch: "torch.linalg.eigh(a)[0]", dtypes: exact) { $0[0].eigh().values }
  table.row("lstsq/empty", [.plain(0, 3, 2), .plain(0, 3, 1)], torch: "torch.linalg.pinv(a) @ b", dtypes: exact) {
    $0[0].leastSquares($0[1])
  }
}

/// A weight without an element moves nowhere, and neither does what an optimizer keeps of it.
private func addEmptyUpdates(to table: inout SampleTable) {
  let rules: [any UpdateOperator] = [
    SGDOperator(momentum: 0.75, dampening: 0, weightDecay: 0.25, isNesterov: false),
    AdamOperator(betas: (0.75, 0.9), epsilon: 1e-3, weightDecay: 0.25, isDecoupled: true, usesLargestMoment: false),
    RMSpropOperator(smoothing: 0.75, epsilon: 1e-3, weightDecay: 0.25, momentum: 0.5, isCentered: false),
    AdagradOperator(learningRateDecay: 0.25, weightDecay: 0.25, initialSum: 0, epsilon: 1e-3),
    LionOperator(betas: (0.75, 0.9), weightDecay: 0.25),
    LAMBOperator(betas: (0.75, 0.9), epsilon: 1e-3, weightDecay: 0.25, correctsBias: true),
    LARSOperator(momentum: 0.75, weightDecay: 0.25, trust: 0.5, epsilon: 1e-3),
    AdafactorOperator(
      epsilons: (1e-6, 1e-3), clippingThreshold: 0.5, decayRate: -0.8, momentum: 0.75, weightDecay: 0.25,
      scalesByWeight: true, usesRelativeStep: false, warmsUp: false),
  ]
  for rule in rules {
    let states = rule.states(of: TensorSpec(.float64, [0]))
    let numbers = [
      SampleInput([0], isDifferentiable: false), SampleInput([0], isDifferentiable: false),
      SampleInput([], .fixed([0.125]), dtype: .float64), SampleInput([], .fixed([0.5]), dtype: .float64),
      SampleInput([], .fixed([3]), dtype: .int64),
    ]
    let inputs = numbers + states.map { SampleInput(Array($0.spec.shape), .unit, isDifferentiable: false) }
    table.rows("\(rule.name)/empty", inputs, dtypes: [.float64, .float32], derivatives: 0) { apply(rule, $0) }
  }
}
