import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
public import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor

/// Trains a classifier of images from nothing: a ``Trainer`` on images in memory, in a new order each epoch.
///
/// ```swift
/// let data = try LabelledImages(contentsOf: "fashion-mnist", part: .train)
/// let judged = try LabelledImages(contentsOf: "fashion-mnist", part: .test)
/// let training = try ImageClassifierTraining(data, evaluatingOn: judged, arguments: TrainingArguments(learningRate: 1e-3))
/// try training.trainer.train()
/// ```
public final class ImageClassifierTraining {
  /// The classifier.
  public let model: ConvolutionalClassifier
  /// What trains it.
  public let trainer: Trainer<ImageBatch>

  /// How many images an evaluation looks at together.
  private static let evaluationBatch = 500

  /// Training of a fresh network on these images.
  ///
  /// - Parameters:
  ///   - data: The images to learn from. Their mean and deviation are what the network scales pixels by.
  ///   - judged: The images that it is judged by: `loss`, `accuracy` and `f1`, the mean over the classes.
  ///   - batchSize: Images in a batch.
  ///   - arguments: Everything else; from the seed follow the weights and the order of the images too.
  ///   - sizes: Changes the network's sizes before it is made.
  /// - Throws: ``TrainingError`` when the two sets do not fit together, or the sizes do not fit the images.
  public init(
    _ data: LabelledImages, evaluatingOn judged: LabelledImages, batchSize: Int = 64,
    arguments: TrainingArguments = TrainingArguments(learningRate: 1e-3),
    sizes: (inout ConvolutionalClassifierConfiguration) -> Void = { _ in }
  ) throws {
    guard judged.imageShape == data.imageShape else {
      throw TrainingError("images of \(judged.imageShape) are to judge a network for images of \(data.imageShape)")
    }
    guard judged.classNames.count <= data.classNames.count else {
      throw TrainingError(
        "\(judged.classNames.count) classes are judged, of which only \(data.classNames.count) are there to learn from")
    }
    var configuration = ConvolutionalClassifierConfiguration(
      imageShape: data.imageShape.map { $0 }, classNames: data.classNames)
    (configuration.mean, configuration.deviation) = data.moments
    sizes(&configuration)
    if let problem = configuration.problem { throw TrainingError(problem) }
    let chosen = configuration
    let model = RandomGenerator.withSeed(arguments.seed) { ConvolutionalClassifier(chosen) }
    self.model = model
    let batches = Dataset(Array(0..<data.count)).shuffle(buffer: data.count, seed: arguments.seed).batch(batchSize)
      .map(parallelism: 1) { data.batch($0) }
    trainer = Trainer(
      model, batches, objective: .crossEntropy { (model($0.pixels), $0.labels) },
      evaluation: Evaluation { ImageClassifierTraining.scores(model, judged) }, arguments: arguments)
    let files = try chosen.fileContents
    trainer.checkpointFiles = { try $0.add(files, as: "config.json") }
  }

  private static func scores(_ model: ConvolutionalClassifier, _ images: LabelledImages) -> [String: Double] {
    var matrix = ConfusionMatrix(classCount: model.configuration.classNames.count)
    var loss = 0.0
    for start in stride(from: 0, to: images.count, by: evaluationBatch) {
      let batch = images.batch(Array(start..<Swift.min(start + evaluationBatch, images.count)))
      let logits = model(batch.pixels)
      matrix.add(logits: logits, targets: batch.labels)
      loss += logits.crossEntropy(batch.labels, reduction: .sum).item(as: Double.self)
    }
    return ["loss": loss / Double(images.count), "accuracy": matrix.accuracy, "f1": matrix.f1(.macro)]
  }
}

extension LabelledImages {
  /// Mean and standard deviation of each channel, where pixels are from 0 to 1. A channel of one value counts as one with a
  /// deviation of 1.
  var moments: (mean: [Double], deviation: [Double]) {
    let channels = pixels.shape[1]
    let plane = pixels.shape[2] * pixels.shape[3]
    // Exact in integers: the sums of bytes and of their squares.
    var sums = [(first: UInt64, second: UInt64)](repeating: (0, 0), count: channels)
    pixels.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: plane) {
        var (first, second): (UInt64, UInt64) = (0, 0)
        for byte in bytes[start..<start + plane] {
          first += UInt64(byte)
          second += UInt64(byte) * UInt64(byte)
        }
        let channel = start / plane % channels
        sums[channel].first += first
        sums[channel].second += second
      }
    }
    let count = Double(plane * self.count)
    let means = sums.map { Double($0.first) / count / 255 }
    let deviations = zip(sums, means).map { sum, mean in
      let variance = Double(sum.second) / count / 65025 - mean * mean
      return variance > 1e-12 ? variance.squareRoot() : 1
    }
    return (means, deviations)
  }
}
