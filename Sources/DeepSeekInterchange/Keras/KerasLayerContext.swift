import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

/// A layer's configuration, what it is called with and its weights: what the rows of the table of layers see. Nothing in a
/// configuration may trap, so all is checked here before a layer is made.
struct KerasLayerContext {
  let configuration: JSONValue
  /// The types and shapes of what it is called with.
  let specs: [TensorSpec]
  /// Its weights, in Keras's order.
  let weights: [Tensor]
  /// Whether Keras 3 or later wrote it.
  let isModern: Bool
  /// The call that it is made for.
  var call = KerasArchitecture.Call()
  /// All calls of the layer.
  var calls: [KerasArchitecture.Call] = []

  /// What goes wrong in a row; the builder adds file, layer and class.
  typealias Failure = ImportFailure

  func unsupported(_ message: String, advice: String = "") -> Failure {
    Failure(kind: .unsupported, message: message, advice: advice)
  }

  func invalid(_ message: String) -> Failure { Failure(kind: .invalidNode, message: message) }

  // MARK: Configuration

  /// The first of several keys that is there and not null: versions of Keras name things differently.
  func value(_ keys: [String]) -> JSONValue? {
    keys.lazy.compactMap { configuration[$0] }.first { !$0.isNull }
  }

  /// A length or count.
  func size(_ keys: String..., default fallback: Int? = nil) throws -> Int {
    guard let value = value(keys) else {
      guard let fallback else { throw invalid("'\(keys[0])' is missing") }
      return fallback
    }
    return try size(value, keys[0])
  }

  private func size(_ value: JSONValue, _ key: String) throws -> Int {
    guard let number = value.integer ?? value.double.flatMap({ Int(exactly: $0) }),
      (1...KerasLayerContext.largestSize).contains(number)
    else { throw invalid("'\(key)' is not a number from 1 to \(KerasLayerContext.largestSize)") }
    return number
  }

  /// More than any layer's length or count.
  static let largestSize = 1 << 24

  /// One number for each spatial axis.
  func sizes(_ keys: String..., axes: Int, default fallback: [Int]? = nil) throws -> [Int] {
    guard let value = value(keys) else {
      guard let fallback else { throw invalid("'\(keys[0])' is missing") }
      return fallback
    }
    guard let items = value.array else { return Array(repeating: try size(value, keys[0]), count: axes) }
    guard items.count == axes else { throw invalid("'\(keys[0])' has \(items.count) numbers for \(axes) axes") }
    return try items.map { try size($0, keys[0]) }
  }

  /// Whole numbers of any size a shape may have, -1 and 0 among them.
  func integers(_ key: String) throws -> [Int] {
    guard let value = value([key]) else { return [] }
    return try (value.array ?? [value]).map { item in
      let range = -KerasLayerContext.largestSize...KerasLayerContext.largestSize
      guard let number = item.integer, range.contains(number) else {
        throw invalid("'\(key)' is not whole numbers")
      }
      return number
    }
  }

  func double(_ keys: String..., default fallback: Double) throws -> Double {
    guard let value = value(keys) else { return fallback }
    guard let number = value.double, number.isFinite else { throw invalid("'\(keys[0])' is not a number") }
    return number
  }

  func bool(_ keys: String..., default fallback: Bool) throws -> Bool {
    guard let value = value(keys) else { return fallback }
    guard let truth = value.bool else { throw invalid("'\(keys[0])' is not true or false") }
    return truth
  }

  func string(_ keys: String..., default fallback: String) throws -> String {
    guard let value = value(keys) else { return fallback }
    guard let text = value.string else { throw invalid("'\(keys[0])' is not a text") }
    return text
  }

  /// A share that is dropped.
  func rate() throws -> Double {
    let rate = try double("rate", "p", default: 0.5)
    guard rate >= 0, rate < 1 else { throw invalid("'rate' \(rate) is not from 0 to 1") }
    return rate
  }

  /// Throws when an option that changes results is set.
  func refuse(_ keys: String...) throws {
    for key in keys where configuration[key]?.bool == true { throw unsupported("'\(key)' is not supported") }
  }

  // MARK: Activations, padding, format

  /// The activation that an option names.
  func activation(_ key: String = "activation", default fallback: String = "linear") throws -> Keras.Activation {
    let value = value([key])
    let name = value?.string ?? value?["config"]?.string ?? value?["class_name"]?.string ?? fallback
    if name == "hard_sigmoid" { return isModern ? .hardSigmoid6 : .hardSigmoid }
    guard let activation = KerasLayerContext.activations[name] else {
      throw unsupported("'\(key)' is '\(name)', which has no counterpart")
    }
    return activation
  }

  private static let activations: [String: Keras.Activation] = [
    "linear": .linear, "relu": .relu, "sigmoid": .sigmoid, "tanh": .tanh, "softmax": .softmax, "gelu": .gelu,
    "swish": .swish, "silu": .swish, "elu": .elu, "selu": .selu, "softplus": .softplus, "softsign": .softsign,
    "exponential": .exponential, "hard_swish": .hardSwish, "hard_silu": .hardSwish, "relu6": .relu6,
    "leaky_relu": .leakyRelu, "mish": .mish, "log_softmax": .logSoftmax, "log_sigmoid": .logSigmoid,
  ]

