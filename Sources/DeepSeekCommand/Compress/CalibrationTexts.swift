import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import Foundation

/// Texts that a model is run on before it is quantized.
struct CalibrationTexts {
  private static let batchSize = 16
  /// Of a model whose output has a number for each word at each place.
  private static let batchSizeOfWords = 4
  private let batches: [TokenBatch]

  init(_ lines: [String], _ source: TextModelSource, _ maximumLength: Int) throws {
    let model = source.model
    var tokenizer = try source.tokenizer()
    tokenizer.truncation = Truncation(maximumLength: min(maximumLength, model.maximumLength))
    tokenizer.padding = nil
    let encodings = try lines.filter { !$0.isEmpty }.map { try tokenizer.encode($0) }.filter { $0.count > 0 }
    if encodings.isEmpty { throw CommandError("the calibration file has no text") }
    let hasWords = model is any CausalLanguageModel || model is any MaskedLanguageModel
    let size = hasWords ? CalibrationTexts.batchSizeOfWords : CalibrationTexts.batchSize
    batches = stride(from: 0, to: encodings.count, by: size).map { start in
      TokenBatch(
        Array(encodings[start..<min(start + size, encodings.count)]),
        padTokenID: model.configuration.padTokenID)
    }
  }

  private func output(_ model: any TextModel, _ batch: TokenBatch) -> Tensor {
    noGradient { model(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs) }
  }

  /// Runs the model on all of them.
  func run(_ model: any TextModel) {
    for batch in batches { _ = output(model, batch) }
  }

  /// One vector for each text: the mean of the model's output over its tokens, or the output itself where it has no such axis.
  func outputs(_ model: any TextModel) -> Tensor {
    let rows = batches.map { batch in
      let output = output(model, batch).cast(to: .float32)
      return output.rank == 3 ? Pooling.mean(output, mask: batch.attentionMask) : output
    }
    return .concatenate(rows)
  }

  /// The mean cosine between rows.
  func cosine(_ a: Tensor, _ b: Tensor) -> Double {
    let lengths = (a.sumSquares(axis: 1) * b.sumSquares(axis: 1)).sqrt().maximum(1e-12)
    return ((a * b).sum(axis: 1) / lengths).mean().item(as: Double.self)
  }
}
