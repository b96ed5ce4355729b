import DeepSeekCheckpoints
import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("Models that were made smaller")
struct CompressionTests {
  private static let good = ["good", "fine", "lovely", "great"]
  private static let bad = ["bad", "dull", "poor", "awful"]
  private static let subjects = ["film", "play", "story", "cast", "music", "plot"]

  private static var texts: LabelledTexts {
    LabelledTexts(
      subjects.flatMap { subject in
        good.map { LabelledTexts.Example(text: "the \(subject) is \($0)", label: 1) }
          + bad.map { LabelledTexts.Example(text: "the \(subject) is \($0)", label: 0) }
      })
  }

  /// A folder with a tiny classifier that has learned for some epochs, and its tokenizer.
  private func makeClassifier(_ path: String, _ family: BertFamily = .bert, epochs: Int = 4) throws {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "is"]
    let vocabulary = words + CompressionTests.good + CompressionTests.bad + CompressionTests.subjects
    var configuration = BertConfiguration()
    configuration.family = family
    if family == .distilbert { configuration.typeVocabularySize = 0 }
    configuration.vocabularySize = vocabulary.count
    configuration.hiddenSize = 64
    configuration.layerCount = 2
    configuration.headCount = 4
    configuration.intermediateSize = 256
    configuration.maximumPositions = 16
    configuration.initializerRange = 0.1
    let model = RandomGenerator.withSeed(4) { BertForSequenceClassification(configuration) }
    try model.save(to: path)
    try Data((vocabulary.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path + "/vocab.txt"))
    var recipe = ClassificationRecipe()
    recipe.epochs = epochs
    recipe.batchSize = 8
    recipe.learningRate = 2e-3
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    let training = try ClassifierTraining(
      model, AutoTokenizer.load(contentsOf: folder), CompressionTests.texts, recipe: recipe)
    try training.trainer.train()
    try model.save(to: path, tokenizerFrom: folder)
    try Data((vocabulary.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path + "/vocab.txt"))
  }

  @Test("a classifier reaches a fifth of its size by cuts, teaching and few bits, and is read back the same")
  func chain() throws {
    let folder = try TemporaryFolder()
    try makeClassifier(folder.file("model"))
    var settings = CompressionSettings()
    settings.recipe.epochs = 2
    settings.recipe.batchSize = 8
    settings.recipe.learningRate = 1e-3
    settings.targetShare = 0.2
    settings.maximumLoss = 0.05
    settings.rounds = 2
    let compression = try ClassifierCompression(
      from: URL(fileURLWithPath: folder.file("model"), isDirectory: true), training: CompressionTests.texts,
      judging: CompressionTests.texts, settings: settings)
    let steps = try compression.run()
    #expect(steps.count == 4 && steps[0].accuracy > 0.7, "\(steps)")
    #expect(Double(steps[3].byteCount) <= 0.2 * Double(steps[0].byteCount))
    #expect(steps[2].byteCount < steps[1].byteCount && steps[1].byteCount < steps[0].byteCount)

    let small = folder.file("small")
    try compression.model.save(to: small)
    let read = try AutoModelForSequenceClassification.fromPretrained(small)
    let ids = Tensor([[2, 5, 15, 6, 7, 3], [2, 5, 16, 6, 11, 3]])
    let (expected, found) = noGradient { (compression.model(ids), read(ids)) }
    #expect(sameBits(found, expected))
    #expect(read.isQuantized)
    // Nothing but the bare model's own is in a bare model.
    let bare = try AutoModel.fromPretrained(small)
    #expect(noGradient { bare(ids) }.shape == [2, 6, 64])
    let fast = try read.compiled(hasMask: false)
    #expect(largestDifference(try fast.run(["input_ids": ids])["output"]!, expected) < 1e-3)
  }

  @Test(
    "classifiers of RoBERTa's and DistilBERT's kin are cut, taught and quantized too",
    arguments: [
      BertFamily.roberta, .distilbert,
    ])
  func families(_ family: BertFamily) throws {
    let folder = try TemporaryFolder()
    try makeClassifier(folder.file("model"), family, epochs: 1)
    var settings = CompressionSettings()
    settings.recipe.epochs = 1
    settings.recipe.batchSize = 16
    settings.targetShare = 0.2
    settings.maximumLoss = 0.99
    settings.rounds = 1
    let compression = try ClassifierCompression(
      from: URL(fileURLWithPath: folder.file("model"), isDirectory: true), training: CompressionTests.texts,
      judging: CompressionTests.texts, settings: settings)
    let steps = try compression.run()
    #expect(Double(steps[2].byteCount) <= 0.2 * Double(steps[0].byteCount) && steps[1].byteCount < steps[0].byteCount)
    try compression.model.save(to: folder.file("small"))
    let read = try AutoModelForSequenceClassification.fromPretrained(folder.file("small"))
    let ids = Tensor([[2, 5, 15, 6, 7, 3], [2, 5, 16, 6, 11, 3]])
    #expect(read.isQuantized && read.architecture.hasSuffix("ForSequenceClassification"))
    #expect(noGradient { sameBits(read(ids), compression.model(ids)) })
  }

  @Test("what has no classifier, or none that has learned, is refused, and the reason says what to do")
  func refusals() throws {
    let folder = try TemporaryFolder()
    func message(_ model: any PretrainedModel) throws -> String {
      try model.save(to: folder.file("model"))
      do {
        _ = try ClassifierCompression(
          from: URL(fileURLWithPath: folder.file("model"), isDirectory: true), training: CompressionTests.texts,
          judging: CompressionTests.texts)
        return "nothing was thrown"
      } catch let error as TrainingError { return error.description }
    }
    var sizes = GPT2Configuration()
    (sizes.vocabularySize, sizes.hiddenSize, sizes.layerCount, sizes.headCount) = (20, 8, 1, 2)
    let decoder = try message(GPT2ForCausalLM(sizes))
    #expect(
      decoder.contains("GPT2ForSequenceClassification has no layers") && decoder.contains("quantize"), "\(decoder)")
    #expect(try message(PruningTests.encoder()).contains("fine-tune it first"))
    let path = folder.file("model/config.json")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try Data(text.replacing(#""model_type": "bert""#, with: #""model_type": "t5""#).utf8).write(
      to: URL(fileURLWithPath: path))
    let error = #expect(throws: TrainingError.self) {
      try ClassifierCompression(
        from: URL(fileURLWithPath: folder.file("model"), isDirectory: true), training: CompressionTests.texts,
        judging: CompressionTests.texts)
    }
    let other = try #require(error?.description)
    #expect(other.contains("'model_type' is 't5'") && other.contains("distilbert") && other.contains("quantize"))
  }

  @Test("a folder whose configuration and weights disagree is refused by the layer's name")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let model = PruningTests.encoder()
    try model.quantize()
    try model.save(to: folder.file("model"))
    let path = folder.file("model/config.json")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    func message(_ old: String, _ new: String) throws -> String {
      #expect(text.contains(old))
      try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: URL(fileURLWithPath: path))
      do {
        _ = try BertModel.fromPretrained(folder.file("model"))
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(try message("\"bits\": 8", "\"bits\": 4").contains("its weight is int8; uint8 is expected"))
    #expect(try message("\"deepseek\"", "\"awq\"").contains("'quant_method'"))
    #expect(try message("\"version\": 1", "\"version\": 2").contains("'version'"))
    #expect(try message("\"layers\"", "\"layer\"").contains("no field 'layer'"))
    #expect(try message("\"input\": \"dynamic\"", "\"input\": \"often\"").contains("input"))
    #expect(try message("\"bits\": 8", "\"bits\": 8, \"zero_points\": true").contains("weight_zero_point"))
  }
}
