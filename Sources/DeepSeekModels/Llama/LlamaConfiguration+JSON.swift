public import DeepSeekJSON

extension LlamaConfiguration {
  /// The members of `config.json`, under Hugging Face's names.
  public var fields: JSONObject {
    var object = JSONObject()
    object["vocab_size"] = .integer(vocabularySize)
    object["hidden_size"] = .integer(hiddenSize)
    object["intermediate_size"] = .integer(intermediateSize)
    object["num_hidden_layers"] = .integer(layerCount)
    object["num_attention_heads"] = .integer(headCount)
    object["num_key_value_heads"] = .integer(keyHeadCount)
    object["head_dim"] = .integer(headWidth)
    object["hidden_act"] = .string(activation.configurationName(in: origin, "hidden_act"))
    object["max_position_embeddings"] = .integer(maximumPositions)
    object["rms_norm_eps"] = .double(normEpsilon)
    object["initializer_range"] = .double(initializerRange)
    object["tie_word_embeddings"] = .bool(tiesEmbeddings)
    object["attention_dropout"] = .double(attentionDropout)
    ClassifierDropout.write(classifierDropout, to: &object, origin: origin)
    rotary.write(to: &object)
    if family == .llama {
      object["attention_bias"] = .bool(hasOutputBias)
      object["mlp_bias"] = .bool(hasFeedForwardBias)
    } else {
      object["sliding_window"] = window.map { .integer($0) } ?? .null
    }
    if family == .qwen2 {
      object["use_sliding_window"] = .bool(window != nil)
      object["layer_types"] = .array(
        (0..<layerCount).map { windowedLayers.contains($0) ? "sliding_attention" : "full_attention" })
    }
    object["bos_token_id"] = beginTokenID.map { .integer($0) } ?? .null
    object["eos_token_id"] = .oneOrMore(endTokenIDs)
    object["pad_token_id"] = paddingToken.map { .integer($0) } ?? .null
    return object
  }
}
