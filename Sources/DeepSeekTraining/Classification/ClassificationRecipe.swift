/// How a classifier is fine-tuned: AdamW with a learning rate that falls linearly to zero, as is the custom for BERT.
public struct ClassificationRecipe: Sendable, Hashable {
  /// Passes over the training examples.
  public var epochs = 3
  /// Examples in a step.
  public var batchSize = 32
  /// The highest learning rate.
  public var learningRate = 2e-5
  /// The share of all steps during which the learning rate rises from zero.
  public var warmupRatio = 0.0
  /// How strongly matrices are pulled towards zero; biases and normalizations are not.
  public var weightDecay = 0.01
  /// The norm to which the gradients of all weights together are shortened.
  public var clippingNorm = 1.0
  /// The longest sequence, in tokens; longer texts are cut.
  public var maximumLength = 128
  /// In which types the model computes.
  public var precision = TrainingPrecision.float32
  /// What all randomness follows from: fresh weights, the order of examples, dropout.
  public var seed: UInt64 = 42

  /// The usual recipe.
  public init() {}

  /// Steps of the whole run.
  public func totalSteps(examples: Int) -> Int { epochs * stepsPerEpoch(examples: examples) }

  /// Steps of one pass; the last may have a smaller batch.
  public func stepsPerEpoch(examples: Int) -> Int { (examples + batchSize - 1) / batchSize }
}
