import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import Foundation
import TestSupport
import Testing

@Suite("Packed texts give what padded ones give")
struct PackedTextTests {
  /// A tiny encoder of a family, and texts of unequal length.
  private static func sample(_ family: BertFamily) -> (configuration: BertConfiguration, texts: [[Int]]) {
    var configuration = BertConfiguration()
    configuration.family = family
    (configuration.vocabularySize, configuration.hiddenSize, configuration.layerCount) = (50, 32, 2)
    (configuration.headCount, configuration.intermediateSize, configuration.maximumPositions) = (4, 64, 40)
    if family == .distilbert { configuration.typeVocabularySize = 0 }
    let texts = [9, 1, 30, 4, 17].map { length in (0..<length).map { 2 + ($0 * 7 + length) % 48 } }
    return (configuration, texts)
  }

  private static func padded(_ texts: [[Int]], _ filler: Int) -> (ids: Tensor, mask: Tensor) {
    let width = texts.map(\.count).max()!
    func rows(_ value: (Int) -> Int, _ filler: Int) -> Tensor {
      let elements = texts.flatMap { text in
        text.map { Int64(value($0)) } + Array(repeating: Int64(filler), count: width - text.count)
      }
      return Tensor([texts.count, width], elements)
    }
    return (rows({ $0 }, filler), rows({ _ in 1 }, 0))
  }

  @Test("States and pooled vectors, eager and compiled", arguments: BertFamily.allCases)
  func states(_ family: BertFamily) throws {
    let (configuration, texts) = PackedTextTests.sample(family)
    let model = RandomGenerator.withSeed(1) { BertModel(configuration) }
    model.eval()
    let (ids, mask) = PackedTextTests.padded(texts, configuration.padTokenID)
    let packed = PackedTokens(ids: texts, for: configuration)
    try noGradient {
      let expected = model(ids, attentionMask: mask)
      let states = model(packed)
      let program = try model.compiledForPackedTexts()
      let compiled = try program(packed)
      var start = 0
      for (row, text) in texts.enumerated() {
        let own = expected.selected(0, row).sliced(0, 0..<text.count)
        for found in [states, compiled] {
          #expect(largestDifference(found.sliced(0, start..<start + text.count), own) < 1e-5)
        }
        start += text.count
      }
      for pooling in [Pooling.mean, .max, .firstToken, .meanSqrtLength] {
        let whole = pooling(expected, mask: mask)
        #expect(largestDifference(pooling(states, offsets: packed.offsets), whole) < 1e-5, "\(pooling)")
        let pooled = try model.compiledForPackedTexts { pooling($0, offsets: $1.offsets) }
        #expect(largestDifference(try pooled(packed), whole) < 1e-5, "\(pooling), compiled")
      }
    }
  }

  @Test("Logits, and gradients of every weight", arguments: [BertFamily.bert, .roberta, .distilbert])
  func gradients(_ family: BertFamily) throws {
    let (configuration, texts) = PackedTextTests.sample(family)
    let model = RandomGenerator.withSeed(2) { BertForSequenceClassification(configuration) }
    model.eval()
    let (ids, mask) = PackedTextTests.padded(texts, configuration.padTokenID)
    let labels = Tensor([texts.count], texts.indices.map { Int64($0 % 2) })
    let padded = model(ids, attentionMask: mask)
    padded.crossEntropy(labels).backward()
    let expected = model.namedParameters().map { ($0.name, $0.parameter.gradient) }
    for parameter in model.namedParameters() { parameter.parameter.gradient = nil }
    let logits = model(PackedTokens(ids: texts, for: configuration))
    #expect(largestDifference(logits.detached(), padded.detached()) < 1e-5)
    logits.crossEntropy(labels).backward()
    for (named, (name, gradient)) in zip(model.namedParameters(), expected) {
      guard let gradient else { continue }
      #expect(largestDifference(try #require(named.parameter.gradient), gradient) < 1e-5, "\(name)")
    }
  }

  @Test("A classifier's batching front answers each text as the model does, whoever comes with it")
  func front() async throws {
    let folder = try TemporaryFolder()
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "film", "good", "bad", "is", "the"]
    try Data((words.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: folder.file("vocab.txt")))
    let tokenizer = try Tokenizer(bertVocabularyFile: folder.file("vocab.txt"), lowercases: true)
    let model = RandomGenerator.withSeed(3) {
      BertForSequenceClassification(PackedTextTests.sample(.bert).configuration)
    }
    let front = try DynamicBatchModel(model, tokenizer, maxBatch: 4, timeout: .milliseconds(2))
    let long = Array(repeating: "good", count: 100).joined(separator: " ")
    let texts = ["a film", "the film is good", "bad", "", "the film is bad is a good bad film", long, "good good"]
    let answers = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for index in texts.indices { group.addTask { (index, try await front(texts[index])) } }
      return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    for (index, text) in texts.enumerated() {
      // 40 places: the first 39 tokens and the separator.
      let ids = try tokenizer.encode(text).ids
      let cut = ids.count > 40 ? Array(ids.prefix(39)) + [ids[ids.count - 1]] : ids
      let expected = noGradient { model(Tensor([cut])) }.array(of: Float.self)
      let found = try #require(answers[index])
      #expect(
        zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 } && found.count == expected.count, "\(text.prefix(20))")
    }
  }

  @Test("Offsets that do not fit are refused")
  func offsets() throws {
    let (configuration, texts) = PackedTextTests.sample(.bert)
    let model = BertModel(configuration)
    model.eval()
    let program = try model.compiledForPackedTexts()
    let packed = PackedTokens(ids: texts, for: configuration)
    for offsets in [[0, 9, 10, 40, 44, 60], [1, 9, 10, 40, 44, 61], [0, 12, 10, 40, 44, 61]] as [[Int32]] {
      let damaged = PackedTokens(
        ids: packed.ids, positions: packed.positions, typeIDs: packed.typeIDs, offsets: Tensor([6], offsets))
      #expect(throws: (any Error).self) { try program(damaged) }
    }
  }
}
