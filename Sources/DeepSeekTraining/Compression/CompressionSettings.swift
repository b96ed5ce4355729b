public import DeepSeekCompression

/// How a classifier is made smaller: see ``ClassifierCompression``.
public struct CompressionSettings: Sendable {
  /// The share of the bytes of the model's weights that may be left.
  public var targetShare = 0.15
  /// The share of the accuracy that may be lost.
  public var maximumLoss = 0.01
  /// How the model is trained after each cut.
  public var recipe: ClassificationRecipe
  /// In how many cuts heads and neurons go.
  public var rounds = 3
  /// What the smaller model learns of the larger one.
  public var distillation: DistillationLoss
  /// How what is left is quantized in the end.
  public var quantization: QuantizationConfig
  /// Batches of the training examples that tell which heads and neurons matter.
  public var observedBatches = 32
  /// Training examples that quantization looks at.
  public var calibrationExamples = 256

  /// The usual course: three cuts, hidden states and logits taught, 8-bit weights and inputs, 4-bit tables in groups of 64.
  public init(recipe: ClassificationRecipe = ClassificationRecipe()) {
    self.recipe = recipe
    distillation = DistillationLoss(temperature: 2, labelWeight: 0.5, logitWeight: 0.5, hiddenWeight: 1)
    quantization = QuantizationConfig(weightBits: 8, activationBits: 8)
    quantization.embeddingBits = 4
    quantization.embeddingGroupSize = 64
  }

  /// Throws when a number is outside its range.
  func validate() throws {
    if !(targetShare > 0 && targetShare <= 1) {
      throw TrainingError("the target is \(targetShare) of the size; above 0, up to 1 is expected")
    }
    if !(maximumLoss >= 0 && maximumLoss < 1) {
      throw TrainingError("a loss of \(maximumLoss); at least 0, below 1 is expected")
    }
    if rounds < 1 || observedBatches < 1 || calibrationExamples < 1 {
      throw TrainingError("rounds, observed batches and calibration examples are at least 1")
    }
    try quantization.validate()
  }
}

/// What a model was after one step of making it smaller.
public struct CompressionStep: Sendable, Hashable {
  /// The step.
  public let name: String
  /// Bytes of the weights as they are saved.
  public let byteCount: Int
  /// The share of examples that it classifies rightly.
  public let accuracy: Double
  /// The median time for one example by itself, in seconds.
  public let latency: Double
}
