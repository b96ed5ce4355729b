import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekModels
import Foundation

extension PretrainedModel {
  /// Adds to a checkpoint what Hugging Face's libraries expect beside the weights: `config.json`, and a folder's tokenizer.
  func addFiles(to writer: CheckpointFolder.Writer, tokenizerFrom folder: URL?) throws {
    try writer.add(configurationFile(), as: "config.json")
    if let folder { try AutoTokenizer.addFiles(of: folder, to: writer) }
  }
}
