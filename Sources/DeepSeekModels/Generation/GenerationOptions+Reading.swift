import DeepSeekJSON
public import Foundation

extension GenerationOptions {
  /// Where a model folder keeps them.
  static let fileName = "generation_config.json"

  /// The options in a model folder's `generation_config.json`; those that the file does not name, and all without such a
  /// file, are the default ones.
  public init(contentsOf folder: URL) throws {
    self.init()
    guard let file = try ConfigurationFile(optional: GenerationOptions.fileName, in: folder) else { return }
    if let count = try file.optionalInteger("max_new_tokens") { maximumNewTokens = count }
    minimumNewTokens = try file.optionalInteger("min_new_tokens") ?? 0
    samples = try file.flag("do_sample", default: false)
    temperature = try file.optionalNumber("temperature") ?? 1
    topK = try file.optionalInteger("top_k").flatMap { $0 == 0 ? nil : $0 }
    topP = try file.optionalNumber("top_p")
    minP = try file.optionalNumber("min_p")
    repetitionPenalty = try file.optionalNumber("repetition_penalty") ?? 1
    beamCount = try file.optionalInteger("num_beams") ?? 1
    lengthPenalty = try file.optionalNumber("length_penalty") ?? 1
    stopsBeamsEarly = file.value["early_stopping"]?.bool ?? false
    let ends = try file.integers("eos_token_id")
    endTokenIDs = ends.isEmpty ? nil : ends
    if let texts = file.value["stop_strings"], !texts.isNull {
      guard let list = texts.string.map({ [$0] }) ?? texts.array?.compactMap(\.string) else {
        throw ModelError.invalidField(file: file.path, field: "stop_strings", expected: "a list of texts")
      }
      stopStrings = list
    }
    if case .invalidOption(let option, let expected)? = problem {
      throw ModelError.invalidField(file: file.path, field: option, expected: expected)
    }
  }
}
