/// How a model's weights, and what its layers are given, are kept in few bits.
///
/// ```swift
/// let report = try model.quantize(QuantizationConfig(weightBits: 8, activationBits: 8, scheme: .symmetric))
/// print(report)  // what was quantized, what was left out and why, and the bytes before and after
/// ```
public struct QuantizationConfig: Sendable, Hashable {
  /// Where zero lies.
  public enum Scheme: String, Sendable, Hashable, CaseIterable {
    /// In the middle: one scale.
    case symmetric
    /// Anywhere: a scale and a zero point.
    case asymmetric
  }

  /// Which weights share a scale.
  public enum Granularity: Sendable, Hashable {
    /// All of a layer.
    case tensor
    /// Those of one output.
    case channel
    /// So many inputs of one output: a multiple of 32.
    case group(Int)
  }

  /// How the range of a layer's input is found.
  public enum Activation: String, Sendable, Hashable, CaseIterable {
    /// While the model runs, for each row by itself: no data are needed.
    case dynamic
    /// Beforehand, from data that the model is run on: faster.
    case `static`
  }

  /// How a range is chosen of the numbers that were seen.
  public enum Calibration: Sendable, Hashable {
    /// From the smallest to the largest.
    case minMax
    /// Leaving out the rarest at each end: between 50 and 100 percent of them stay.
    case percentile(Double)
    /// So that the distribution loses the least information (Migacz, "8-bit inference with TensorRT", 2017).
    case entropy
    /// So that the squared error is least.
    case squaredError
  }

  /// How weights become integers.
  public enum Method: Sendable, Hashable {
    /// To the nearest.
    case roundToNearest
    /// One input after another, what was rounded off made good by those that follow (Frantar and others, "GPTQ",
    /// arXiv:2210.17323). `damping` is added to the diagonal, as a share of its mean.
    case gptq(damping: Double = 0.01)
    /// To the nearest, after inputs were scaled by how strong they are, to the power that serves best (Lin and others,
    /// "AWQ", arXiv:2306.00978).
    case awq
  }

  /// Bits of a weight: 8 or 4.
  public var weightBits: Int
  /// Bits of a layer's input: 8; 7, which x86 processors without VNNI multiply a third faster, for half the steps; `nil`
  /// leaves it as it is, so that weights alone are small.
  public var activationBits: Int?
  /// Where the zero of weights lies.
  public var scheme: Scheme
  /// Which weights share a scale.
  public var granularity = Granularity.channel
  /// How the range of a layer's input is found.
  public var activation = Activation.dynamic
  /// Where the zero of a layer's input lies; symmetric only with ``Activation/static``.
  public var activationScheme = Scheme.asymmetric
  /// How the range of a layer's input is chosen; for ``Activation/static``.
  public var calibration = Calibration.minMax
  /// How weights become integers.
  public var method = Method.roundToNearest
  /// Whether a weight's range is narrowed where that makes the squared error smaller.
  public var clipsWeights = false
  /// How much of the inputs' unevenness is moved into the weights, from 0 to 1 (Xiao and others, "SmoothQuant",
  /// arXiv:2211.10438); `nil` for none.
  public var smoothing: Double?
  /// Bits of tables of embeddings, 8 or 4; `nil` leaves them as they are.
  public var embeddingBits: Int?
  /// The numbers of a table's row that share a scale, where they divide a row; else, and with `nil`, those that share one in
  /// other layers. A row of 4-bit numbers with one scale loses accuracy that one of groups keeps.
  public var embeddingGroupSize: Int?
  /// The layers that are quantized, by name or by the end of it after a point; all when empty.
  public var targets: [String] = []
  /// Layers that are left as they are, by name or by the end of it after a point.
  public var ignored: [String] = []

  /// Weights and inputs of so many bits.
  public init(weightBits: Int = 8, activationBits: Int? = 8, scheme: Scheme = .symmetric) {
    self.weightBits = weightBits
    self.activationBits = activationBits
    self.scheme = scheme
  }

  /// 8-bit weights alone.
  public static var int8Weights: QuantizationConfig { QuantizationConfig(weightBits: 8, activationBits: nil) }

  /// 4-bit weights alone, in groups.
  public static func int4Weights(group: Int = 64) -> QuantizationConfig {
    var config = QuantizationConfig(weightBits: 4, activationBits: nil)
    config.granularity = .group(group)
    return config
  }

  /// Whether the model has to be run on data beforehand.
  public var needsCalibration: Bool {
    if activationBits != nil && activation == .static || smoothing != nil { return true }
    return method != .roundToNearest
  }

  /// Throws ``QuantizationError`` that names the field when the choices cannot be.
  public func validate() throws(QuantizationError) {
    func refuse(_ field: String, _ value: String, _ expected: String) throws(QuantizationError) {
      throw .invalidField(field, value: value, expected: expected)
    }
    if weightBits != 8 && weightBits != 4 { try refuse("weight_bits", "\(weightBits)", "8 or 4") }
    if let bits = activationBits, bits != 8 && bits != 7 {
      try refuse("activation_bits", "\(bits)", "8 or 7, or null for weights alone")
    }
    if let bits = embeddingBits, bits != 8 && bits != 4 { try refuse("embedding_bits", "\(bits)", "8, 4 or null") }
    func isGroup(_ size: Int) -> Bool { size >= 32 && size % 32 == 0 && size <= QuantizationConfig.largestGroup }
    let groups = "a multiple of 32 up to \(QuantizationConfig.largestGroup)"
    if case .group(let size) = granularity, !isGroup(size) { try refuse("granularity", "\(size)", groups) }
    if let size = embeddingGroupSize {
      if !isGroup(size) { try refuse("embedding_group_size", "\(size)", groups + ", or null") }
      if embeddingBits == nil { try refuse("embedding_group_size", "\(size)", "null without embedding_bits") }
    }
    if case .percentile(let percent) = calibration, !(percent > 50 && percent <= 100) {
      try refuse("calibration", "\(percent)", "above 50, up to 100 percent")
    }
    if case .gptq(let damping) = method, !(damping > 0 && damping <= 1) {
      try refuse("damping", "\(damping)", "above 0, up to 1")
    }
    if let smoothing, !(0...1).contains(smoothing) { try refuse("smoothing", "\(smoothing)", "from 0 to 1") }
    if smoothing != nil && method == .awq {
      try refuse("smoothing", "given", "null with the method awq, which scales too")
    }
    if activationScheme == .symmetric && (activation != .static || activationBits == nil) {
      try refuse("activation_scheme", "symmetric", "asymmetric, unless the activation is static")
    }
    for name in targets + ignored where name.isEmpty { try refuse("targets", "an empty name", "layers' names") }
  }

  private static let largestGroup = 1 << 16
}
