import DeepSeekJSON
public import Foundation

extension GenerationOptions {
  /// Where a model folder keeps them.
  static let fileName = "generation_config.json"
  /// New tokens of a text where neither file nor caller says how many, in Hugging Face's libraries.
  private static let usualNewTokens = 20
  /// The tokens that are drawn from where neither file nor caller says how many, in Hugging Face's libraries.
  private static let usualTopK = 50

  /// The options in a model folder's `generation_config.json`. What it does not name, or names null, is what Hugging Face's
  /// libraries generate with then, as it is without the file: at most 20 new tokens, and when sampling among the 50 likeliest.
  ///
  /// Throws ``ModelError`` that names file and field for an option that is out of its range, or that would change the tokens
  /// and is not known here.
  public init(contentsOf folder: URL) throws {
    self.init()
    maximumNewTokens = GenerationOptions.usualNewTokens
    topK = GenerationOptions.usualTopK
    guard let file = try ConfigurationFile(optional: GenerationOptions.fileName, in: folder) else { return }
    try refuseUnknown(file)
    try readLengths(file)
    samples = try file.flag("do_sample", default: false)
    temperature = try file.optionalNumber("temperature") ?? 1
    // Greedy search has none, which some files write as 0.
    if temperature == 0 { (samples, temperature) = (false, 1) }
    if let count = try file.optionalInteger("top_k") { topK = count == 0 ? nil : count }
    topP = try file.optionalNumber("top_p")
    minP = try file.optionalNumber("min_p")
    repetitionPenalty = try file.optionalNumber("repetition_penalty") ?? 1
    distinctRunLength = try file.optionalInteger("no_repeat_ngram_size") ?? 0
    suppressedTokens = try file.integers("suppress_tokens")
    suppressedFirstTokens = try file.integers("begin_suppress_tokens")
    forbiddenRuns = try GenerationOptions.runs(file, "bad_words_ids")
    beamCount = try file.optionalInteger("num_beams") ?? 1
    lengthPenalty = try file.optionalNumber("length_penalty") ?? 1
    stopsBeamsEarly = try file.flag("early_stopping", default: false)
    usesCache = try file.flag("use_cache", default: true)
    let ends = try file.integers("eos_token_id")
    endTokenIDs = ends.isEmpty ? nil : ends
    if let texts = file.value["stop_strings"], !texts.isNull {
      guard let list = texts.string.map({ [$0] }) ?? texts.array?.compactMap(\.string) else {
        throw ModelError.invalidField(file: file.path, field: "stop_strings", expected: "a list of texts")
      }
      stopStrings = list
    }
    if case .invalidOption(let option, let expected)? = problem {
      throw ModelError.invalidField(
        file: file.path, field: GenerationOptions.fields[option] ?? option, expected: expected)
    }
  }

  /// New tokens go before whole lengths.
  private mutating func readLengths(_ file: ConfigurationFile) throws {
    minimumNewTokens = try file.optionalInteger("min_new_tokens") ?? 0
    minimumLength = try file.optionalInteger("min_length") ?? 0
    if let count = try file.optionalInteger("max_new_tokens") {
      maximumNewTokens = count
    } else if let length = try file.optionalInteger("max_length") {
      maximumLength = length
      maximumNewTokens = length
    }
  }

  private static func runs(_ file: ConfigurationFile, _ field: String) throws -> [[Int]] {
    guard let value = file.value[field], !value.isNull else { return [] }
    let runs = value.array?.map { $0.array?.compactMap(\.integer) ?? [] }
    guard let runs, runs.allSatisfy({ !$0.isEmpty }) else {
      throw ModelError.invalidField(file: file.path, field: field, expected: "a list of lists of tokens")
    }
    return runs
  }

  /// What the file calls the options.
  private static let fields = [
    "maximumNewTokens": "max_new_tokens", "minimumNewTokens": "min_new_tokens", "maximumLength": "max_length",
    "minimumLength": "min_length", "topK": "top_k", "topP": "top_p", "minP": "min_p",
    "repetitionPenalty": "repetition_penalty", "distinctRunLength": "no_repeat_ngram_size", "beamCount": "num_beams",
    "lengthPenalty": "length_penalty", "stopStrings": "stop_strings", "forbiddenRuns": "bad_words_ids",
  ]

  /// Options of Hugging Face's libraries that there are not here, and what makes no difference.
  private static let unknown: KeyValuePairs<String, Double?> = [
    "typical_p": 1, "epsilon_cutoff": 0, "eta_cutoff": 0, "top_h": nil, "guidance_scale": 1, "sequence_bias": nil,
    "forced_bos_token_id": nil, "forced_eos_token_id": nil, "exponential_decay_length_penalty": nil,
    "diversity_penalty": 0, "num_beam_groups": 1, "constraints": nil, "force_words_ids": nil, "penalty_alpha": 0,
    "dola_layers": nil, "watermarking_config": nil, "num_return_sequences": 1, "max_time": nil, "token_healing": nil,
  ]

  private func refuseUnknown(_ file: ConfigurationFile) throws {
    for (field, neutral) in GenerationOptions.unknown {
      guard let value = file.value[field], !value.isNull, value.bool != false else { continue }
      if let neutral, value.double == neutral { continue }
      throw ModelError.unsupported(
        file: file.path, field: field, value: "\(value.double.map { "\($0)" } ?? "set")",
        supported: [neutral.map { "\($0)" } ?? "null"])
    }
    if file.value["early_stopping"]?.string == "never" {
      throw ModelError.unsupported(
        file: file.path, field: "early_stopping", value: "never", supported: ["true", "false"])
    }
  }
}
