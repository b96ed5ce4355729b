internal import DeepSeekJSON

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Tokenizer {
  /// Reads a `tokenizer.json`.
  /// - Throws: `TokenizerError` naming the field that is wrong.
  public init(contentsOf url: URL) throws(TokenizerError) { try self.init(contentsOfFile: url.path) }

  /// Reads a `tokenizer.json` given by its path.
  /// - Throws: `TokenizerError` naming the field that is wrong.
  public init(contentsOfFile path: String) throws(TokenizerError) {
    try self.init(json: try FileBytes.read(path))
  }

  /// Reads a `tokenizer.json` from its bytes. Time is linear: about a millisecond per thousand tokens at most.
  /// - Throws: `TokenizerError` naming the field that is wrong.
  public init(json bytes: [UInt8]) throws(TokenizerError) {
    let root: Field
    do {
      root = Field(
        try JSONValue(parsing: bytes, options: JSONParsingOptions(duplicateKeys: .keepLast, maximumDepth: 64)),
        path: "")
    } catch {
      throw .invalidJSON(error.description)
    }
    var added: [AddedToken] = []
    if !root["added_tokens"].isMissing {
      for token in try root["added_tokens"].elements() { added.append(try AddedToken(token)) }
    }
    func component<Component>(
      _ key: String, _ read: (Field) throws(TokenizerError) -> Component
    ) throws(TokenizerError) -> Component? {
      root[key].isMissing ? nil : try read(root[key])
    }
    try self.init(
      model: try Model(root["model"]),
      normalizer: try component("normalizer", Normalizer.init),
      preTokenizer: try component("pre_tokenizer", PreTokenizer.init),
      postProcessor: try component("post_processor", PostProcessor.init),
      decoder: try component("decoder", Decoder.init),
      addedTokens: added)
    truncation = try component("truncation", Truncation.init)
    padding = try component("padding", Padding.init)
  }
}
