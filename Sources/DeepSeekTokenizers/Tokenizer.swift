/// Text to token ids and back, as a Hugging Face `tokenizer.json` describes it.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOfFile: "model/tokenizer.json")
/// let encoding = try tokenizer.encode("Hello, world!")
/// print(encoding.ids, encoding.tokens)
/// print(try tokenizer.decode(encoding.ids, skipSpecialTokens: true))
/// ```
///
/// Ids, tokens and offsets equal those of the reference library `tokenizers`. A tokenizer is an immutable value save
/// for truncation and padding, and may be used from many threads at once.
public struct Tokenizer: Sendable {
  /// How encodings are shortened; `nil` not at all.
  public var truncation: Truncation?
  /// How encodings are filled up; `nil` not at all.
  public var padding: Padding?

  let model: Model
  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  let postProcessor: PostProcessor?
  let decoder: Decoder?
  let names: TokenNames

  init(
    model: Model, normalizer: Normalizer?, preTokenizer: PreTokenizer?, postProcessor: PostProcessor?,
    decoder: Decoder?, addedTokens: [AddedToken]
  ) throws(TokenizerError) {
    self.model = model
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.postProcessor = postProcessor
    self.decoder = decoder
    var added = AddedTokens()
    for token in addedTokens { added.add(token, vocabulary: model.vocabulary) }
    try added.prepare(normalizer: normalizer)
    names = TokenNames(vocabulary: model.vocabulary, added: added)
  }

  /// How many tokens there are: the model's and the added ones.
  public var vocabularySize: Int {
    model.vocabulary.count + names.added.tokens.filter { model.vocabulary.id(of: $0.content) == nil }.count
  }

  /// The id of a token given by its text, or `nil`.
  public func tokenToID(_ token: String) -> Int? {
    (names.added.id(of: token) ?? model.vocabulary.id(of: token)).map(Int.init)
  }

  /// The text of the token with an id, or `nil`. For an added token that is sought in normalized text that is its
  /// normalized text, as in the reference library.
  public func idToToken(_ id: Int) -> String? { names.name(id) }

  /// The added tokens, in the order in which they were added.
  public var addedTokens: [AddedToken] { names.added.tokens }
}
