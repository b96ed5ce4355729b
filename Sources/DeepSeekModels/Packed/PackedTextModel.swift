import DeepSeekDynamic
public import DeepSeekHeterogeneous
public import DeepSeekTensor

/// A text model that takes texts of unequal length without padding.
public protocol PackedTextModel: TextModel {
  /// The model's output for packed texts: `[tokens, …]` where it has one for each token, `[texts, …]` where one for each text.
  func callAsFunction(_ texts: PackedTokens) -> Tensor
}

extension PackedTextModel {
  /// The model as a program for packed texts: captured, optimized, and planned for each number of texts and tokens when it is
  /// first met.
  ///
  /// Its inputs are `input_ids`, `position_ids` and `token_type_ids`, `int64[tokens]` each, and `offsets`, `int32[texts + 1]`;
  /// its output is `output`. In evaluation mode if the model is.
  ///
  /// - Parameters:
  ///   - options: What the passes may do.
  ///   - finish: What is made of the model's output, in the same program: pooling, for instance.
  public func compiledForPackedTexts(
    options: CompileOptions = CompileOptions(), finish: (Tensor, PackedTokens) -> Tensor = { output, _ in output }
  ) throws -> Program {
    let tokens = TensorSpec(.int64, Shape([.symbol("tokens")]))
    let specs = [tokens, tokens, tokens, TensorSpec(.int32, Shape([.symbol("offsets")]))]
    return try Program(
      zip(PackedTokens.inputNames, specs).map { (name: $0, spec: $1) },
      naming: namedParameters().map { ($0.name, $0.parameter) }, options: options
    ) { places in
      let texts = PackedTokens(
        ids: places["input_ids"]!, positions: places["position_ids"]!, typeIDs: places["token_type_ids"]!,
        offsets: places["offsets"]!)
      return [("output", finish(self(texts), texts))]
    }
  }
}

extension Program {
  /// The output of a program that ``PackedTextModel/compiledForPackedTexts(options:finish:)`` made. Throws `GraphError` when the
  /// texts do not fit it.
  public func callAsFunction(_ texts: PackedTokens) throws -> Tensor {
    try run([texts.ids, texts.positions, texts.typeIDs, texts.offsets])[0]
  }
}
