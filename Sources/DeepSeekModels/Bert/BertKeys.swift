/// What the families' checkpoints call an encoder's parts.
struct BertKeys: Sendable {
  let encoder: String
  let query, key, value, attentionDropout: String
  let attention, output: Residual
  let intermediate: String

  /// The parts of a ``BertResidual``.
  struct Residual: Sendable {
    let dense, layerNorm, dropout: String
  }

  init(_ style: BertFamily.Style) {
    switch style {
    case .bert, .roberta:
      encoder = "encoder"
      query = "attention.self.query"
      key = "attention.self.key"
      value = "attention.self.value"
      attentionDropout = "attention.self.dropout"
      attention = Residual(
        dense: "attention.output.dense", layerNorm: "attention.output.LayerNorm", dropout: "attention.output.dropout")
      intermediate = "intermediate.dense"
      output = Residual(dense: "output.dense", layerNorm: "output.LayerNorm", dropout: "output.dropout")
    case .distilbert:
      encoder = "transformer"
      query = "attention.q_lin"
      key = "attention.k_lin"
      value = "attention.v_lin"
      attentionDropout = "attention.dropout"
      attention = Residual(dense: "attention.out_lin", layerNorm: "sa_layer_norm", dropout: "attention.out_dropout")
      intermediate = "ffn.lin1"
      output = Residual(dense: "ffn.lin2", layerNorm: "output_layer_norm", dropout: "ffn.dropout")
    }
  }

  /// Today's key for one of a checkpoint; `nil` for a table of positions from 0, which follows from the configuration.
  static func current(_ key: String) -> String? {
    if key.hasSuffix("position_ids") { return nil }
    // The names of checkpoints that came from TensorFlow.
    for (old, new) in [("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias")]
    where key.hasSuffix(old) {
      return String(key.dropLast(old.count)) + new
    }
    return key
  }
}
