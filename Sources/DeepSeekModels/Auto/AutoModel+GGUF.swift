import DeepSeekCheckpoints
import DeepSeekDynamic

/// Whether a path is a GGUF file's.
func isGGUF(_ path: String) -> Bool { path.lowercased().hasSuffix(".gguf") }

extension AutoModelForCausalLM {
  /// The model in a folder, of an id (see ``ModelSource``), or in a GGUF file, by its name's end.
  public static func fromPretrained(
    _ pathOrID: String, options: LoadingOptions = LoadingOptions()
  ) throws -> any CausalLanguageModel {
    guard isGGUF(pathOrID) else { return try fromPretrained(ModelSource(pathOrID).folder(), options: options) }
    let model = try LlamaForCausalLM.load(GGUF.open(pathOrID))
    if let dtype = options.dtype { model.convert(to: dtype) }
    return model
  }
}
