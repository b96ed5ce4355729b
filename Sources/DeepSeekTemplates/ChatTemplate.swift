public import DeepSeekJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that makes a prompt of a conversation: the `chat_template` of a model's tokenizer, in Jinja.
///
/// ```swift
/// let template = try ChatTemplate("{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% endfor %}")
/// let prompt = try template.text(of: [["role": "user", "content": "Hello"]])
/// ```
///
/// What Hugging Face's libraries give templates is there: `messages`, `tools`, `documents`, `add_generation_prompt`,
/// `raise_exception`, `strftime_now`, `{% generation %}`, loops with `break` and `continue`, and white space around statements is
/// left out as there. Inheritance, imports and recursive loops of Jinja are not; a template that has them is refused by name. A
/// template may come from anywhere: it reaches nothing but its values, and steps and sizes are bounded.
public struct ChatTemplate: Sendable {
  /// The template as it was written.
  public let source: String
  // Never changed, and without references to anything that is: literals alone are values in it.
  private nonisolated(unsafe) let nodes: [TemplateNode]

  /// Reads a template. Throws ``TemplateError`` that names the line.
  public init(_ source: String) throws(TemplateError) {
    self.source = source
    nodes = try TemplateParser.nodes(of: source)
  }

  /// The prompt for a conversation.
  ///
  /// - Parameters:
  ///   - messages: Objects with `role` and `content`, and whatever else the template reads.
  ///   - tools: What the model may call, as JSON schemas; `nil` for none.
  ///   - addsGenerationPrompt: Whether the text ends where the model is to go on.
  ///   - values: Further names: `bos_token`, `eos_token`, switches of the template's own. They win over the others.
  ///   - now: The time that `strftime_now` says, by C's format; the machine's own, local, when left out.
  /// - Throws: ``TemplateError`` with what the template objects to, or what is wrong with it, and the line.
  public func text(
    of messages: [JSONValue], tools: [JSONValue]? = nil, addsGenerationPrompt: Bool = true,
    values: JSONObject = JSONObject(), now: ((_ format: String) -> String)? = nil
  ) throws(TemplateError) -> String {
    var names: [(String, TemplateValue)] = [
      ("messages", .list(messages.map { TemplateValue($0) })),
      ("tools", tools.map { .list($0.map { TemplateValue($0) }) } ?? .none), ("documents", .none),
      ("add_generation_prompt", .bool(addsGenerationPrompt)),
    ]
    names += values.members.map { ($0.key, TemplateValue($0.value)) }
    return try TemplateInterpreter(names, now: now ?? ChatTemplate.localTime).text(of: nodes)
  }

  private static func localTime(_ format: String) -> String {
    var (seconds, parts) = (time(nil), tm())
    localtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 1024)
    let count = strftime(&text, text.count, format, &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
