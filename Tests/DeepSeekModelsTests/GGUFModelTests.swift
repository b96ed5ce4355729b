import DeepSeekCheckpoints
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import Foundation
import TestSupport
import Testing

@Suite("Models in GGUF files")
struct GGUFModelTests {
  private static var path: String {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures/decoders/tiny.gguf").path
  }

  @Test("A Llama computes what the same weights do in Hugging Face's layout, and is saved in that")
  func agreement() throws {
    let fixture = try DecoderFixture("llama")
    let model = try AutoModelForCausalLM.fromPretrained(GGUFModelTests.path)
    let ids = try fixture.ids()
    let folder = try TemporaryFolder()
    try model.save(to: folder.file("saved"))
    let saved = try AutoModelForCausalLM.fromPretrained(folder.file("saved"))
    noGradient {
      let expected = fixture.model(ids).array(of: Float.self)
      #expect(model(ids).array(of: Float.self) == expected)
      #expect(saved(ids).array(of: Float.self) == expected)
    }
    #expect(model.endTokenIDs == [2] && model.beginTokenID == 1)
  }

  @Test("Its tokenizer merges, cuts off every digit and finds special tokens")
  func tokenizer() throws {
    let tokenizer = try AutoTokenizer.fromPretrained(GGUFModelTests.path)
    let texts: [(String, [String])] = [
      ("the cat", ["the", "Ġcat"]), ("then the", ["the", "n", "Ġthe"]), ("a 12", ["a", "Ġ", "1", "2"]),
      ("<s>cab</s>", ["<s>", "ca", "b", "</s>"]),
    ]
    for (text, tokens) in texts {
      let encoding = try tokenizer.encode(text)
      #expect(encoding.tokens == tokens)
      #expect(try tokenizer.decode(encoding.ids, skipSpecialTokens: false) == text)
    }
  }

  @Test("Its tokenizer is the same when it is written as a tokenizer.json")
  func tokenizerFile() throws {
    let tokenizer = try AutoTokenizer.fromPretrained(GGUFModelTests.path)
    let written = try Tokenizer(json: AutoTokenizer.fileContents(of: GGUF.open(GGUFModelTests.path)))
    for text in ["the cat", "then the", "a 12", "<s>cab</s>", " the  12cab", ""] {
      let (mine, theirs) = (try written.encode(text), try tokenizer.encode(text))
      #expect(mine.ids == theirs.ids && mine.tokens == theirs.tokens, "\(text)")
      for skips in [true, false] {
        #expect(
          try written.decode(mine.ids, skipSpecialTokens: skips)
            == tokenizer.decode(theirs.ids, skipSpecialTokens: skips))
      }
    }
  }

  @Test("A text generator opens a file, and streams what it generates at once")
  func streaming() async throws {
    let generator = try TextGenerator.fromPretrained(GGUFModelTests.path)
    var options = GenerationOptions()
    options.maximumNewTokens = 8
    options.endTokenIDs = []
    let whole = try generator.generate(["the cat", "a"], options: options)
    #expect(whole[0].ids.count == 8 && whole[0].finishReason == .length)
    #expect(whole[0].promptIDs.count == 2)
    var streamed = ""
    for try await piece in generator.stream("the cat", options: options) { streamed += piece }
    #expect(streamed == whole[0].text)
    // What a stop string cuts off, and what stops the loop.
    let stop = String(whole[0].text.dropFirst(2).prefix(2))
    options.stopStrings = [stop]
    let cut = try generator.generate(["the cat"], options: options)[0]
    #expect(cut.finishReason == .stopString)
    #expect(cut.text == String(whole[0].text.prefix(upTo: whole[0].text.range(of: stop)!.lowerBound)))
    var pieces = 0
    let stopped = try generator.generate(["the cat"], options: GenerationOptions()) { _, _ in
      pieces += 1
      return pieces < 2
    }
    #expect(stopped[0].ids.count < 256)
  }

  @Test("Damaged files are refused with an error, never with a trap")
  func damage() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: GGUFModelTests.path)))
    var random = SplitMix(5)
    for _ in 0..<Fuzzing.count(otherwise: 200) {
      guard let file = try? GGUF.decode(Fuzzing.mutated(bytes, &random)) else { continue }
      _ = try? LlamaForCausalLM.load(file)
      _ = try? Tokenizer(file)
    }
  }
}
