import DeepSeekJSON

extension ArchitectureMap {
  /// GPT-2: from the names of OpenAI's TensorFlow code (https://github.com/openai/gpt-2) to those of Hugging Face's own
  /// files of it. Weights of convolutions of width one lose their first axis and are not transposed: that library keeps them
  /// as [inputs, outputs] too.
  static let gpt2 = ArchitectureMap(
    name: "gpt2",
    schemes: [
      Scheme(title: "OpenAI's TensorFlow names", signature: NamePattern(known: "model/wte"), rules: openAIGPT2)
    ],
    layerCountKey: "n_layer", renamedFiles: ["encoder.json": "vocab.json", "vocab.bpe": "merges.txt"],
    oldConfigurationName: "hparams.json", configuration: gpt2Configuration)

  private static let openAIGPT2: [MappingRule] = {
    var rules = [
      MappingRule("model/wte", "wte.weight"), MappingRule("model/wpe", "wpe.weight"),
      MappingRule("model/ln_f/g", "ln_f.weight"), MappingRule("model/ln_f/b", "ln_f.bias"),
      MappingRule(skipping: "global_step", "a counter of steps"),
    ]
    for part in ["ln_1", "ln_2"] {
      rules.append(MappingRule("model/h{layer}/\(part)/g", "h.{layer}.\(part).weight"))
      rules.append(MappingRule("model/h{layer}/\(part)/b", "h.{layer}.\(part).bias"))
    }
    for part in ["attn/c_attn", "attn/c_proj", "mlp/c_fc", "mlp/c_proj"] {
      let new = "h.{layer}.\(part.replacing("/", with: "."))"
      rules.append(MappingRule("model/h{layer}/\(part)/w", "\(new).weight", squeeze: [0]))
      rules.append(MappingRule("model/h{layer}/\(part)/b", "\(new).bias"))
    }
    return rules
  }()

  @Sendable private static func gpt2Configuration(_ old: JSONObject, _ names: [String]) -> JSONObject {
    var result = JSONObject()
    result["architectures"] = ["GPT2LMHeadModel"]
    result["model_type"] = "gpt2"
    result["activation_function"] = "gelu_new"
    result["layer_norm_epsilon"] = 1e-5
    for (key, new) in [("n_vocab", "vocab_size"), ("n_ctx", "n_positions")] { result[new] = old[key] }
    for member in old.members where member.key != "n_vocab" { result[member.key] = member.value }
    // The last token of the vocabulary begins and ends texts.
    if let count = old["n_vocab"]?.integer, count > 0 {
      result["bos_token_id"] = .integer(count - 1)
      result["eos_token_id"] = .integer(count - 1)
    }
    return result
  }
}
