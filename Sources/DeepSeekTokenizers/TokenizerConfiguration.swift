internal import DeepSeekJSON

/// What a model's folder says about its tokenizer beside `tokenizer.json`: `tokenizer_config.json` and, for tokens that
/// it leaves out, `special_tokens_map.json`.
public struct TokenizerConfiguration: Sendable, Equatable {
  /// The most tokens the model takes; `nil` when unlimited or not said.
  public var maximumLength: Int?
  /// Whether text is brought to lower case; `nil` when not said.
  public var lowercases: Bool?
  /// The token of the beginning of a text.
  public var beginningToken: String?
  /// The token of its end.
  public var endToken: String?
  /// The unknown token.
  public var unknownToken: String?
  /// The token between two texts.
  public var separatorToken: String?
  /// The token that fills up a batch.
  public var paddingToken: String?
  /// The token that stands for a whole text.
  public var classifierToken: String?
  /// The token that hides another.
  public var maskToken: String?
  /// Further special tokens.
  public var additionalSpecialTokens: [String] = []
  /// The template (in Jinja) that makes a prompt of a conversation; of several named ones that named "default".
  public var chatTemplate: String?
  /// The class that Hugging Face's library would use.
  public var tokenizerClass: String?

  /// A length beyond this is how "unlimited" is written (10³⁰).
  private static let unlimited = 1e15

  /// Nothing said.
  public init() {}

  /// Reads the files of a folder; those that aren't there are passed over.
  /// - Throws: `TokenizerError` naming the field that is wrong.
  public init(directory path: String) throws(TokenizerError) {
    func bytes(_ name: String) throws(TokenizerError) -> [UInt8]? {
      let full = "\(path)/\(name)"
      return FileBytes.exists(full) ? try FileBytes.read(full) : nil
    }
    try self.init(
      configuration: try bytes("tokenizer_config.json"), specialTokens: try bytes("special_tokens_map.json"))
    if chatTemplate == nil, let template = try bytes("chat_template.jinja") {
      chatTemplate = String(validating: template, as: UTF8.self)
    }
  }

  /// Reads the bytes of `tokenizer_config.json` and `special_tokens_map.json`.
  /// - Throws: `TokenizerError` naming the field that is wrong.
  public init(configuration: [UInt8]?, specialTokens: [UInt8]? = nil) throws(TokenizerError) {
    let first = try Self.field(configuration, "tokenizer_config.json")
    let second = try Self.field(specialTokens, "special_tokens_map.json")
    func token(_ key: String) throws(TokenizerError) -> String? {
      if let token = try Self.token(first[key]) { return token }
      return try Self.token(second[key])
    }
    if let length = first["model_max_length"].value?.double, length < Self.unlimited {
      maximumLength = try first["model_max_length"].integer()
    }
    lowercases = first["do_lower_case"].isMissing ? nil : try first["do_lower_case"].bool(default: true)
    beginningToken = try token("bos_token")
    endToken = try token("eos_token")
    unknownToken = try token("unk_token")
    separatorToken = try token("sep_token")
    paddingToken = try token("pad_token")
    classifierToken = try token("cls_token")
    maskToken = try token("mask_token")
    for field in [first, second] where additionalSpecialTokens.isEmpty {
      let list = field["additional_special_tokens"]
      if list.isMissing { continue }
      for element in try list.elements() {
        if let token = try Self.token(element) { additionalSpecialTokens.append(token) }
      }
    }
    tokenizerClass = try first["tokenizer_class"].optionalString()
    chatTemplate = try Self.template(first["chat_template"])
  }

  private static func field(_ bytes: [UInt8]?, _ name: String) throws(TokenizerError) -> Field {
    guard let bytes else { return Field(nil, path: name) }
    do {
      return Field(try JSONValue(parsing: bytes, options: JSONParsingOptions(duplicateKeys: .keepLast)), path: name)
    } catch {
      throw .invalidJSON("\(name): \(error.description)")
    }
  }

  /// A token is written as a string, or as an object with its content.
  private static func token(_ field: Field) throws(TokenizerError) -> String? {
    if field.isMissing { return nil }
    if field.value?.object != nil { return try field["content"].string() }
    return try field.string()
  }

  private static func template(_ field: Field) throws(TokenizerError) -> String? {
    guard field.value?.array != nil else { return try field.optionalString() }
    var chosen: String?
    for entry in try field.elements() {
      let template = try entry["template"].string()
      if chosen == nil || entry["name"].value?.string == "default" { chosen = template }
    }
    return chosen
  }
}
