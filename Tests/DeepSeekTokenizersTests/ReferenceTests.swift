import DeepSeekJSON
import DeepSeekTokenizers
import Foundation
import Testing

@Suite("Tokens, ids and offsets are those of the reference library")
struct ReferenceTests {
  @Test("The recorded tokenizers cover every model")
  func fixturesAreThere() {
    #expect(Fixtures.names.count >= 22)
    for prefix in ["bpe_", "unigram_", "wordpiece_", "wordlevel"] {
      #expect(Fixtures.names.contains { $0.hasPrefix(prefix) })
    }
  }

  @Test("Every text of every recorded tokenizer", arguments: Fixtures.names)
  func recorded(_ name: String) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    let texts = try Fixtures.texts()
    let cases = try Fixtures.json("\(name).expected.json").array!
    #expect(cases.count == texts.count)
    for entry in cases {
      let text = texts[entry["text"]!.integer!]
      let pair = entry["pair"].map { texts[$0.integer!] }
      let special = entry["special"]!.bool!
      if entry["error"] != nil {
        #expect(throws: TokenizerError.self, "\(name): \(text)") {
          try tokenizer.encode(text, pair: pair, addSpecialTokens: special)
        }
        continue
      }
      let encoding = try tokenizer.encode(text, pair: pair, addSpecialTokens: special)
      try compare(encoding, entry["encoding"]!, "\(name): \(text)")
      #expect(
        try tokenizer.decode(encoding.ids, skipSpecialTokens: false).utf8.elementsEqual(entry["decoded"]!.string!.utf8),
        "\(name): \(text)")
      #expect(
        try tokenizer.decode(encoding.ids, skipSpecialTokens: true).utf8.elementsEqual(entry["plain"]!.string!.utf8),
        "\(name): \(text)")
    }
  }

  private func compare(_ encoding: Encoding, _ expected: JSONValue, _ place: String, isWindow: Bool = false) throws {
    func integers(_ key: String) -> [Int] { expected[key]!.array!.map { $0.integer! } }
    func digits(_ key: String) -> [Int] { expected[key]!.string!.map { $0.wholeNumberValue! } }
    #expect(encoding.ids == integers("ids"), "\(place)")
    let tokens = expected["tokens"]!.array!.map { $0.string! }
    #expect(encoding.tokens.map { Array($0.utf8) } == tokens.map { Array($0.utf8) }, "\(place)")
    #expect(encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] } == integers("offsets"), "\(place)")
    #expect(encoding.typeIDs == digits("types"), "\(place)")
    #expect(encoding.attentionMask == digits("attention"), "\(place)")
    #expect(encoding.specialTokensMask == digits("special"), "\(place)")
    #expect(encoding.wordIDs.map { $0 ?? -1 } == integers("words"), "\(place)")
    // The reference gives the windows of a pair windows of their own; they repeat what stands beside them.
    if isWindow { return }
    #expect(encoding.overflowing.count == expected["windows"]!.integer!, "\(place)")
    for (window, part) in zip(encoding.overflowing, expected["overflowing"]!.array!) {
      try compare(window, part, "\(place), overflowing", isWindow: true)
    }
  }

  static let miniLM = ProcessInfo.processInfo.environment["DEEPSEEK_MINILM_DIR"]

  @Test(
    "all-MiniLM-L6-v2 gives the reference's ids for 215 sentences",
    .enabled(if: miniLM != nil, "DEEPSEEK_MINILM_DIR is not set"))
  func realModel() throws {
    let sentences = try Fixtures.json("sentences.json").array!.map { $0.string! }
    let expected = try Fixtures.json("sentences.minilm.json").array!.map { $0.array!.map { $0.integer! } }
    #expect(sentences.count >= 200 && sentences.count == expected.count)
    let folder = try #require(Self.miniLM)
    var fromJSON = try Tokenizer(directory: folder)
    #expect(fromJSON.truncation?.maximumLength == 128)
    fromJSON.padding = nil
    var fromText = try Tokenizer(bertVocabularyFile: "\(folder)/vocab.txt", lowercases: true)
    fromText.truncation = fromJSON.truncation
    for tokenizer in [fromJSON, fromText] {
      let encodings = try tokenizer.encode(batch: sentences)
      for (index, encoding) in encodings.enumerated() {
        #expect(encoding.ids == expected[index], "\(sentences[index])")
      }
    }
    let configuration = try TokenizerConfiguration(directory: folder)
    #expect(configuration.lowercases == true)
    #expect(configuration.paddingToken == "[PAD]" && configuration.classifierToken == "[CLS]")
  }
}
