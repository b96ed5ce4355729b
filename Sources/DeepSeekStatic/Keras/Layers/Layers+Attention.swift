import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Attention of several heads (Vaswani and others, 2017), called on queries `[batch, queries, …]`, values `[batch, keys, …]`,
  /// keys `[batch, keys, …]` and, where there is one, truths `[batch, 1 or queries, keys]` that say what may be attended to.
  /// Gives `[batch, queries, width]`; with `returnsScores` the weights `[batch, heads, queries, keys]` as a second output.
  ///
  /// Weights: `query.weight` `[heads · keyWidth, …]`, `key.weight`, `value.weight` `[key heads · valueWidth, …]`, `output.weight`
  /// `[width, heads · valueWidth]`, and their `bias`.
  public struct MultiHeadAttention: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of so many heads, each of `keyWidth` for queries and keys. `valueWidth` is that of values, `width` that of the
    /// output: the keys' and the queries' unless given. With fewer heads for keys and values, `keyHeadCount`, each of them
    /// serves as many heads in a row (Ainslie and others, arXiv:2305.13245); traps when they do not divide.
    public init(
      _ headCount: Int, keyHeadCount: Int? = nil, keyWidth: Int, valueWidth: Int? = nil, width: Int? = nil,
      dropout: Double = 0, useBias: Bool = true, returnsScores: Bool = false, name: String? = nil
    ) {
      let kind = keyHeadCount == nil ? "MultiHeadAttention" : "GroupQueryAttention"
      let keyHeads = keyHeadCount ?? headCount
      if keyHeads < 1 || headCount % keyHeads != 0 {
        fatalError("\(kind): \(keyHeads) heads of keys do not divide \(headCount) heads")
      }
      core = Keras.LayerCore(kind, name: name) { specs in
        let widths = specs.prefix(3).map { Keras.lastLength($0, kind) }
        let heads = HeadedAttention(
          headCount, keyHeads, keyWidth, valueWidth ?? keyWidth, widths, width ?? widths[0], dropout, useBias,
          dtype: specs[0].dtype)
        if returnsScores { return Keras.LayerBody(heads, outputs: { heads.withScores($0) }) }
        return Keras.LayerBody(heads) { heads($0) }
      }
    }
  }

  /// Attention of one head by products (Luong and others, 2015), or by `tanh` of sums (Bahdanau and others, 2015), called on
  /// queries `[batch, queries, width]`, values and keys `[batch, keys, width]` and, where there are, truths `[batch, 1 or
  /// queries, keys]` that say what may be attended to, and truths `[batch, queries]` of queries that count; those that do not
  /// give zeros. With `returnsScores` the weights `[batch, queries, keys]` are a second output.
  public struct Attention: Keras.Layer {
    /// How a query and a key are compared.
    public enum Score: Sendable {
      /// By their product, times a scale of its own when `scaled`: a weight `scale` of one element.
      case product(scaled: Bool)
      /// By the sum of `tanh` of their sum, each element of it times its own when `scaled`: a weight `scale` `[width]`.
      case additive(scaled: Bool)
      /// By the sum of `tanh` of their sum, times a weight `concat_score_weight` of one element; with `scale` inside.
      case concatenated(scaled: Bool)
    }

    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that compares so.
    public init(_ score: Score, dropout: Double = 0, returnsScores: Bool = false, name: String? = nil) {
      let kind = if case .additive = score { "AdditiveAttention" } else { "Attention" }
      core = Keras.LayerCore(kind, name: name) { specs in
        let attention = ScoredAttention(score, specs[0], dropout)
        if returnsScores { return Keras.LayerBody(attention, outputs: { attention($0) }) }
        return Keras.LayerBody(attention) { attention($0)[0] }
      }
    }
  }
}

