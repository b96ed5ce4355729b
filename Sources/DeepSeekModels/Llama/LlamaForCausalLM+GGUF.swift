public import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension LlamaForCausalLM {
  /// The model in a GGUF file of the architecture `llama` or `qwen2`, in evaluation mode. Quantized weights become `float32`.
  ///
  /// Throws ``ModelError`` that names file and metadata key or weight, and `CheckpointError`.
  public static func load(_ file: GGUFFile) throws -> LlamaForCausalLM {
    let configuration = try LlamaConfiguration(file)
    // Nothing is made for layers of which the file has no weights.
    if configuration.layerCount > file.names.count {
      throw ModelError.missingWeight(folder: file.path, key: "blk.\(configuration.layerCount - 1).attn_q.weight")
    }
    let model = Initializer.withoutValues { LlamaForCausalLM(configuration) }
    var state = StateDictionary()
    for name in file.names {
      guard let key = key(name) else {
        throw ModelError.unexpectedWeight(folder: file.path, key: name)
      }
      state[key] = try inHalves(file.tensor(name), name, configuration)
    }
    let report = try model.load(state, options: [.allowsMissing, .allowsUnused, .allowsShapeMismatch])
    if let key = report.missing.first { throw ModelError.missingWeight(folder: file.path, key: key) }
    if let key = report.unused.first { throw ModelError.unexpectedWeight(folder: file.path, key: key) }
    if let wrong = report.mismatched.first {
      throw ModelError.wrongShape(
        folder: file.path, key: wrong.key, expected: "\(wrong.expected)", found: "\(wrong.found)")
    }
    model.eval()
    return model
  }

  private static let names: [String: String] = [
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
  ]

  /// The key of a GGUF tensor's name: `blk.0.attn_q.weight` is `model.layers.0.self_attn.q_proj.weight`.
  private static func key(_ name: String) -> String? {
    switch name {
    case "token_embd.weight": return "model.embed_tokens.weight"
    case "output_norm.weight": return "model.norm.weight"
    case "output.weight": return "lm_head.weight"
    default: break
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "blk", Int(parts[1]) != nil, let part = names[String(parts[2])] else {
      return nil
    }
    return "model.layers.\(parts[1]).\(part).\(parts[3])"
  }

  /// Llama's queries and keys stand in GGUF files with the elements that a position turns together next to each other; the
  /// model has them half a head apart.
  private static func inHalves(
    _ tensor: Tensor, _ name: String, _ configuration: LlamaConfiguration
  ) throws -> Tensor {
    guard configuration.family == .llama else { return tensor }
    let heads: Int
    if name.contains(".attn_q.") {
      heads = configuration.headCount
    } else if name.contains(".attn_k.") {
      heads = configuration.keyHeadCount
    } else {
      return tensor
    }
    let width = configuration.headWidth
    guard tensor.rank >= 1, tensor.shape[0] == heads * width else { return tensor }
    let rest = Array(tensor.shape.dropFirst())
    return tensor.reshaped([heads, width / 2, 2] + rest).swappedAxes(1, 2).contiguous()
      .reshaped([heads * width] + rest)
  }
}
