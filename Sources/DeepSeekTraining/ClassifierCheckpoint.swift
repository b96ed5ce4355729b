import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTensor
import Foundation

/// A fine-tuned classifier on disk: weights, configuration and tokenizer in Hugging Face's layout, and what training needs to
/// go on.
public enum ClassifierCheckpoint {
  /// The group of tensors that is the optimizer's state.
  private static let optimizerGroup = "optimizer"

  /// Writes the folder, all of it or none. `source` is the folder whose tokenizer the model uses.
  public static func write(_ training: ClassifierTraining, to path: String, tokenizerFrom source: String) throws {
    let epoch = training.step / training.stepsPerEpoch
    try CheckpointFolder.write(to: path) { writer in
      writer.trainingState = TrainingState(
        step: training.step, epoch: epoch, values: fingerprint(training))
      try training.model.write(to: writer, tokenizerFrom: URL(fileURLWithPath: source, isDirectory: true))
      try writer.add(training.optimizer.stateDictionary(), group: optimizerGroup)
    }
  }

  /// Whether `path` holds such a folder.
  public static func isPresent(at path: String) -> Bool { CheckpointFolder.isPresent(at: path) }

  /// Loads weights and optimizer state into `training`, which must have the recipe that the checkpoint was made with.
  public static func resume(_ training: ClassifierTraining, from path: String) throws {
    let folder = try CheckpointFolder.open(path)
    try folder.verify()
    guard let state = folder.manifest.trainingState else {
      throw TrainingError("\(path): the checkpoint has no training state to resume from")
    }
    let expected = fingerprint(training)
    for member in expected.members where state.values[member.key] != member.value {
      let found = (try? state.values[member.key]?.jsonText()) ?? "missing"
      let wanted = (try? member.value.jsonText()) ?? ""
      throw TrainingError(
        "\(path): '\(member.key)' was \(found) when the checkpoint was made and is \(wanted) now; "
          + "resume with what the run began with")
    }
    // Copied into memory: the folder that these tensors are mapped from is replaced by the next checkpoint.
    try training.model.load(StateDictionary(folder.tensors().tensors().mapValues { $0.copied() }))
    let moments = try folder.tensors(optimizerGroup).tensors().mapValues { $0.copied() }
    try training.resume(step: state.step, optimizerState: StateDictionary(moments))
  }

  /// What must be the same for a resumed run to be the run that was stopped.
  private static func fingerprint(_ training: ClassifierTraining) -> JSONObject {
    var values = JSONObject()
    values["seed"] = .string(String(training.recipe.seed))
    values["batch_size"] = .integer(training.recipe.batchSize)
    values["learning_rate"] = .double(training.recipe.learningRate)
    values["weight_decay"] = .double(training.recipe.weightDecay)
    values["maximum_length"] = .integer(training.recipe.maximumLength)
    values["total_steps"] = .integer(training.totalSteps)
    return values
  }
}

extension Tensor {
  /// The same elements in memory of their own.
  fileprivate func copied() -> Tensor {
    let copy = Tensor(uninitialized: dtype, shape)
    copyElements(to: copy)
    return copy
  }
}
