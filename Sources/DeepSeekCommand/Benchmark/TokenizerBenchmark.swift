import DeepSeekModels
import DeepSeekTensor
import DeepSeekTokenizers
import Foundation

/// How fast a tokenizer is loaded, and how fast it encodes on one thread and on all.
struct TokenizerBenchmark {
  /// A model folder; a vocabulary made in memory when `nil`.
  let model: String?
  /// A text file; sentences of words of the vocabulary when `nil`.
  let input: String?
  let seconds: Double

  /// Entries of the vocabulary made in memory.
  private static let vocabularySize = 30_000
  /// Bytes of text that are encoded, at least.
  private static let textSize = 1 << 20
  private static let wordsInSentence = 5...25

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    progress.step(0, of: 3, "loading")
    let file = try tokenizerFile()
    var tokenizer = try Tokenizer(json: file)
    let loads = try Stopwatch.samples(seconds: seconds) { _ = try Tokenizer(json: tokenizerFile()) }
    tokenizer.truncation = nil
    tokenizer.padding = nil
    let texts = try texts(tokenizer)
    let megabytes = Double(texts.reduce(0) { $0 + $1.utf8.count }) / 1e6
    progress.step(1, of: 3, "encoding on one thread")
    let alone = try Stopwatch.samples(seconds: seconds) { _ = try tokenizer.encode(batch: texts, threads: 1) }
    progress.step(2, of: 3, "encoding on \(Parallel.threadCount) threads")
    let together = try Stopwatch.samples(seconds: seconds) {
      _ = try tokenizer.encode(batch: texts, threads: Parallel.threadCount)
    }
    progress.step(3, of: 3, "done")
    return [
      result("load_time", loads.map { $0 * 1e3 }, "ms"),
      result("tokenizing_throughput_per_thread", alone.map { megabytes / $0 }, "MB/s"),
      result("tokenizing_throughput", together.map { megabytes / $0 }, "MB/s"),
    ]
  }

  private func result(_ metric: String, _ samples: [Double], _ unit: String) -> BenchmarkResult {
    BenchmarkResult(
      task: "tokenize", version: FrameworkLayer.dynamic.rawValue, metric: metric, dtype: "utf8",
      value: samples.median, unit: unit, samples: samples)
  }

  /// The bytes of the model's `tokenizer.json`, or of one made here.
  private func tokenizerFile() throws -> [UInt8] {
    guard let model else { return GeneratedVocabulary.tokenizerFile }
    let path = URL(fileURLWithPath: model, isDirectory: true).appendingPathComponent("tokenizer.json")
    guard FileManager.default.fileExists(atPath: path.path) else {
      throw ModelError.missingFile(path: path.path, hint: "a model folder in Hugging Face's layout has one")
    }
    return [UInt8](try Data(contentsOf: path))
  }

  /// Texts of a megabyte or more: the input's lines, over and over, or sentences of the vocabulary's words.
  private func texts(_ tokenizer: Tokenizer) throws -> [String] {
    let sentences = try input.map(Lines.read) ?? sentences(tokenizer)
    let size = sentences.reduce(0) { $0 + $1.utf8.count }
    if size == 0 { throw CommandError("\(input ?? "the vocabulary") has no text to encode") }
    let times = (TokenizerBenchmark.textSize + size - 1) / size
    return Array(repeatElement(sentences, count: times).joined())
  }

  private func sentences(_ tokenizer: Tokenizer) -> [String] {
    let words = (0..<tokenizer.vocabularySize).compactMap { tokenizer.idToToken($0) }
      .filter { word in word.count > 1 && word.utf8.allSatisfy { (97...122).contains($0) } }
    if words.isEmpty { return [] }
    var source = RepeatableNumbers(seed: 1)
    return (0..<1000).map { _ in
      let lengths = TokenizerBenchmark.wordsInSentence
      let count = lengths.lowerBound + source.next(below: lengths.count)
      return (0..<count).map { _ in words[source.next(below: words.count)] }.joined(separator: " ") + "."
    }
  }

  /// A WordPiece tokenizer of words that are made of syllables.
  private enum GeneratedVocabulary {
    static let tokenizerFile: [UInt8] = {
      var source = RepeatableNumbers(seed: 7)
      var seen = Set<String>()
      var tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ","]
      let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
      tokens += letters + letters.map { "##" + $0 }
      while tokens.count < TokenizerBenchmark.vocabularySize {
        var word = ""
        for _ in 0...source.next(below: 4) {
          word += String("bcdfghklmnprstvwz".randomElement(using: &source)!)
          word += String("aeiou".randomElement(using: &source)!)
        }
        if source.next(below: 4) == 0 { word = "##" + word }
        if seen.insert(word).inserted { tokens.append(word) }
      }
      let vocabulary = tokens.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
      let specials = (0..<5).map {
        "{\"id\":\($0),\"content\":\"\(tokens[$0])\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
          + "\"normalized\":false,\"special\":true}"
      }
      let text = """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\(specials.joined(separator: ","))],
        "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
        "pre_tokenizer":{"type":"BertPreTokenizer"},
        "post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
        "vocab":{\(vocabulary)}}}
        """
      return Array(text.utf8)
    }()
  }
}

/// Numbers that are the same in every run.
private struct RepeatableNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }

  mutating func next(below limit: Int) -> Int { Int(next() >> 33) % limit }
}
