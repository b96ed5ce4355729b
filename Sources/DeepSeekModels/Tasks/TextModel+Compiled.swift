public import DeepSeekHeterogeneous
import DeepSeekDynamic
import DeepSeekTensor

extension TextModel {
  /// The model as a program: captured, optimized, and planned for each batch and length when it is first met.
  ///
  /// ```swift
  /// let fast = try model.compiled()
  /// let states = try fast.run(["input_ids": ids, "attention_mask": mask])["output"]!
  /// ```
  ///
  /// Its inputs are `input_ids`, and `attention_mask` and `token_type_ids` if they are asked for, `int64[batch, sequence]`
  /// each; its output is `output`. In evaluation mode if the model is.
  ///
  /// - Parameters:
  ///   - sequence: The number of tokens; any when left out.
  ///   - hasMask: Whether the program takes a mask.
  ///   - hasTypes: Whether the program takes segments.
  ///   - options: What the passes may do.
  public func compiled(
    sequence: Int? = nil, hasMask: Bool = true, hasTypes: Bool = false, options: CompileOptions = CompileOptions()
  ) throws -> Program {
    let shape = Shape([.symbol("batch"), sequence.map { Dimension($0) } ?? .symbol("sequence")])
    let names = ["input_ids"] + (hasMask ? ["attention_mask"] : []) + (hasTypes ? ["token_type_ids"] : [])
    return try Program(
      names.map { ($0, TensorSpec(.int64, shape)) }, naming: namedParameters().map { ($0.name, $0.parameter) },
      options: options
    ) { inputs in
      [
        (
          "output",
          self(inputs["input_ids"]!, attentionMask: inputs["attention_mask"], typeIDs: inputs["token_type_ids"])
        )
      ]
    }
  }
}
