public import DeepSeekJSON

extension QuantizationConfig {
  private enum Field: String, CaseIterable {
    case weightBits = "weight_bits"
    case activationBits = "activation_bits"
    case scheme, granularity, activation
    case activationScheme = "activation_scheme"
    case calibration, method
    case clipsWeights = "clips_weights"
    case smoothing
    case embeddingBits = "embedding_bits"
    case embeddingGroupSize = "embedding_group_size"
    case targets, ignored
  }

  /// As JSON. `granularity` is `"tensor"`, `"channel"` or a group's size, `calibration` `"min_max"`, `"entropy"`, `"mse"` or
  /// a percentile, `method` `"rtn"`, `"awq"`, `"gptq"` or the damping of GPTQ as `{"gptq": 0.01}`.
  public var json: JSONValue {
    var object = JSONObject()
    func set(_ field: Field, _ value: JSONValue) { object[field.rawValue] = value }
    set(.weightBits, .integer(weightBits))
    set(.activationBits, activationBits.map { .integer($0) } ?? .null)
    set(.scheme, .string(scheme.rawValue))
    switch granularity {
    case .tensor: set(.granularity, "tensor")
    case .channel: set(.granularity, "channel")
    case .group(let size): set(.granularity, .integer(size))
    }
    set(.activation, .string(activation.rawValue))
    set(.activationScheme, .string(activationScheme.rawValue))
    switch calibration {
    case .minMax: set(.calibration, "min_max")
    case .entropy: set(.calibration, "entropy")
    case .squaredError: set(.calibration, "mse")
    case .percentile(let percent): set(.calibration, .double(percent))
    }
    switch method {
    case .roundToNearest: set(.method, "rtn")
    case .awq: set(.method, "awq")
    case .gptq(let damping): set(.method, ["gptq": .double(damping)])
    }
    set(.clipsWeights, .bool(clipsWeights))
    set(.smoothing, smoothing.map { .double($0) } ?? .null)
    set(.embeddingBits, embeddingBits.map { .integer($0) } ?? .null)
    set(.embeddingGroupSize, embeddingGroupSize.map { .integer($0) } ?? .null)
    set(.targets, .array(targets.map { .string($0) }))
    set(.ignored, .array(ignored.map { .string($0) }))
    return .object(object)
  }

  /// The configuration that JSON holds; fields that are not there keep their usual values, any other is refused by name.
  public init(_ json: JSONValue) throws(QuantizationError) {
    guard let object = json.object else {
      throw .invalidField("(the whole)", value: json.kind, expected: "an object")
    }
    self.init()
    for member in object.members {
      guard let field = Field(rawValue: member.key) else {
        throw .unknownField(member.key, known: Field.allCases.map(\.rawValue))
      }
      try set(field, member.value)
    }
    try validate()
  }

  private mutating func set(_ field: Field, _ value: JSONValue) throws(QuantizationError) {
    func choice<Choice: RawRepresentable & CaseIterable>(
      _ type: Choice.Type
    ) throws(QuantizationError) -> Choice where Choice.RawValue == String {
      guard let found = value.string.flatMap(Choice.init(rawValue:)) else {
        throw refusal(field, value, "one of " + Choice.allCases.map { $0.rawValue }.joined(separator: ", "))
      }
      return found
    }
    func whole() throws(QuantizationError) -> Int {
      guard let number = value.integer else { throw refusal(field, value, "a whole number") }
      return number
    }
    switch field {
    case .weightBits: weightBits = try whole()
    case .activationBits: activationBits = value.isNull ? nil : try whole()
    case .embeddingBits: embeddingBits = value.isNull ? nil : try whole()
    case .embeddingGroupSize: embeddingGroupSize = value.isNull ? nil : try whole()
    case .scheme: scheme = try choice(Scheme.self)
    case .activation: activation = try choice(Activation.self)
    case .activationScheme: activationScheme = try choice(Scheme.self)
    case .granularity: granularity = try self.granularity(value)
    case .calibration: calibration = try self.calibration(value)
    case .method: method = try self.method(value)
    case .clipsWeights:
      guard let flag = value.bool else { throw refusal(field, value, "true or false") }
      clipsWeights = flag
    case .smoothing:
      guard value.isNull || value.double != nil else { throw refusal(field, value, "a number or null") }
      smoothing = value.double
    case .targets: targets = try names(field, value)
    case .ignored: ignored = try names(field, value)
    }
  }

  private func granularity(_ value: JSONValue) throws(QuantizationError) -> Granularity {
    if value.string == "tensor" { return .tensor }
    if value.string == "channel" { return .channel }
    guard let size = value.integer else { throw refusal(.granularity, value, "tensor, channel or a group's size") }
    return .group(size)
  }

  private func calibration(_ value: JSONValue) throws(QuantizationError) -> Calibration {
    if let percent = value.double { return .percentile(percent) }
    switch value.string {
    case "min_max": return .minMax
    case "entropy": return .entropy
    case "mse": return .squaredError
    default: throw refusal(.calibration, value, "min_max, entropy, mse or a percentile")
    }
  }

  private func method(_ value: JSONValue) throws(QuantizationError) -> Method {
    if let members = value.object?.members, members.count == 1, let damping = members[0].value.double,
      members[0].key == "gptq"
    {
      return .gptq(damping: damping)
    }
    switch value.string {
    case "rtn": return .roundToNearest
    case "awq": return .awq
    case "gptq": return .gptq()
    default: throw refusal(.method, value, "rtn, gptq, awq or {\"gptq\": damping}")
    }
  }

  private func names(_ field: Field, _ value: JSONValue) throws(QuantizationError) -> [String] {
    guard let names = value.array?.map(\.string), !names.contains(nil) else {
      throw refusal(field, value, "a list of layers' names")
    }
    return names.compactMap { $0 }
  }

  private func refusal(_ field: Field, _ value: JSONValue, _ expected: String) -> QuantizationError {
    let text = (try? value.serialized()).map { String(decoding: $0.prefix(60), as: UTF8.self) }
    return .invalidField(field.rawValue, value: text ?? value.kind, expected: expected)
  }
}
