import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("A language model learns from blocks of text")
struct LanguageModelTrainingTests {
  /// A tiny GPT-2 folder whose tokenizer has a token for each word.
  private func makeFolder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var configuration = GPT2Configuration()
    configuration.vocabularySize = 8
    configuration.hiddenSize = 16
    configuration.layerCount = 1
    configuration.headCount = 2
    configuration.intermediateSize = 32
    configuration.maximumPositions = 8
    configuration.beginTokenID = 0
    configuration.endTokenIDs = [0]
    try RandomGenerator.withSeed(4) { GPT2ForCausalLM(configuration) }.save(to: folder.file("model"))
    let words = ["[UNK]", "a", "b", "c", "d", "e", "f", "g"]
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let text =
      #"{"version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "#
      + #""post_processor": null, "decoder": null, "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"#
      + vocabulary + "}}}"
    try AtomicFile.write(Array(text.utf8), to: folder.file("model/tokenizer.json"))
    return folder
  }

  @Test("tokens one after another, cut into blocks; documents of tables have a mark between them")
  func blocks() throws {
    let folder = try makeFolder()
    let tokenizer = try AutoTokenizer.fromPretrained(folder.file("model"))
    let blocks = try TokenBlocks(["a b c", "d e"], tokenizer, length: 3, separator: 0)
    #expect(blocks.count == 2)
    #expect(blocks.batch([1, 0]).array(of: Int.self) == [0, 4, 5, 1, 2, 3])
    #expect(throws: TrainingError.self) { try TokenBlocks(["a b"], tokenizer, length: 3) }
    try AtomicFile.write(Array("a b\nc\n".utf8), to: folder.file("text.txt"))
    #expect(try TokenBlocks.documents(contentsOf: folder.file("text.txt")) == ["a b\nc\n"])
    try AtomicFile.write(Array("{\"text\": \"a b\"}\n{\"text\": \"c\"}\n".utf8), to: folder.file("text.jsonl"))
    #expect(try TokenBlocks.documents(contentsOf: folder.file("text.jsonl")) == ["a b", "c"])
    try AtomicFile.write([0xFF, 0xFE], to: folder.file("bad.txt"))
    #expect(throws: TrainingError.self) { try TokenBlocks.documents(contentsOf: folder.file("bad.txt")) }
  }

  @Test("a rule of the text is learned, the order of the blocks is known, and the checkpoint opens")
  func learns() throws {
    let folder = try makeFolder()
    let model = try AutoModelForCausalLM.fromPretrained(folder.file("model"))
    let tokenizer = try AutoTokenizer.fromPretrained(folder.file("model"))
    let text = String(repeating: "a b c d e f g ", count: 40)
    let blocks = try TokenBlocks([text], tokenizer, length: 8)
    let training = LanguageModelTraining(
      model, blocks, evaluatingOn: blocks, batchSize: 5,
      arguments: quietArguments(learningRate: 3e-2) {
        $0.epochs = 8
        $0.evaluation = .epochs
        $0.checkpoints = CheckpointSettings(folder.file("run"), layout: .single)
      })
    training.addFiles(tokenizerFrom: URL(fileURLWithPath: folder.file("model")))
    let outcome = try training.trainer.train()
    let scores = try #require(outcome.scores)
    #expect(scores["perplexity"]! < 1.5 && abs(log(scores["perplexity"]!) - scores["loss"]!) < 1e-12)
    let (first, second) = (try training.order(epoch: 0), try training.order(epoch: 1))
    #expect(first.count == 7 && first.flatMap { $0 }.sorted() == Array(0..<35) && first != second)
    let opened = try TextGenerator.fromPretrained(folder.file("run"))
    #expect(sameWeights(opened.model, model))
    var options = GenerationOptions()
    options.maximumNewTokens = 3
    #expect(try opened.generate(["a b c"], options: options)[0].ids == [4, 5, 6])
  }

  @Test("fresh weights of a folder's sizes, unless they would not fit in memory")
  func fresh() throws {
    let folder = try makeFolder()
    let url = URL(fileURLWithPath: folder.file("model"))
    let made = try RandomGenerator.withSeed(4) { try AutoModelForCausalLM.fromConfiguration(url) }
    #expect(sameWeights(made, try AutoModelForCausalLM.fromPretrained(url)))
    let other = try RandomGenerator.withSeed(5) { try AutoModelForCausalLM.fromConfiguration(url) }
    #expect(!sameWeights(made, other))
    let config = try String(contentsOf: url.appendingPathComponent("config.json"), encoding: .utf8)
    let huge = config.replacing(#""n_embd": 16"#, with: #""n_embd": 1048576"#)
      .replacing(#""n_layer": 1"#, with: #""n_layer": 2"#).replacing(#""n_inner": 32"#, with: #""n_inner": 4194304"#)
    #expect(huge != config)
    try AtomicFile.write(Array(huge.utf8), to: folder.file("model/config.json"))
    let error = #expect(throws: ModelError.self) { try AutoModelForCausalLM.fromConfiguration(url) }
    #expect(String(describing: error).contains("(the sizes)"))
    // With weights beside it, the file's own sizes are found wrong before anything is made.
    #expect(throws: ModelError.self) { try AutoModelForCausalLM.fromPretrained(url) }
  }
}
