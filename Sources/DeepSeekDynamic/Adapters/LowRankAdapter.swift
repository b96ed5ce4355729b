import DeepSeekOperators
import DeepSeekTensor

/// Two factors beside one layer's weight: `scale · B A` is what the weight counts as changed by.
///
/// The product is never made but to merge. The layer adds `(x Aᵀ) Bᵀ` to its own output, so a step costs 2 r (inputs +
/// outputs) multiplications a row beside the layer's, and no gradient of the weight's size exists.
final class LowRankAdapter: Sendable {
  let name: String
  let rank: Int
  let scale: Double
  let layout: AdaptedWeightLayout
  /// A: `[rank, inputs]`, or of a table `[rank, entries]`.
  let first: Parameter
  /// B: `[outputs, rank]`, or of a table `[width, rank]`.
  let second: Parameter
  let dropout: Dropout
  /// A table's entry that receives no gradient.
  private let paddingIndex: Int?

  init(_ name: String, _ configuration: LoRAConfiguration, _ layer: any AdaptableLayer, key: String) {
    self.name = name
    layout = layer.weightLayout
    rank = configuration.rank(of: key)
    scale = configuration.scale(of: key)
    dropout = Dropout(configuration.dropout)
    paddingIndex = (layer as? Embedding)?.paddingIndex
    // Factors of a 16-bit layer are kept precise: their steps are small.
    let dtype: DType = layer.weight.spec.dtype == .float64 ? .float64 : .float32
    let (inputs, outputs) = layer.adaptedSize
    let (startOfFirst, startOfSecond) = LowRankAdapter.start(configuration.initialization, layout, rank, inputs)
    first = Parameter(startOfFirst([rank, inputs], dtype: dtype))
    second = Parameter(startOfSecond([outputs, rank], dtype: dtype))
  }

  private static func start(
    _ initialization: LoRAConfiguration.Initialization, _ layout: AdaptedWeightLayout, _ rank: Int, _ inputs: Int
  ) -> (first: Initializer, second: Initializer) {
    func within(_ count: Int) -> Initializer {
      let bound = 1 / Double(Swift.max(count, 1)).squareRoot()
      return .uniform(-bound, bound)
    }
    if initialization == .random { return (layout == .table ? .normal() : within(inputs), within(rank)) }
    if layout == .table { return (.zeros, .normal()) }
    return (
      initialization == .gaussian ? .normal(standardDeviation: 1 / Double(rank)) : within(inputs), .zeros
    )
  }

  /// The keys of the factors within a layer, as PEFT has them, without the adapter's name.
  var keys: (first: String, second: String) {
    layout == .table ? ("lora_embedding_A", "lora_embedding_B") : ("lora_A.weight", "lora_B.weight")
  }

  var fields: [ModuleField] {
    let (a, b) =
      layout == .table
      ? ("lora_embedding_A.\(name)", "lora_embedding_B.\(name)")
      : ("lora_A.\(name).weight", "lora_B.\(name).weight")
    return [
      ModuleField(a, .parameter(first)), ModuleField(b, .parameter(second)),
      ModuleField("lora_dropout.\(name)", .mode(dropout.mode)),
    ]
  }

  /// The layer's output with the adapter's added.
  func adding(to output: Tensor, of input: Tensor) -> Tensor {
    var low: Tensor
    if layout == .table {
      low = Tensor.embedding(first.tensor.transposed(), input, paddingIndex: paddingIndex)
    } else {
      low = dropout(input.cast(to: first.spec.dtype)).linear(first.tensor)
    }
    // Here the scale costs a pass over `rank` numbers a row, on the result one over `outputs`.
    if scale != 1 { low = low * scale }
    return output + low.linear(second.tensor).cast(to: output.dtype)
  }

  /// What the weight is changed by when the adapter is merged, in the factors' precision and the weight's layout.
  var delta: Tensor {
    let product = second.value.matmul(first.value) * scale
    return layout == .outputsByInputs ? product : product.transposed()
  }

  /// Wants gradients of the factors, or none.
  func setTrainable(_ isTrainable: Bool) {
    first.isTrainable = isTrainable
    second.isTrainable = isTrainable
  }
}
