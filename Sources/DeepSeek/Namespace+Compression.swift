public import DeepSeekCompression

extension ds {
  /// How a model's weights, and what its layers are given, are kept in few bits: `try model.quantize(config)`.
  public typealias QuantizationConfig = DeepSeekCompression.QuantizationConfig
}
