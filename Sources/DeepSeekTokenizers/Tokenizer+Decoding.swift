extension Tokenizer {
  /// The text of tokens. Ids that no token has are left out.
  /// - Parameters:
  ///   - ids: The token ids.
  ///   - skipSpecialTokens: Whether special tokens are left out.
  /// - Throws: `TokenizerError.patternTooSlow` when the decoder's pattern takes too many steps.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) throws(TokenizerError) -> String {
    var tokens: [String] = []
    tokens.reserveCapacity(ids.count)
    for id in ids {
      guard let token = names.name(id) else { continue }
      if skipSpecialTokens, names.added.isSpecial(token) { continue }
      tokens.append(token)
    }
    guard let decoder else { return tokens.joined(separator: " ") }
    return try decoder.decode(tokens).joined()
  }

  /// A decoder for tokens that arrive one at a time.
  public func decodeStream(skipSpecialTokens: Bool = true) -> DecodeStream {
    DecodeStream(tokenizer: self, skipSpecialTokens: skipSpecialTokens)
  }
}

/// Text of tokens that arrive one at a time, as a generating model gives them.
///
/// ```swift
/// var stream = tokenizer.decodeStream()
/// for id in generated {
///   if let text = try stream.append(id) { print(text, terminator: "") }
/// }
/// print(try stream.finish())
/// ```
///
/// A token may be part of a character, and a token's text may depend on its neighbours; so text is given out as soon as
/// it can no longer change. Only a few tokens are decoded at a time, so a step's cost does not grow with the text.
public struct DecodeStream: Sendable {
  private let tokenizer: Tokenizer
  private let skipSpecialTokens: Bool
  /// The tokens under view: those of the last text given out, and those after.
  private var window: [Int] = []
  /// How many of the window's tokens have been given out.
  private var givenCount = 0
  /// Their text.
  private var given = ""

  init(tokenizer: Tokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.skipSpecialTokens = skipSpecialTokens
  }

  /// Takes a token and answers the text that it completes, or `nil` while there is none.
  /// - Throws: `TokenizerError.unstableDecoding` when the decoder changes text that was already given out.
  public mutating func append(_ id: Int) throws(TokenizerError) -> String? {
    window.append(id)
    let text = try tokenizer.decode(window, skipSpecialTokens: skipSpecialTokens)
    // A replacement character at the end may be half of a character whose rest is to come.
    guard text.utf8.count > given.utf8.count, !text.hasUTF8Suffix("\u{FFFD}") else { return nil }
    return try give(text)
  }

  /// What is left of the text when no more tokens come.
  /// - Throws: `TokenizerError.unstableDecoding` when the decoder changes text that was already given out.
  public mutating func finish() throws(TokenizerError) -> String {
    let text = try tokenizer.decode(window, skipSpecialTokens: skipSpecialTokens)
    guard text.utf8.count > given.utf8.count else { return "" }
    return try give(text)
  }

  private mutating func give(_ text: String) throws(TokenizerError) -> String {
    guard text.hasUTF8Prefix(given) else { throw .unstableDecoding }
    let new = text.droppingUTF8(given.utf8.count)
    // What was given out before this step cannot influence what comes after it.
    window.removeFirst(givenCount)
    givenCount = window.count
    given = try tokenizer.decode(window, skipSpecialTokens: skipSpecialTokens)
    return new
  }
}
