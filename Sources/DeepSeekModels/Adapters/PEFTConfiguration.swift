import DeepSeekDynamic
import DeepSeekJSON
import Foundation

/// An adapter folder's `adapter_config.json`.
struct PEFTConfiguration {
  static let fileName = "adapter_config.json"
  private static let limit = 1 << 20

  var lora: LoRAConfiguration
  let path: String

  /// Reads the file in a folder. What this library does not do is refused by the field's name.
  init(contentsOf folder: URL) throws {
    let file = try ConfigurationFile(PEFTConfiguration.fileName, in: folder, hint: "PEFT writes one for each adapter")
    path = file.path
    let type = try file.string("peft_type")
    guard type == "LORA" else {
      throw ModelError.unsupported(file: path, field: "peft_type", value: type, supported: ["LORA"])
    }
    try PEFTConfiguration.refuseVariants(file)
    lora = LoRAConfiguration(rank: try file.integer("r", limit: PEFTConfiguration.limit))
    lora.alpha = try file.number("lora_alpha", default: 8)
    lora.dropout = try file.number("lora_dropout", default: 0)
    lora.isRankStabilized = try file.flag("use_rslora", default: false)
    let bias = try file.string("bias", default: "none")
    guard let kind = LoRAConfiguration.Bias(rawValue: bias) else {
      throw ModelError.unsupported(
        file: path, field: "bias", value: bias, supported: LoRAConfiguration.Bias.allCases.map(\.rawValue))
    }
    lora.bias = kind
    lora.modulesToSave = try PEFTConfiguration.names(file, "modules_to_save")
    lora.targets = .names(try PEFTConfiguration.names(file, "target_modules", allowingPattern: true))
    if file.value["init_lora_weights"]?.string == "gaussian" { lora.initialization = .gaussian }
    guard (0..<1).contains(lora.dropout) else {
      throw ModelError.invalidField(file: path, field: "lora_dropout", expected: "at least 0 and less than 1")
    }
    guard lora.rank >= 1 else {
      throw ModelError.invalidField(file: path, field: "r", expected: "at least 1")
    }
    alphas = try PEFTConfiguration.pattern(file, "alpha_pattern")
  }

  /// Alphas of some layers, in the file's order: the first whose name selects a layer counts.
  private let alphas: [(name: String, alpha: Double)]

  /// The alpha of a layer, by its key in the file.
  func alpha(of layer: String) -> Double {
    alphas.first { LoRAConfiguration.selects($0.name, layer) }?.alpha ?? lora.alpha
  }

  /// Variants of the method whose files hold more than two factors a layer, or which change the model's own weights.
  private static func refuseVariants(_ file: ConfigurationFile) throws {
    let absent = [
      "use_dora", "lora_bias", "use_qalora", "use_bdlora", "layer_replication", "trainable_token_indices",
      "target_parameters", "alora_invocation_tokens", "arrow_config", "monteclora_config", "kasa_config",
    ]
    for field in absent {
      guard let value = file.value[field], !value.isNull, value.bool != false else { continue }
      if value.array?.isEmpty == true || value.object?.isEmpty == true { continue }
      throw ModelError.unsupported(
        file: file.path, field: field, value: (try? value.jsonText()) ?? value.kind, supported: ["null", "false"])
    }
    // These begin from factors of the model's own weights, which they change.
    let starts = ["gaussian", "eva", "orthogonal"]
    if let start = file.value["init_lora_weights"]?.string, !starts.contains(start) {
      throw ModelError.unsupported(
        file: file.path, field: "init_lora_weights", value: start, supported: ["true", "false"] + starts)
    }
  }

  /// A list of names; a regular expression is none, and is not run: the tensors' keys say which layers there are.
  private static func names(
    _ file: ConfigurationFile, _ field: String, allowingPattern: Bool = false
  ) throws -> [String] {
    guard let value = file.value[field], !value.isNull else { return [] }
    if allowingPattern, value.string != nil { return [] }
    guard let names = value.array?.map(\.string), !names.contains(nil) else {
      throw ModelError.invalidField(file: file.path, field: field, expected: "a list of names")
    }
    return names.compactMap { $0 }
  }

  private static func pattern(_ file: ConfigurationFile, _ field: String) throws -> [(name: String, alpha: Double)] {
    guard let value = file.value[field], !value.isNull else { return [] }
    guard let object = value.object else {
      throw ModelError.invalidField(file: file.path, field: field, expected: "an object of numbers")
    }
    return try object.members.map { member in
      guard let number = member.value.double, number.isFinite else {
        throw ModelError.invalidField(file: file.path, field: "\(field).\(member.key)", expected: "a finite number")
      }
      let isPlain = member.key.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) }
      guard isPlain else {
        throw ModelError.unsupported(
          file: file.path, field: field, value: member.key, supported: ["names without regular expressions"])
      }
      return (member.key, number)
    }
  }
}

extension LoRAConfiguration {
  /// The content of an `adapter_config.json`. `layers` are the adapted layers' keys in the file, with their ranks and
  /// alphas.
  func peftJSON(
    layers: [(key: String, rank: Int, alpha: Double)], modulesToSave: [String], fanInFanOut: Bool, baseModel: String?,
    task: AdapterTask?
  ) -> JSONValue {
    func number(_ value: Double) -> JSONValue { Int(exactly: value).map { .integer($0) } ?? .double(value) }
    func object(_ pairs: [(String, JSONValue)]) -> JSONValue {
      var object = JSONObject()
      for (key, value) in pairs { object[key] = value }
      return .object(object)
    }
    let ranks = layers.filter { $0.rank != rank }.map { ($0.key, JSONValue.integer($0.rank)) }
    let alphas = layers.filter { $0.alpha != alpha }.map { ($0.key, number($0.alpha)) }
    let start: JSONValue =
      switch initialization {
      case .kaiming: true
      case .gaussian: "gaussian"
      case .random: false
      }
    return [
      "alpha_pattern": object(alphas),
      "auto_mapping": nil,
      "base_model_name_or_path": baseModel.map { .string($0) } ?? .null,
      "bias": .string(bias.rawValue),
      "exclude_modules": nil,
      "fan_in_fan_out": .bool(fanInFanOut),
      "inference_mode": true,
      "init_lora_weights": start,
      "layers_pattern": nil,
      "layers_to_transform": nil,
      "lora_alpha": number(alpha),
      "lora_bias": false,
      "lora_dropout": .double(dropout),
      "modules_to_save": modulesToSave.isEmpty ? nil : .array(modulesToSave.map { .string($0) }),
      "peft_type": "LORA",
      "r": .integer(rank),
      "rank_pattern": object(ranks),
      "revision": nil,
      "target_modules": .array(layers.map { .string($0.key) }),
      "task_type": task.map { .string($0.rawValue) } ?? .null,
      "use_dora": false,
      "use_rslora": .bool(isRankStabilized),
    ]
  }
}