/// Projections, and attention between them.
private final class HeadedAttention: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let dropout: Dropout
  private let headCount: Int
  private let keyHeadCount: Int

  init(
    _ headCount: Int, _ keyHeadCount: Int, _ keyWidth: Int, _ valueWidth: Int, _ widths: [Int], _ width: Int,
    _ rate: Double,
    _ useBias: Bool, dtype: DType
  ) {
    self.headCount = headCount
    self.keyHeadCount = keyHeadCount
    query = Linear(widths[0], headCount * keyWidth, bias: useBias, dtype: dtype)
    value = Linear(widths[1], keyHeadCount * valueWidth, bias: useBias, dtype: dtype)
    key = Linear(widths[2], keyHeadCount * keyWidth, bias: useBias, dtype: dtype)
    output = Linear(headCount * valueWidth, width, bias: useBias, dtype: dtype)
    dropout = Dropout(rate)
    for linear in [query, key, value, output] {
      Initializer.xavierUniform()(linear.weight)
      if let bias = linear.bias { Initializer.zeros(bias) }
    }
  }

  /// `[batch, positions, heads · width]` as `[batch, heads, positions, width]`.
  private func heads(_ x: Tensor, _ count: Int) -> Tensor {
    let width = Dimension(x.shape[2] / count)
    let split = x.reshaped([x.dimension(0), x.dimension(1), Dimension(count), width]).transposed([0, 2, 1, 3])
    return count == headCount ? split : split.repeated(headCount / count, axis: 1)
  }

  private func projected(_ mixed: Tensor) -> Tensor {
    let joined = mixed.transposed([0, 2, 1, 3])
    return output(
      joined.reshaped([joined.dimension(0), joined.dimension(1), Dimension(output.weight.spec.shape[1])]))
  }

  private func parts(_ inputs: [Tensor]) -> (query: Tensor, key: Tensor, value: Tensor, mask: Tensor?) {
    (
      heads(query(inputs[0]), headCount), heads(key(inputs[2]), keyHeadCount), heads(value(inputs[1]), keyHeadCount),
      inputs.dropFirst(3).first?.expanded(1)
    )
  }

  func callAsFunction(_ inputs: [Tensor]) -> Tensor {
    let (query, key, value, mask) = parts(inputs)
    // What a query without any key leaves inside the fused operator is not finite. Keras has it attend to all keys alike.
    if mask != nil { return mixed(query, key, value, mask, zeroesRest: false)[0] }
    return projected(
      Tensor.attention(query: query, key: key, value: value, dropout: dropout.effectiveProbability))
  }

  func withScores(_ inputs: [Tensor]) -> [Tensor] {
    let (query, key, value, mask) = parts(inputs)
    return mixed(query, key, value, mask, zeroesRest: true)
  }

  private func mixed(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ mask: Tensor?, zeroesRest: Bool) -> [Tensor] {
    let scale = 1 / Double(query.shape[3]).squareRoot()
    let scores = (query * scale).matmul(key.matrixTransposed)
    let weights = ScoredAttention.weights(scores, mask, zeroesRest: zeroesRest)
    return [projected(dropout(weights).matmul(value)), weights]
  }
}

/// Attention of one head without projections.
private final class ScoredAttention: Module {
  static var stateKeys: [String: String] { ["concatenationWeight": "concat_score_weight"] }

  let scale: Parameter?
  let concatenationWeight: Parameter?
  let dropout: Dropout
  private let score: Keras.Layers.Attention.Score

  init(_ score: Keras.Layers.Attention.Score, _ spec: TensorSpec, _ rate: Double) {
    self.score = score
    dropout = Dropout(rate)
    let one = Tensor.ones([], dtype: spec.dtype)
    switch score {
    case .product(let isScaled): (scale, concatenationWeight) = (isScaled ? Parameter(one) : nil, nil)
    case .concatenated(let isScaled): (scale, concatenationWeight) = (isScaled ? Parameter(one) : nil, Parameter(one))
    case .additive(let isScaled):
      let width = Keras.lastLength(spec, "AdditiveAttention")
      let draw = { Initializer.xavierUniform()([1, width], dtype: spec.dtype).reshaped([width]) }
      (scale, concatenationWeight) = (isScaled ? Parameter(draw()) : nil, nil)
    }
  }

  /// Shares of each key; none of those that may not be attended to, and where there is no other, alike shares of all, or none
  /// when `zeroesRest`.
  static func weights(_ scores: Tensor, _ mask: Tensor?, zeroesRest: Bool) -> Tensor {
    guard let mask else { return scores.softmax(axis: -1) }
    let weights = Tensor.select(mask, scores, Tensor.full([], -1e9, dtype: scores.dtype)).softmax(axis: -1)
    return zeroesRest ? Tensor.select(mask, weights, Tensor.zeros([], dtype: scores.dtype)) : weights
  }

  private func scores(_ query: Tensor, _ key: Tensor) -> Tensor {
    if case .product = score {
      let products = query.matmul(key.matrixTransposed)
      return scale.map { products * $0.tensor } ?? products
    }
    let sums = query.expanded(2) + key.expanded(1)
    if let weight = concatenationWeight {
      return (scale.map { sums * $0.tensor } ?? sums).tanh().sum(axis: -1) * weight.tensor
    }
    return (scale.map { sums.tanh() * $0.tensor } ?? sums.tanh()).sum(axis: -1)
  }

  func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
    let mask = inputs.dropFirst(3).first { $0.rank == 3 }
    let counts = inputs.dropFirst(3).first { $0.rank == 2 }
    let weights = ScoredAttention.weights(scores(inputs[0], inputs[2]), mask, zeroesRest: false)
    let mixed = dropout(weights).matmul(inputs[1])
    let zero = Tensor.zeros([], dtype: mixed.dtype)
    return [counts.map { Tensor.select($0.expanded(-1), mixed, zero) } ?? mixed, weights]
  }
}
