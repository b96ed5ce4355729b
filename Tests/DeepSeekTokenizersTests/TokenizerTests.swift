import DeepSeekJSON
import DeepSeekTokenizers
import Foundation
import Testing

@Suite("What a tokenizer does beside encoding one text")
struct TokenizerTests {
  @Test("A batch gives what its texts give one by one, on any number of threads", arguments: [1, 2, 5])
  func batch(threads: Int) throws {
    let texts = try (0..<20).flatMap { _ in try Fixtures.texts() }
    for name in ["bpe_gpt2", "unigram_metaspace", "wordpiece_added"] {
      let tokenizer = try Fixtures.tokenizer(name)
      let encodings = try tokenizer.encode(batch: texts, threads: threads)
      #expect(encodings.count == texts.count)
      for (text, encoding) in zip(texts, encodings) {
        let single = try tokenizer.encode(text)
        #expect(encoding.ids == single.ids && encoding.offsets == single.offsets && encoding.tokens == single.tokens)
      }
    }
  }

  @Test("A batch is padded to its longest text, rounded up to the multiple")
  func padding() throws {
    var tokenizer = try Fixtures.tokenizer("wordpiece_bert")
    tokenizer.padding = Padding(multiple: 8, id: 4, token: "[PAD]")
    let encodings = try tokenizer.encode(batch: ["hello", "the quick brown fox jumps"])
    #expect(encodings[0].count == encodings[1].count && encodings[0].count % 8 == 0)
    #expect(encodings[0].ids.last == 4 && encodings[0].attentionMask.last == 0)
    #expect(encodings[0].specialTokensMask.last == 1 && encodings[0].tokens.last == "[PAD]")
  }

  @Test("Ids and tokens map to each other")
  func vocabulary() throws {
    for name in Fixtures.names {
      let tokenizer = try Fixtures.tokenizer(name)
      #expect(tokenizer.vocabularySize > 0)
      for id in 0..<tokenizer.vocabularySize {
        let token = try #require(tokenizer.idToToken(id), "\(name) \(id)")
        // A token sought in normalized text is called by its normalized text.
        if tokenizer.addedTokens.contains(where: { $0.isNormalized && tokenizer.tokenToID($0.content) == id }) {
          continue
        }
        #expect(tokenizer.tokenToID(token) == id, "\(name) \(token)")
      }
      #expect(tokenizer.idToToken(tokenizer.vocabularySize) == nil)
      #expect(tokenizer.idToToken(-1) == nil && tokenizer.idToToken(Int.max) == nil)
      #expect(tokenizer.tokenToID("no such token, surely") == nil)
    }
  }

  @Test(
    "A stream of tokens gives the text that decoding all of them gives",
    arguments: ["bpe_gpt2", "bpe_llama_bytes", "bpe_llama3"])
  func stream(_ name: String) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    for text in try Fixtures.texts() {
      let ids = try tokenizer.encode(text).ids
      var stream = tokenizer.decodeStream(skipSpecialTokens: false)
      var joined = ""
      for id in ids {
        if let part = try stream.append(id) {
          #expect(!part.hasSuffix("\u{FFFD}"))
          joined += part
        }
      }
      joined += try stream.finish()
      #expect(joined.utf8.elementsEqual(try tokenizer.decode(ids, skipSpecialTokens: false).utf8), "\(name): \(text)")
    }
  }

  @Test("A SentencePiece model gives the ids that SentencePiece gives")
  func sentencePiece() throws {
    let tokenizer = try Tokenizer(sentencePiece: try Fixtures.bytes("sentencepiece.model"))
    let text = "the quick brown fox jumps"
    let encoding = try tokenizer.encode(text)
    let expected = [3, 10, 9, 5, 3, 23, 12, 18, 14, 20, 3, 7, 6, 4, 26, 8, 3, 16, 4, 27, 3, 19, 11, 22, 24]
    #expect(encoding.ids == expected)
    #expect(try tokenizer.decode(encoding.ids) == text)
    #expect(try tokenizer.encode("  the   quick brown fox jumps ").ids == expected)
  }

  @Test("Every way of cutting a SentencePiece model short is an error or a tokenizer, never a trap")
  func damagedSentencePiece() throws {
    let bytes = try Fixtures.bytes("sentencepiece.model")
    var failures = 0
    for length in stride(from: 0, to: bytes.count, by: 997) {
      guard let tokenizer = try? Tokenizer(sentencePiece: Array(bytes[..<length])) else {
        failures += 1
        continue
      }
      _ = try? tokenizer.encode("the fox")
    }
    #expect(failures > 100)
  }

  @Test("GPT-2's two files give what the same tokenizer.json gives")
  func twoFiles() throws {
    let json = try Fixtures.json("bpe_gpt2.json")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let vocabulary = try json["model"]!["vocab"]!.serialized()
    try Data(vocabulary).write(to: folder.appendingPathComponent("vocab.json"))
    let merges = json["model"]!["merges"]!.array!.map { merge in
      merge.string ?? merge.array!.map { $0.string! }.joined(separator: " ")
    }
    try (["#version: 0.2"] + merges + [""]).joined(separator: "\n")
      .write(to: folder.appendingPathComponent("merges.txt"), atomically: true, encoding: .utf8)
    let reference = try Fixtures.tokenizer("bpe_gpt2")
    let tokenizer = try Tokenizer(directory: folder.path)
    for text in try Fixtures.texts() where !text.contains("<|end|>") {
      #expect(try tokenizer.encode(text).ids == reference.encode(text).ids, "\(text)")
    }
  }

  @Test("Truncation that cannot be done says why")
  func impossibleTruncation() throws {
    var tokenizer = try Fixtures.tokenizer("wordpiece_bert")
    for truncation in [
      Truncation(maximumLength: 1), Truncation(maximumLength: 4, stride: 2),
      Truncation(maximumLength: 4, strategy: .onlySecond), Truncation(maximumLength: 4, stride: -1),
    ] {
      tokenizer.truncation = truncation
      #expect(throws: TokenizerError.self) { try tokenizer.encode("the quick brown fox") }
    }
    tokenizer.truncation = Truncation(maximumLength: 2)
    #expect(try tokenizer.encode("the quick brown fox").ids == [1, 2])
  }

  @Test("A configuration is read in both of the forms that it takes")
  func configuration() throws {
    let text = """
      {"model_max_length": 512, "do_lower_case": false, "cls_token": {"content": "<s>", "lstrip": false},
       "pad_token": "<pad>", "chat_template": [{"name": "tool", "template": "t"}, {"name": "default", "template": "d"}]}
      """
    let configuration = try TokenizerConfiguration(
      configuration: Array(text.utf8), specialTokens: Array(#"{"mask_token": "<mask>"}"#.utf8))
    #expect(configuration.maximumLength == 512 && configuration.lowercases == false)
    #expect(configuration.classifierToken == "<s>" && configuration.paddingToken == "<pad>")
    #expect(configuration.maskToken == "<mask>" && configuration.chatTemplate == "d")
    let unlimited = try TokenizerConfiguration(
      configuration: Array(#"{"model_max_length": 1000000000000000019884624838656}"#.utf8))
    #expect(unlimited.maximumLength == nil)
  }
}
