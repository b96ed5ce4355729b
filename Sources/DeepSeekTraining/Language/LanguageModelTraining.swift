import DeepSeekData
public import DeepSeekModels
import DeepSeekOperators
public import DeepSeekTensor
public import Foundation

/// Trains a causal language model on blocks of text: a ``Trainer`` that shuffles the blocks anew each epoch.
///
/// ```swift
/// let model = try AutoModelForCausalLM.fromPretrained("gpt2")
/// let tokenizer = try AutoTokenizer.fromPretrained("gpt2")
/// let blocks = try TokenBlocks(TokenBlocks.documents(contentsOf: "train.txt"), tokenizer, length: 128)
/// let training = LanguageModelTraining(model, blocks, batchSize: 8)
/// try training.trainer.train()
/// ```
public final class LanguageModelTraining {
  /// The model.
  public let model: any CausalLanguageModel
  /// What trains it. Its batches are token ids `[batch, length]`; they count by the tokens that are predicted.
  public let trainer: Trainer<Tensor>
  private let indices: Dataset<[Int]>

  /// Training of `model`.
  ///
  /// - Parameters:
  ///   - model: The model. Traps when it takes no sequences of the blocks' length.
  ///   - blocks: What it learns from.
  ///   - judged: What it is judged by: the mean `loss` of a token, and its exponential, the `perplexity`.
  ///   - batchSize: Blocks in a batch.
  ///   - arguments: Everything else; from the seed follows the order of the blocks too.
  public init(
    _ model: any CausalLanguageModel, _ blocks: TokenBlocks, evaluatingOn judged: TokenBlocks? = nil,
    batchSize: Int = 8,
    arguments: TrainingArguments = TrainingArguments()
  ) {
    if Swift.max(blocks.length, judged?.length ?? 0) > model.maximumLength {
      fatalError("LanguageModelTraining: blocks of \(blocks.length) tokens; the model takes \(model.maximumLength)")
    }
    self.model = model
    indices = Dataset(Array(0..<blocks.count)).shuffle(buffer: blocks.count, seed: arguments.seed).batch(batchSize)
    trainer = Trainer(
      model, indices.map(parallelism: 1) { blocks.batch($0) },
      objective: Objective(
        loss: { ids, arguments in
          let loss = model.loss(
            model(ids), labels: ids, labelSmoothing: arguments.labelSmoothing, reduction: .mean)
          return BatchLoss(mean: loss, weight: ids.shape[0] * (ids.shape[1] - 1))
        }, outputs: nil, ignoreIndex: -100),
      evaluation: judged.map { judged in
        Evaluation { LanguageModelTraining.scores(model, judged, batchSize: batchSize) }
      }, arguments: arguments)
  }

  /// Adds `config.json`, and the tokenizer of a folder, to the checkpoints that are written: Hugging Face's libraries open them
  /// then.
  public func addFiles(tokenizerFrom folder: URL) {
    let model = model
    trainer.checkpointFiles = { try model.addFiles(to: $0, tokenizerFrom: folder) }
  }

  /// The numbers of the blocks in each batch of an epoch, so that another program can repeat the run.
  public func order(epoch: Int) throws -> [[Int]] { try indices.elements(epoch: epoch) }

  private static func scores(_ model: any CausalLanguageModel, _ blocks: TokenBlocks, batchSize: Int) -> [String:
    Double]
  {
    var (sum, count) = (0.0, 0)
    for start in stride(from: 0, to: blocks.count, by: batchSize) {
      let ids = blocks.batch(Array(start..<Swift.min(start + batchSize, blocks.count)))
      let predicted = ids.shape[0] * (ids.shape[1] - 1)
      sum += model.loss(model(ids), labels: ids).item(as: Double.self) * Double(predicted)
      count += predicted
    }
    let loss = sum / Double(count)
    return ["loss": loss, "perplexity": exp(loss)]
  }
}
