import DeepSeekCheckpoints
public import DeepSeekJSON
import DeepSeekTemplates
import DeepSeekTokenizers
import Foundation

/// How a model wants conversations written: its template, and the special tokens that the template names.
public struct ChatFormat: Sendable {
  /// The template, in Jinja. It is read when a prompt is asked for, so that a model whose template cannot be read still generates.
  public let template: String
  /// `bos_token`, `eos_token` and the other special tokens, as texts.
  public var values: JSONObject

  /// Of these parts.
  public init(template: String, values: JSONObject = JSONObject()) {
    self.template = template
    self.values = values
  }

  /// That of a model's folder, id (see ``ModelSource``) or GGUF file; `nil` where the model has none.
  public static func fromPretrained(_ pathOrID: String) throws -> ChatFormat? {
    if isGGUF(pathOrID) { return try ChatFormat(GGUF.open(pathOrID)) }
    let configuration = try TokenizerConfiguration(directory: ModelSource(pathOrID).folder().path)
    guard let source = configuration.chatTemplate else { return nil }
    return ChatFormat(
      source,
      tokens: [
        ("bos_token", configuration.beginningToken), ("eos_token", configuration.endToken),
        ("unk_token", configuration.unknownToken), ("sep_token", configuration.separatorToken),
        ("pad_token", configuration.paddingToken), ("cls_token", configuration.classifierToken),
        ("mask_token", configuration.maskToken),
      ])
  }

  /// That in a GGUF file's metadata.
  init?(_ file: GGUFFile) throws {
    guard let source = file["tokenizer.chat_template"]?.string else { return nil }
    let tokens = file["tokenizer.ggml.tokens"]?.array?.strings ?? []
    func token(_ name: String) -> String? {
      file["tokenizer.ggml.\(name)_token_id"]?.int.flatMap { tokens.indices.contains($0) ? tokens[$0] : nil }
    }
    self.init(
      source,
      tokens: [
        ("bos_token", token("bos")), ("eos_token", token("eos")), ("unk_token", token("unknown")),
        ("pad_token", token("padding")),
      ])
  }

  private init(_ template: String, tokens: [(String, String?)]) {
    var object = JSONObject()
    for case (let name, let text?) in tokens { object[name] = .string(text) }
    self.init(template: template, values: object)
  }

  /// The prompt for a conversation; see `ChatTemplate`. `values` win over the format's own. Throws `TemplateError` where the
  /// template cannot be read, or refuses the conversation.
  public func prompt(
    for messages: [JSONValue], tools: [JSONValue]? = nil, addsGenerationPrompt: Bool = true,
    values: JSONObject = JSONObject()
  ) throws -> String {
    var all = self.values
    for member in values.members { all[member.key] = member.value }
    return try ChatTemplate(template).text(
      of: messages, tools: tools, addsGenerationPrompt: addsGenerationPrompt, values: all)
  }
}
