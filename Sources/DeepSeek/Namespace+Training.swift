public import DeepSeekTraining

extension ds {
  /// Trains a model; see `DeepSeekTraining.Trainer`.
  public typealias Trainer = DeepSeekTraining.Trainer
  /// How a ``Trainer`` goes about it.
  public typealias TrainingArguments = DeepSeekTraining.TrainingArguments
}