  func dataFormat() throws -> Keras.DataFormat {
    let name = try string("data_format", "dim_ordering", default: "channels_last")
    guard let format = Keras.DataFormat(rawValue: name == "tf" || name == "default" ? "channels_last" : name) else {
      throw unsupported("'data_format' is '\(name)'")
    }
    return format
  }

  /// The one input, of floating elements and, where given, of a rank.
  func input(rank: Int? = nil) throws -> TensorSpec {
    guard specs.count == 1 else { throw invalid("it is called with \(specs.count) tensors, one is expected") }
    guard specs[0].dtype.isFloatingPoint, specs[0].shape.rank > 0 else {
      throw unsupported("its input is \(specs[0]); examples of floating elements are expected")
    }
    if let rank, specs[0].shape.rank != rank { throw invalid("its input is \(specs[0]), not of rank \(rank)") }
    return specs[0]
  }

  /// The length of the last axis, which weights depend on.
  func lastLength(_ spec: TensorSpec) throws -> Int {
    guard spec.shape.rank > 1, let length = spec.shape.dimension(-1).known, length > 0 else {
      throw invalid("its input is \(spec), whose last axis has no known length")
    }
    return length
  }

  /// Channels and spatial lengths of an image of so many spatial axes.
  func image(_ axes: Int) throws -> (channels: Int, lengths: [Dimension]) {
    let spec = try input(rank: axes + 2)
    let isLast = try dataFormat() == .channelsLast
    guard let channels = spec.shape.dimension(isLast ? axes + 1 : 1).known, channels > 0 else {
      throw invalid("its input is \(spec), whose number of channels is not known")
    }
    return (channels, (0..<axes).map { spec.shape.dimension($0 + (isLast ? 1 : 2)) })
  }

  /// A window that reaches further is no layer's; the operators' own limit is beyond it.
  private static let largestReach = 1 << 29

  /// A window's padding, checked against the lengths that it slides over.
  func padding(_ lengths: [Dimension], kernel: [Int], strides: [Int], dilation: [Int]) throws -> Padding {
    let name = try string("padding", "border_mode", default: "valid")
    let reach = zip(kernel, dilation).map { ($0 - 1) * $1 }
    if let far = reach.first(where: { $0 > KerasLayerContext.largestReach }) {
      throw invalid("a window of \(far + 1) elements")
    }
    switch name {
    case "valid":
      for (length, reach) in zip(lengths, reach) {
        if let known = length.known, known <= reach { throw invalid("a window of \(reach + 1) over \(known) elements") }
      }
      return .valid
    case "same":
      for (length, stride) in zip(lengths, strides) where length.known == nil && stride > 1 {
        throw unsupported(
          "padding 'same' with a stride over an axis of unknown length", advice: "save the model with a fixed shape")
      }
      return .same
    case "causal" where kernel.count == 1: return .ends(before: PerAxis(reach), after: 0)
    default: throw unsupported("'padding' is '\(name)'")
    }
  }

  // MARK: Weights

  /// The weights, which must have these shapes. So a layer is never larger than what the file holds.
  func weights(_ shapes: [[Int]]) throws -> [Tensor] {
    guard weights.count == shapes.count else {
      throw invalid("it has \(weights.count) weights in the file, \(shapes.count) are expected")
    }
    for (weight, shape) in zip(weights, shapes) where !weight.shape.elementsEqual(shape) {
      throw invalid("a weight is \(weight.spec), of shape \(shape) in the architecture")
    }
    return weights
  }

  /// Throws when a result would have more elements than any memory holds.
  func checkGrowth(_ factors: [Int]) throws { try checkSize(specs[0].shape.dimensions.map { $0.known ?? 1 } + factors) }

  /// Throws when a tensor of these lengths would have more elements than any memory holds.
  func checkSize(_ lengths: [Int]) throws {
    var product = 1
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow, next <= GraphAssembler.largestElementCount else {
        throw Failure(kind: .tooLarge, message: "its result has more elements than any memory holds")
      }
      product = next
    }
  }
}

/// A layer of ours, and its weights under its keys.
struct KerasLayer {
  let layer: any Keras.Layer
  var state: [String: Tensor] = [:]

  init(_ layer: any Keras.Layer, _ state: [String: Tensor] = [:]) {
    self.layer = layer
    self.state = state
  }
}

/// One row of the table of Keras's layers: how it is said with ours.
struct KerasLayerKind: Sendable {
  /// What becomes of its inputs' masks.
  let masks: KerasMaskRule
  let build: @Sendable (KerasLayerContext) throws -> KerasLayer

  init(masks: KerasMaskRule = .dropped, _ build: @escaping @Sendable (KerasLayerContext) throws -> KerasLayer) {
    self.masks = masks
    self.build = build
  }

  /// All layers by their class in Keras.
  static let table: [String: KerasLayerKind] = {
    let parts = [core, elementwise, normalization, spatial, volumes, recurrent, merging, attention, operations, einsum]
    return Dictionary(uniqueKeysWithValues: parts.joined().map { ($0.key, $0.value) })
  }()
}
