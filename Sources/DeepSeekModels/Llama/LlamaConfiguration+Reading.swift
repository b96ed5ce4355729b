import DeepSeekJSON

extension LlamaConfiguration {
  /// The configuration in a file, whose errors name file and field.
  public init(_ file: ConfigurationFile) throws {
    let row = try ModelFamily.find(file, among: LlamaFamily.rows)
    family = LlamaFamily(rawValue: row.modelType)!
    let isLlama = family == .llama
    vocabularySize = try file.integer("vocab_size")
    hiddenSize = try file.integer("hidden_size", limit: 1 << 20)
    intermediateSize = try file.integer("intermediate_size", limit: 1 << 22)
    layerCount = try file.integer("num_hidden_layers", limit: 1 << 12)
    headCount = try file.integer("num_attention_heads", limit: 1 << 12)
    let sharedHeads = family == .mistral ? 8 : family == .qwen2 ? 32 : headCount
    keyHeadCount = try file.integer("num_key_value_heads", default: sharedHeads, limit: 1 << 12)
    guard headCount > 0, keyHeadCount > 0, headCount % keyHeadCount == 0 else {
      throw ModelError.invalidField(
        file: file.path, field: "num_key_value_heads", expected: "a divisor of num_attention_heads, \(headCount)")
    }
    headWidth = try file.integer("head_dim", default: hiddenSize / headCount, limit: 1 << 16)
    guard headWidth > 0, headWidth % 2 == 0 else {
      throw ModelError.invalidField(file: file.path, field: "head_dim", expected: "an even number, not \(headWidth)")
    }
    activation = try file.activation("hidden_act", default: "silu")
    maximumPositions = try file.integer("max_position_embeddings", default: 2048, limit: 1 << 24)
    normEpsilon = try file.number("rms_norm_eps", default: 1e-6)
    initializerRange = try file.number("initializer_range", default: 0.02)
    tiesEmbeddings = try file.flag("tie_word_embeddings", default: false)
    hasOutputBias = try isLlama && file.flag("attention_bias", default: false)
    hasProjectionBias = hasOutputBias || family == .qwen2
    hasFeedForwardBias = try isLlama && file.flag("mlp_bias", default: false)
    attentionDropout = try file.number("attention_dropout", default: 0)
    classifierDropout = try ClassifierDropout.read(file)
    guard (0..<1).contains(attentionDropout) else {
      throw ModelError.invalidField(
        file: file.path, field: "attention_dropout", expected: "at least 0 and less than 1")
    }
    rotary = try RotaryConfiguration(file, maximumPositions: maximumPositions, headWidth: headWidth)
    try readWindow(file)
    beginTokenID = try file.optionalInteger("bos_token_id")
    endTokenIDs = try file.integers("eos_token_id")
    paddingToken = try file.optionalInteger("pad_token_id")
    labels = try ClassLabels(file)
  }

  /// Mistral's window applies everywhere; Qwen2's above a layer, if at all, unless `layer_types` says where.
  private mutating func readWindow(_ file: ConfigurationFile) throws {
    let isSilent = file.value["sliding_window"] == nil
    switch family {
    case .llama: return
    case .mistral: window = isSilent ? 4096 : try file.optionalInteger("sliding_window")
    case .qwen2:
      guard try file.flag("use_sliding_window", default: false) else { return }
      window = isSilent ? 4096 : try file.optionalInteger("sliding_window")
    }
    guard let window else { return }
    if window == 0 {
      throw ModelError.invalidField(file: file.path, field: "sliding_window", expected: "at least 1, or null")
    }
    if let types = file.value["layer_types"]?.array {
      guard types.count == layerCount else {
        throw ModelError.invalidField(
          file: file.path, field: "layer_types", expected: "a list of \(layerCount), one for each layer")
      }
      for (layer, type) in types.enumerated() {
        switch type.string {
        case "sliding_attention": windowedLayers.insert(layer)
        case "full_attention": break
        default:
          throw ModelError.unsupported(
            file: file.path, field: "layer_types", value: type.string ?? type.kind,
            supported: ["full_attention", "sliding_attention"])
        }
      }
      return
    }
    let first = family == .qwen2 ? try file.integer("max_window_layers", default: 28, limit: 1 << 12) : 0
    windowedLayers = Set(Swift.min(first, layerCount)..<layerCount)
  }
}
