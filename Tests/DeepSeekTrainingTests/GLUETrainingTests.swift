import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekTensor
import DeepSeekTokenizers
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("A bare encoder and a GLUE task are all that fine-tuning needs")
struct GLUETrainingTests {
  private static let good = ["good", "fine", "lovely"]
  private static let bad = ["bad", "dull", "poor"]
  private static let subjects = ["film", "play", "story", "cast"]

  /// A folder with a tiny encoder, its tokenizer and two tasks.
  private func makeFolder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "is"]
    let vocabulary = words + GLUETrainingTests.good + GLUETrainingTests.bad + GLUETrainingTests.subjects
    var configuration = BertConfiguration()
    configuration.vocabularySize = vocabulary.count
    configuration.hiddenSize = 16
    configuration.layerCount = 1
    configuration.headCount = 2
    configuration.intermediateSize = 32
    configuration.maximumPositions = 16
    try RandomGenerator.withSeed(4) { BertModel(configuration) }.save(to: folder.file("encoder"))
    try write(vocabulary.joined(separator: "\n") + "\n", folder.file("encoder/vocab.txt"))

    var (sentences, pairs) = (["sentence\tlabel"], ["index\tsentence1\tsentence2\tscore"])
    for subject in GLUETrainingTests.subjects {
      for (word, label) in GLUETrainingTests.good.map({ ($0, 1) }) + GLUETrainingTests.bad.map({ ($0, 0) }) {
        sentences.append("the \(subject) is \(word)\t\(label)")
        pairs.append("\(pairs.count)\ta \(subject)\tthe \(subject) is \(word)\t\(Double(label))")
      }
    }
    for (task, lines) in [("SST-2", sentences), ("STS-B", pairs)] {
      for name in ["train", "dev"] {
        try write(lines.joined(separator: "\n") + "\n", folder.file("glue/\(task)/\(name).tsv"))
      }
    }
    return folder
  }

  private func write(_ text: String, _ path: String) throws {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
    try AtomicFile.write(Array(text.utf8), to: path)
  }

  @Test("classes: the guide's line, to a model that opens again")
  func classes() throws {
    let folder = try makeFolder()
    let encoder = try AutoModel.fromPretrained(folder.file("encoder"))
    let trainer = try Trainer(
      encoder, loadGLUE("sst2", from: folder.file("glue")), lr: 1e-2, batchSize: 8,
      arguments: quietArguments {
        $0.evaluation = .epochs
        $0.checkpoints = CheckpointSettings(folder.file("run"), layout: .single)
      })
    let outcome = try trainer.finetune(epochs: 12)
    #expect(outcome.scores?["accuracy"] == 1)
    let opened = try AutoModelForSequenceClassification.fromPretrained(folder.file("run"))
    #expect(opened.labels.names == ["negative", "positive"])
    #expect(sameWeights(opened, trainer.model))
    #expect(try AutoTokenizer.fromPretrained(folder.file("run")).encode("a fine film").count == 5)
  }

  @Test("a decoder classifies by a text's last token, and MNLI is judged by both of its sets")
  func decoders() throws {
    let folder = try makeFolder()
    var configuration = GPT2Configuration()
    configuration.vocabularySize = 18
    configuration.hiddenSize = 16
    configuration.layerCount = 1
    configuration.headCount = 2
    configuration.intermediateSize = 32
    configuration.maximumPositions = 16
    configuration.paddingToken = 0
    try RandomGenerator.withSeed(4) { GPT2Model(configuration) }.save(
      to: folder.file("decoder"), tokenizerFrom: URL(fileURLWithPath: folder.file("encoder")))
    let decoder = try AutoModel.fromPretrained(folder.file("decoder"))
    let trainer = try Trainer(
      decoder, loadGLUE("sst2", from: folder.file("glue")), lr: 1e-2, batchSize: 8,
      arguments: quietArguments {
        $0.evaluation = .epochs
        $0.checkpoints = CheckpointSettings(folder.file("run"), layout: .single)
      })
    #expect(try trainer.finetune(epochs: 12).scores?["accuracy"] == 1)
    let opened = try AutoModelForSequenceClassification.fromPretrained(folder.file("run"))
    #expect(opened.architecture == "GPT2ForSequenceClassification" && sameWeights(opened, trainer.model))

    let columns = "index\tsentence1\tsentence2\tgold_label"
    for (name, labels) in [
      ("train", ["neutral", "entailment"]), ("dev_matched", ["neutral"]), ("dev_mismatched", ["neutral", "neutral"]),
    ] {
      let rows = labels.enumerated().map { "\($0)\ta film\tthe film is good\t\($1)" }
      try write(([columns] + rows).joined(separator: "\n") + "\n", folder.file("glue/MNLI/\(name).tsv"))
    }
    let judge = try Trainer(
      decoder, loadGLUE("mnli", from: folder.file("glue")), arguments: quietArguments())
    let scores = try judge.evaluate()
    #expect(Set(scores.keys) == ["accuracy", "accuracy_mismatched"])
    #expect(scores["accuracy"] == scores["accuracy_mismatched"])
  }

  @Test("scores: a regression over pairs, judged by correlation")
  func scores() throws {
    let folder = try makeFolder()
    let encoder = try AutoModel.fromPretrained(folder.file("encoder"))
    let trainer = try Trainer(
      encoder, loadGLUE("stsb", from: folder.file("glue")), lr: 1e-2, batchSize: 8,
      arguments: quietArguments { $0.evaluation = .epochs })
    let outcome = try trainer.finetune(epochs: 40)
    #expect(outcome.scores!["pearson"]! > 0.9)
  }
}
