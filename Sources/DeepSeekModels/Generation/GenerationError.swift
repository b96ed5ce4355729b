/// Why nothing can be generated.
public enum GenerationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An option is out of its range.
  case invalidOption(option: String, expected: String)
  /// A prompt has no tokens, and the model has none that begins a text.
  case emptyPrompt(number: Int)
  /// A prompt leaves no room for a token.
  case promptTooLong(number: Int, tokens: Int, maximum: Int)
  /// A prompt has a token that the model does not know.
  case unknownToken(number: Int, token: Int, vocabulary: Int)

  /// One line that says what is wrong.
  public var description: String {
    switch self {
    case .invalidOption(let option, let expected): "\(option) must be \(expected)"
    case .emptyPrompt(let number): "prompt \(number + 1) is empty, and the model has no token that begins a text"
    case .promptTooLong(let number, let tokens, let maximum):
      "prompt \(number + 1) has \(tokens) tokens; \(maximum) are the most of a text, and one more needs room"
    case .unknownToken(let number, let token, let vocabulary):
      "prompt \(number + 1) has the token \(token); the model knows \(vocabulary): is the tokenizer another model's?"
    }
  }
}
