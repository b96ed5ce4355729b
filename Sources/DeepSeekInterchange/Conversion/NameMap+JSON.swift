import DeepSeekCheckpoints
public import DeepSeekJSON
public import DeepSeekTensor

extension NameMap {
  /// The version of the format that is read.
  public static let formatVersion = 1

  /// Reads a file of rules.
  /// - Throws: `CheckpointError` that names the rule and its member.
  public init(contentsOf path: String) throws {
    let file = try MappedFile(path: path, access: .read)
    let value: JSONValue
    do {
      value = try JSONValue(parsing: file.withBytes { Array($0) })
    } catch {
      throw CheckpointError(
        .malformed, file: path, offset: error.offset, "it is not valid: \(error)", advice: "mend the map")
    }
    try self.init(value, file: path)
  }

  /// Reads rules; `file` names them in errors.
  public init(_ value: JSONValue, file: String) throws {
    let reader = MapReader(file: file)
    let object = try reader.object(value, "the map", members: ["format_version", "architecture", "rules"])
    let version = object["format_version"]?.integer
    guard version == NameMap.formatVersion else {
      throw reader.failure("format_version", "it is not \(NameMap.formatVersion)")
    }
    guard let list = object["rules"]?.array else { throw reader.failure("rules", "it is missing or not an array") }
    rules = try list.enumerated().map { try reader.rule($1, "rules[\($0)]") }
    architecture = try object["architecture"].map { value in
      guard let name = value.string, ArchitectureMap.named(name) != nil else {
        throw reader.failure("architecture", "it is none of \(ArchitectureMap.names.joined(separator: ", "))")
      }
      return name
    }
  }
}

/// Reads the parts of a map, strictly: a member that is not known is a mistake.
private struct MapReader {
  let file: String

  private static let members = [
    "from", "to", "squeeze", "reshape", "transpose", "split", "sizes", "concatenate", "dtype", "skip", "optional",
  ]

  func failure(_ item: String, _ message: String) -> CheckpointError {
    CheckpointError(.malformed, file: file, item: item, message, advice: "mend the map")
  }

  func object(_ value: JSONValue, _ item: String, members: [String]) throws -> JSONObject {
    guard let object = value.object else { throw failure(item, "it is \(value.kind), not an object") }
    if let stranger = object.keys.first(where: { !members.contains($0) }) {
      throw failure("\(item).\(stranger)", "there is no such member; there are \(members.joined(separator: ", "))")
    }
    return object
  }

  func rule(_ value: JSONValue, _ item: String) throws -> MappingRule {
    let object = try object(value, item, members: MapReader.members)
    var rule = MappingRule(
      try patterns(object["from"], "\(item).from"), try object["to"].map { try patterns($0, "\(item).to") } ?? [])
    rule.skipReason = try object["skip"].flatMap { try reason($0, "\(item).skip") }
    rule.isOptional = try object["optional"].map { try bool($0, "\(item).optional") } ?? (rule.skipReason != nil)
    guard (rule.skipReason == nil) != rule.targets.isEmpty else {
      throw failure(item, "it must have either 'to' or 'skip'")
    }
    rule.squeezedAxes = try object["squeeze"].map { try numbers($0, "\(item).squeeze") } ?? []
    rule.shape = try object["reshape"].map { try numbers($0, "\(item).reshape") }
    rule.order = try object["transpose"].map { try order($0, "\(item).transpose") } ?? .kept
    rule.splitAxis = try object["split"].map { try number($0, "\(item).split") }
    rule.splitLengths = try object["sizes"].map { try numbers($0, "\(item).sizes") }
    rule.concatenationAxis = try object["concatenate"].map { try number($0, "\(item).concatenate") }
    rule.dtype = try object["dtype"].map { try dtype($0, "\(item).dtype") }
    try check(rule, item)
    return rule
  }

  /// What the members mean together.
  private func check(_ rule: MappingRule, _ item: String) throws {
    if rule.skipReason == nil {
      if (rule.sources.count > 1) != (rule.concatenationAxis != nil) {
        throw failure("\(item).concatenate", "several names in 'from' go with the axis in 'concatenate'")
      }
      if (rule.targets.count > 1) != (rule.splitAxis != nil) {
        throw failure("\(item).split", "several names in 'to' go with the axis in 'split'")
      }
      if rule.splitAxis != nil && rule.concatenationAxis != nil {
        throw failure(item, "it both splits and concatenates; use two maps, one after the other")
      }
    }
    if let lengths = rule.splitLengths, lengths.count != rule.targets.count || rule.splitAxis == nil {
      throw failure("\(item).sizes", "it must have a length for each name in 'to' of a rule with 'split'")
    }
    // All sources of a rule are found by the same numbers, and every name in a target is found in a source.
    let names = rule.sources.map { Set($0.numberNames + $0.textNames) }
    if names.contains(where: { $0 != names[0] }) {
      throw failure("\(item).from", "its names have different things in braces")
    }
    for target in rule.targets {
      for name in target.numberNames + target.textNames where !names[0].contains(name) {
        throw failure("\(item).to", "'{\(name)}' does not stand in 'from'")
      }
    }
  }

  private func patterns(_ value: JSONValue?, _ item: String) throws -> [NamePattern] {
    let texts: [JSONValue]
    switch value {
    case .string?: texts = [value!]
    case .array(let values)?: texts = values
    default: texts = []
    }
    guard !texts.isEmpty else { throw failure(item, "it is missing, or neither a name nor an array of names") }
    return try texts.map { text in
      guard let text = text.string else { throw failure(item, "it has \(text.kind) where a name is expected") }
      do throws(NamePattern.Failure) {
        return try NamePattern(text)
      } catch {
        throw failure(item, "'\(text)': \(error.message)")
      }
    }
  }

  private func reason(_ value: JSONValue, _ item: String) throws -> String? {
    if let text = value.string { return text }
    return try bool(value, item) ? "the map skips it" : nil
  }

  private func order(_ value: JSONValue, _ item: String) throws -> MappingRule.Order {
    if let isReversed = value.bool { return isReversed ? .reversed : .kept }
    let axes = try numbers(value, item)
    guard axes.sorted() == Array(axes.indices) else { throw failure(item, "\(axes) is not an order of axes") }
    return .permuted(axes)
  }

  private func dtype(_ value: JSONValue, _ item: String) throws -> DType {
    guard let name = value.string, let dtype = DType(alias: name) else {
      throw failure(item, "it is not an element type")
    }
    return dtype
  }

  private func bool(_ value: JSONValue, _ item: String) throws -> Bool {
    guard let bool = value.bool else { throw failure(item, "it is \(value.kind), not true or false") }
    return bool
  }

  private func number(_ value: JSONValue, _ item: String) throws -> Int {
    guard let number = value.integer, number >= 0 else { throw failure(item, "it is not an integer from 0") }
    return number
  }

  private func numbers(_ value: JSONValue, _ item: String) throws -> [Int] {
    if value.integer != nil { return [try number(value, item)] }
    guard let array = value.array else { throw failure(item, "it is \(value.kind), not integers") }
    return try array.map { try number($0, item) }
  }
}

extension DType {
  /// The type with this name, or with one of the short names that people use: `bf16`, `fp16`, `half`, `f32`, `double`.
  public init?(alias name: String) {
    let aliases: [String: DType] = [
      "bf16": .bfloat16, "f16": .float16, "fp16": .float16, "half": .float16, "f32": .float32, "fp32": .float32,
      "float": .float32, "f64": .float64, "fp64": .float64, "double": .float64,
    ]
    guard let match = DType(name: name) ?? aliases[name] else { return nil }
    self = match
  }
}
