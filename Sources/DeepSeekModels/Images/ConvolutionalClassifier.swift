import DeepSeekCheckpoints
public import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
public import DeepSeekTensor
public import Foundation

/// A plain convolutional network that tells classes of small images apart: blocks of a 3x3 convolution, ReLU and a 2x2
/// pooling, then a hidden layer and the classes.
///
/// ```swift
/// var configuration = ConvolutionalClassifierConfiguration(imageShape: [1, 28, 28], classNames: names)
/// let model = RandomGenerator.withSeed(1) { ConvolutionalClassifier(configuration) }
/// let logits = model(pixels)  // uint8 [batch, 1, 28, 28] to [batch, classes]
/// ```
///
/// Pixels come as they are stored, in bytes; the model scales them by its configuration's mean and deviation. Keys as
/// PyTorch's for the same layers: `blocks.0.weight`, `hidden.weight`, `classifier.weight`.
public final class ConvolutionalClassifier: Module {
  /// Sizes and names.
  public let configuration: ConvolutionalClassifierConfiguration
  /// The convolutions, first to last.
  public let blocks: [Convolution]
  /// The hidden layer.
  public let hidden: Linear
  /// The classes.
  public let classifier: Linear
  private let pool = MaxPool(2)
  private let dropout: Dropout
  private let scale: Tensor
  private let shift: Tensor

  /// A model with fresh weights from the current ``RandomGenerator``. Traps on sizes that ``ConvolutionalClassifierConfiguration``
  /// would not read.
  public init(_ configuration: ConvolutionalClassifierConfiguration) {
    if let problem = configuration.problem { fatalError("ConvolutionalClassifier: \(problem)") }
    self.configuration = configuration
    var channels = configuration.imageShape[0]
    blocks = configuration.widths.map { width in
      defer { channels = width }
      return Convolution(channels, width, kernel: [3, 3], padding: .same)
    }
    hidden = Linear(configuration.featureCount, configuration.hiddenSize)
    classifier = Linear(configuration.hiddenSize, configuration.classNames.count)
    dropout = Dropout(configuration.dropout)
    let shape: Shape = [1, configuration.imageShape[0], 1, 1]
    scale = Tensor(shape, configuration.deviation.map { Float(1 / (255 * $0)) })
    shift = Tensor(shape, zip(configuration.mean, configuration.deviation).map { Float(-$0 / $1) })
  }

  /// Logits `[batch, classes]` of pixels from 0 to 255, `[batch, channels, height, width]` of any type.
  public func callAsFunction(_ pixels: Tensor) -> Tensor {
    let scaled = pixels.cast(to: .float32) * scale + shift
    let maps = blocks.reduce(scaled) { pool($1($0).relu()) }
    return classifier(dropout(hidden(dropout(maps.flattened(1...3)), activation: .relu)))
  }

  /// Writes `config.json` and `model.safetensors` into a folder, all of it or nothing. Throws `CheckpointError`.
  public func save(to path: String) throws {
    try CheckpointFolder.write(to: path) { writer in
      try writer.add(stateDictionary())
      try writer.add(configuration.fileContents, as: "config.json")
    }
  }

  /// The model in a folder, in evaluation mode. Throws ``ModelError`` or `CheckpointError` that names file and field or key.
  public static func load(contentsOf folder: URL) throws -> ConvolutionalClassifier {
    let configuration = try ConvolutionalClassifierConfiguration(ConfigurationFile(modelIn: folder))
    let checkpoint = try Checkpoint.load(folder.path)
    let model = Initializer.withoutValues { ConvolutionalClassifier(configuration) }
    try model.load(StateDictionary(checkpoint.tensors()))
    model.eval()
    return model
  }
}

/// The sizes of a ``ConvolutionalClassifier``, and how its pixels are scaled.
public struct ConvolutionalClassifierConfiguration: Sendable, Equatable {
  /// `[channels, height, width]` of the images.
  public var imageShape: [Int]
  /// The classes' names.
  public var classNames: [String]
  /// The output channels of each convolution.
  public var widths = [32, 64]
  /// Width of the hidden layer.
  public var hiddenSize = 128
  /// The probability of dropping an element before and behind the hidden layer while training.
  public var dropout = 0.25
  /// The mean of each channel, where pixels are from 0 to 1.
  public var mean: [Double]
  /// The standard deviation of each channel, where pixels are from 0 to 1.
  public var deviation: [Double]

