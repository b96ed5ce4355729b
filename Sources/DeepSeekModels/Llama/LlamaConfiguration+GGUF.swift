import DeepSeekCheckpoints

extension LlamaConfiguration {
  /// The architectures of GGUF files that are read, and what they are.
  private static let architectures: KeyValuePairs<String, LlamaFamily> = ["llama": .llama, "qwen2": .qwen2]

  /// The configuration in the metadata of a GGUF file.
  init(_ file: GGUFFile) throws {
    self.init()
    let name = file["general.architecture"]?.string ?? ""
    guard let known = LlamaConfiguration.architectures.first(where: { $0.key == name }) else {
      throw ModelError.unsupported(
        file: file.path, field: "general.architecture", value: name,
        supported: LlamaConfiguration.architectures.map(\.key))
    }
    family = known.value
    let metadata = GGUFMetadata(file, prefix: name)
    hiddenSize = try metadata.integer("embedding_length", limit: 1 << 20)
    intermediateSize = try metadata.integer("feed_forward_length", limit: 1 << 22)
    layerCount = try metadata.integer("block_count", limit: 1 << 12)
    headCount = try metadata.integer("attention.head_count", limit: 1 << 12)
    keyHeadCount = try metadata.integer("attention.head_count_kv", default: headCount, limit: 1 << 12)
    guard headCount > 0, keyHeadCount > 0, headCount % keyHeadCount == 0, hiddenSize % headCount == 0 else {
      throw metadata.invalid("attention.head_count", "a divisor of embedding_length and a multiple of head_count_kv")
    }
    headWidth = try metadata.integer("attention.key_length", default: hiddenSize / headCount, limit: 1 << 16)
    guard headWidth > 0, headWidth % 2 == 0 else {
      throw metadata.invalid("attention.key_length", "an even number, not \(headWidth)")
    }
    maximumPositions = try metadata.integer("context_length", limit: 1 << 24)
    normEpsilon = try metadata.number("attention.layer_norm_rms_epsilon")
    try readRotary(metadata)
    guard let table = file.archiveEntries.first(where: { $0.name == "token_embd.weight" }), table.lengths.count == 2,
      table.lengths[1] == hiddenSize
    else { throw ModelError.missingWeight(folder: file.path, key: "token_embd.weight") }
    vocabularySize = table.lengths[0]
    let names = Set(file.names)
    tiesEmbeddings = !names.contains("output.weight")
    hasProjectionBias = names.contains("blk.0.attn_q.bias")
    hasOutputBias = names.contains("blk.0.attn_output.bias")
    hasFeedForwardBias = names.contains("blk.0.ffn_gate.bias")
    beginTokenID = file["tokenizer.ggml.bos_token_id"]?.int
    let ends = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"].compactMap { file[$0]?.int }
    endTokenIDs = ends.count == 2 && ends[0] == ends[1] ? [ends[0]] : ends
    paddingToken = file["tokenizer.ggml.padding_token_id"]?.int
  }

  private mutating func readRotary(_ metadata: GGUFMetadata) throws {
    rotary.base = try metadata.number("rope.freq_base", default: 10_000)
    let turned = try metadata.integer("rope.dimension_count", default: headWidth, limit: headWidth)
    rotary.partialFactor = Double(turned) / Double(headWidth)
    let type = metadata.file["\(metadata.prefix).rope.scaling.type"]?.string ?? "none"
    switch type {
    case "none": break
    case "linear": rotary.scaling = .linear(factor: try metadata.number("rope.scaling.factor"))
    default:
      throw ModelError.unsupported(
        file: metadata.file.path, field: "\(metadata.prefix).rope.scaling.type", value: type,
        supported: ["none", "linear"])
    }
    guard rotary.base > 0, turned >= 2, rotary.scaling != .linear(factor: 0) else {
      throw metadata.invalid("rope.dimension_count", "2 or more, with a base and a factor above 0")
    }
    if metadata.file.names.contains("rope_freqs.weight") {
      throw ModelError.unsupported(
        file: metadata.file.path, field: "rope_freqs.weight", value: "a table of factors",
        supported: ["\(metadata.prefix).rope.scaling.type"])
    }
  }
}

/// The metadata of one architecture in a GGUF file, with errors that name file and key.
struct GGUFMetadata {
  let file: GGUFFile
  let prefix: String

  init(_ file: GGUFFile, prefix: String) {
    self.file = file
    self.prefix = prefix
  }

  func invalid(_ key: String, _ expected: String) -> ModelError {
    .invalidField(file: file.path, field: "\(prefix).\(key)", expected: expected)
  }

  /// A non-negative whole number no larger than `limit`.
  func integer(_ key: String, default fallback: Int? = nil, limit: Int) throws -> Int {
    guard let value = file["\(prefix).\(key)"] else {
      if let fallback { return fallback }
      throw invalid(key, "a whole number")
    }
    guard let number = value.int, (0...limit).contains(number) else {
      throw invalid(key, "a whole number from 0 to \(limit)")
    }
    return number
  }

  /// A finite number.
  func number(_ key: String, default fallback: Double? = nil) throws -> Double {
    guard let value = file["\(prefix).\(key)"] else {
      if let fallback { return fallback }
      throw invalid(key, "a number")
    }
    guard let number = value.double, number.isFinite else { throw invalid(key, "a finite number") }
    return number
  }
}
