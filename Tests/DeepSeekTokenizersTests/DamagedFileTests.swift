import DeepSeekJSON
import DeepSeekTokenizers
import Foundation
import TestSupport
import Testing

@Suite("A damaged tokenizer.json is a typed error")
struct DamagedFileTests {
  static let words: [[UInt8]] = [
    "null", "true", "-1", "0", "1e400", "4294967296", "9223372036854775807", "99999999999999999999", "1.5", "\"\"",
    "\"\\ud800\"", "{}", "[]", "[[", "\"(a*)*b\"", "\"(?<=a+)\"", "\"[\"", "\"\\\\p{X}\"", "\"\u{301}\"",
    "\"type\":\"BPE\"",
    "\"type\":\"Unigram\"", "\"type\":\"Sequence\"", "\"##\"", "\"▁\"", ",", ":", "}", "]",
  ].map { Array($0.utf8) }

  static func mutate(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    // Most of a file is vocabulary: half the time the head and tail are hit, where the components stand.
    for _ in 0..<Int.random(in: 1...2, using: &generator) where !bytes.isEmpty {
      var place = Int.random(in: 0..<bytes.count, using: &generator)
      if Bool.random(using: &generator) {
        place = min(place, Int.random(in: 0..<min(2000, bytes.count), using: &generator))
      }
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &generator)))
      case 3: bytes.insert(contentsOf: words.randomElement(using: &generator)!, at: place)
      case 4:
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
        bytes.replaceSubrange(place..<end, with: words.randomElement(using: &generator)!)
      case 5:
        let end = min(bytes.count, place + Int.random(in: 1...200, using: &generator))
        bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      default:
        // A digit somewhere becomes another number.
        if let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) {
          bytes.replaceSubrange(digit...digit, with: words[Int.random(in: 2..<9, using: &generator)])
        }
      }
    }
    return bytes
  }

  @Test("Mutations of recorded tokenizers never trap, and what still loads encodes")
  func mutations() throws {
    let count = Fuzzing.count
    let sources = try Fixtures.names.map { try Fixtures.bytes("\($0).json") }
    let texts = try Fixtures.texts()
    var generator = SplitMix(2026)
    var loaded = 0
    var refused = 0
    var failed = 0
    for round in 0..<count {
      let bytes = Self.mutate(sources[round % sources.count], &generator)
      // Only typed errors can come out of either call; anything else would be a trap, which ends the test.
      guard let tokenizer = try? Tokenizer(json: bytes) else {
        refused += 1
        continue
      }
      loaded += 1
      for _ in 0..<2 {
        let text = texts.randomElement(using: &generator)!
        let pair = Bool.random(using: &generator) ? texts.randomElement(using: &generator) : nil
        guard let encoding = try? tokenizer.encode(text, pair: pair) else {
          failed += 1
          continue
        }
        _ = encoding.tokens
        _ = try? tokenizer.decode(encoding.ids)
      }
    }
    print("mutations \(count): \(refused) refused, \(loaded) loaded, \(failed) texts refused by what loaded")
    #expect(refused > count / 10 && loaded > count / 100)
  }

  @Test(
    "Errors name the field",
    arguments: [
      (#"{"model": {"type": "Mystery", "vocab": {}}}"#, "model.type", "Mystery"),
      (#"{"model": {"type": "WordLevel", "vocab": {"a": -1}, "unk_token": "a"}}"#, "model.vocab.a", "integer"),
      (#"{"model": {"type": "WordLevel", "vocab": {"a": 1e3}, "unk_token": "a"}}"#, "model.vocab.a", "integer"),
      (#"{"model": {"type": "WordLevel", "vocab": []}}"#, "model.vocab", "an object"),
      (#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}"#, "b", "vocabulary"),
      (#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}"#, "model.merges[0]", "two tokens"),
      (#"{"model": {"type": "Unigram", "vocab": [["a", 0]], "unk_id": 7}}"#, "model.unk_id", "7"),
      (
        #"{"model": {"type": "WordLevel", "vocab": {}, "unk_token": ""}, "normalizer": {"type": "Odd"}}"#,
        "normalizer.type", "Odd"
      ),
      (
        #"{"model": {"type": "WordLevel", "vocab": {}, "unk_token": ""}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "a("}, "behavior": "Isolated"}]}}"#,
        "a(", "unmatched"
      ),
      ("{", "line 1", "ends"),
    ])
  func namedFields(_ text: String, _ place: String, _ reason: String) {
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(text.utf8)) }
    let description = error.map { "\($0)" } ?? ""
    #expect(description.contains(place) && description.contains(reason), "\(description)")
  }

  @Test("A pattern whose repetitions multiply is stopped")
  func slowPattern() throws {
    let text =
      #"{"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a*)*(a*)*(a*)*b"}, "behavior": "Isolated"}}"#
    let tokenizer = try Tokenizer(json: Array(text.utf8))
    #expect(throws: TokenizerError.patternTooSlow(pattern: "(a*)*(a*)*(a*)*b")) {
      try tokenizer.encode(String(repeating: "a", count: 200))
    }
  }

  @Test("Ids far apart take no memory for what lies between")
  func sparseIDs() throws {
    let text = #"{"model": {"type": "WordLevel", "vocab": {"a": 2000000000, "b": 0}, "unk_token": "b"}}"#
    let tokenizer = try Tokenizer(json: Array(text.utf8))
    #expect(try tokenizer.encode("a").ids == [2_000_000_000])
    #expect(tokenizer.idToToken(2_000_000_000) == "a" && tokenizer.idToToken(1) == nil)
  }
}