  /// `model_type` in `config.json`.
  static let modelType = "convolutional-classifier"
  private static let limit = 1 << 16

  /// For images of this shape, `[channels, height, width]`; pixels are centred around a half.
  public init(imageShape: [Int], classNames: [String]) {
    self.imageShape = imageShape
    self.classNames = classNames
    mean = imageShape.prefix(1).flatMap { [Double](repeating: 0.5, count: Swift.max($0, 0)) }
    deviation = mean
  }

  /// The configuration in a file, whose errors name file and field.
  public init(_ file: ConfigurationFile) throws {
    let type = try file.string("model_type")
    guard type == Self.modelType else {
      throw ModelError.unsupported(file: file.path, field: "model_type", value: type, supported: [Self.modelType])
    }
    func numbers(_ field: String, count: ClosedRange<Int>) throws -> [Double] {
      let values = file.value[field]?.array?.compactMap(\.double)
      guard let values, values.count == file.value[field]?.array?.count, count.contains(values.count) else {
        throw ModelError.invalidField(
          file: file.path, field: field, expected: "a list of \(count.lowerBound) numbers or more")
      }
      return values
    }
    func sizes(_ field: String, count: ClosedRange<Int>) throws -> [Int] {
      try numbers(field, count: count).map { value in
        guard let size = Int(exactly: value), (1...Self.limit).contains(size) else {
          throw ModelError.invalidField(
            file: file.path, field: field, expected: "whole numbers from 1 to \(Self.limit)")
        }
        return size
      }
    }
    self.init(imageShape: try sizes("image_shape", count: 3...3), classNames: try ClassLabels(file).names)
    widths = try sizes("widths", count: 1...16)
    hiddenSize = try file.integer("hidden_size", limit: Self.limit)
    dropout = try file.number("dropout", default: 0)
    mean = try numbers("image_mean", count: imageShape[0]...imageShape[0])
    deviation = try numbers("image_std", count: imageShape[0]...imageShape[0])
    if let (field, expected) = misfit {
      throw ModelError.invalidField(file: file.path, field: field, expected: expected)
    }
  }

  /// What is wrong with the numbers, in a line; `nil` when nothing is.
  public var problem: String? { misfit.map { "'\($0.field)' must be \($0.expected)" } }

  private var misfit: (field: String, expected: String)? {
    if imageShape.count != 3 || imageShape.contains(where: { $0 < 1 }) { return ("image_shape", "three lengths") }
    if widths.isEmpty || widths.contains(where: { $0 < 1 }) { return ("widths", "one or more lengths") }
    let smallest = Swift.min(imageShape[1], imageShape[2])
    if widths.count >= Int.bitWidth - 1 || smallest >> widths.count < 1 {
      return ("widths", "so few that images of \(imageShape[1]) by \(imageShape[2]) can be halved as often")
    }
    if hiddenSize < 1 { return ("hidden_size", "1 or more") }
    if !(0..<1).contains(dropout) { return ("dropout", "at least 0 and less than 1") }
    if mean.count != imageShape[0] { return ("image_mean", "a number for each channel") }
    if deviation.count != imageShape[0] || deviation.contains(where: { !($0 > 0) }) {
      return ("image_std", "a number above 0 for each channel")
    }
    return classNames.isEmpty ? ("id2label", "one class or more") : nil
  }

  /// How many numbers the last block leaves of an image.
  var featureCount: Int {
    (widths.last ?? 1) * (imageShape[1] >> widths.count) * (imageShape[2] >> widths.count)
  }

  /// `config.json`.
  public var fileContents: [UInt8] {
    get throws {
      var object = JSONObject()
      object["model_type"] = .string(Self.modelType)
      object["image_shape"] = .array(imageShape.map { .integer($0) })
      object["widths"] = .array(widths.map { .integer($0) })
      object["hidden_size"] = .integer(hiddenSize)
      object["dropout"] = .double(dropout)
      object["image_mean"] = .array(mean.map { .double($0) })
      object["image_std"] = .array(deviation.map { .double($0) })
      ClassLabels(classNames).write(to: &object, always: true)
      return try JSONValue.object(object).serialized(.indented(2)) + [UInt8(ascii: "\n")]
    }
  }
}
