public import ArgumentParser
public import DeepSeekHeterogeneous

/// How programs are made, wherever they are.
struct CompilationOptions: ParsableArguments {
  @Flag(help: "Keep every bit of the model: no operators are fused that then round less often.")
  var exact = false

  @Option(help: "In which type products run: float32 or bfloat16.")
  var precision = CompileOptions.Precision.float32

  @Flag(help: "Of a model folder, the states of the model's layers alone, without the head of its task.")
  var bare = false

  @Flag(name: .customLong("types"), help: "Of a model folder, take segments too (token_type_ids), for pairs of texts.")
  var hasTypes = false

  /// What the passes may do.
  var options: CompileOptions { CompileOptions(fidelity: exact ? .exact : .fused, precision: precision) }
}

extension CompileOptions.Precision: ExpressibleByArgument {}
