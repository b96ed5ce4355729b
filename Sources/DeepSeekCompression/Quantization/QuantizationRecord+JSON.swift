public import DeepSeekJSON
import DeepSeekOperators

extension QuantizationRecord {
  private static let method = "deepseek"
  private static let version = 1

  /// As `config.json` has it.
  public var json: JSONValue {
    var members = JSONObject()
    for layer in layers {
      var entry = JSONObject()
      entry["bits"] = .integer(layer.format.bits)
      if let size = layer.format.groupSize { entry["group_size"] = .integer(size) }
      if layer.format.hasZeroPoints { entry["zero_points"] = true }
      switch layer.input {
      case .unquantized: entry["input"] = "none"
      case .dynamic: entry["input"] = "dynamic"
      case .fixed(let scale, let zeroPoint, _):
        entry["input"] = ["scale": .double(Double(scale)), "zero_point": .integer(zeroPoint)]
      }
      if let bits = layer.input.bits, bits != 8 { entry["input_bits"] = .integer(bits) }
      if layer.hasFactor { entry["input_factor"] = true }
      members[layer.name] = .object(entry)
    }
    return [
      "quant_method": .string(QuantizationRecord.method), "version": .integer(QuantizationRecord.version),
      "config": config.json, "layers": .object(members),
    ]
  }

  /// The record that JSON holds. Throws ``QuantizationError`` that names the field; unknown ones are refused.
  public init(_ json: JSONValue) throws(QuantizationError) {
    let object = try Fields(json, "", ["quant_method", "version", "config", "layers"])
    guard object["quant_method"]?.string == QuantizationRecord.method else {
      throw object.refusal("quant_method", "'\(QuantizationRecord.method)'")
    }
    guard object["version"]?.integer == QuantizationRecord.version else {
      throw object.refusal("version", "\(QuantizationRecord.version)")
    }
    guard let config = object["config"] else { throw object.refusal("config", "an object") }
    self.config = try QuantizationConfig(config)
    guard let members = object["layers"]?.object?.members else { throw object.refusal("layers", "an object") }
    var layers: [Layer] = []
    for member in members {
      let known = ["bits", "group_size", "zero_points", "input", "input_bits", "input_factor"]
      let fields = try Fields(member.value, "layers.\(member.key).", known)
      let format = WeightFormat(
        bits: try fields.integer("bits", 4...8) ?? 8, groupSize: try fields.integer("group_size", 32...(1 << 16)),
        hasZeroPoints: try fields.flag("zero_points"))
      if format.bits != 8 && format.bits != 4 { throw fields.refusal("bits", "8 or 4") }
      if let size = format.groupSize, size % 32 != 0 { throw fields.refusal("group_size", "a multiple of 32") }
      layers.append(
        Layer(
          name: member.key, format: format, input: try QuantizationRecord.input(fields),
          hasFactor: try fields.flag("input_factor")))
    }
    if layers.isEmpty { throw object.refusal("layers", "at least one layer") }
    self.layers = layers
  }

  private static func input(_ fields: Fields) throws(QuantizationError) -> QuantizedInput {
    guard let value = fields["input"] else { throw fields.refusal("input", "none, dynamic, or scale and zero_point") }
    let bits = try fields.integer("input_bits", 7...8) ?? 8
    switch value.string {
    case "none":
      if fields["input_bits"] != nil { throw fields.refusal("input_bits", "nothing where the input is none") }
      return .unquantized
    case "dynamic": return .dynamic(bits: bits)
    default: break
    }
    let parts = try Fields(value, fields.path + "input.", ["scale", "zero_point"])
    guard let scale = parts["scale"]?.double.map({ Float($0) }), scale > 0, scale.isFinite else {
      throw parts.refusal("scale", "a number above 0")
    }
    let largest = QuantizedInput.largest(bits: bits)
    guard let zeroPoint = try parts.integer("zero_point", 0...largest) else {
      throw parts.refusal("zero_point", "a whole number from 0 to \(largest)")
    }
    return .fixed(scale: scale, zeroPoint: zeroPoint, bits: bits)
  }
}

/// An object's members, known ones alone.
private struct Fields {
  let path: String
  private let object: JSONObject

  init(_ value: JSONValue, _ path: String, _ known: [String]) throws(QuantizationError) {
    self.path = path
    guard let object = value.object else {
      throw .invalidField(path.isEmpty ? "(the whole)" : path, value: value.kind, expected: "an object")
    }
    for key in object.keys where !known.contains(key) { throw .unknownField(path + key, known: known) }
    self.object = object
  }

  subscript(_ key: String) -> JSONValue? { object[key] }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws(QuantizationError) -> Int? {
    guard let value = object[key], !value.isNull else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw refusal(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag(_ key: String) throws(QuantizationError) -> Bool {
    guard let value = object[key], !value.isNull else { return false }
    guard let flag = value.bool else { throw refusal(key, "true or false") }
    return flag
  }

  func refusal(_ key: String, _ expected: String) -> QuantizationError {
    let value = object[key]
    let text = (try? value?.serialized()).flatMap { $0 }.map { String(decoding: $0.prefix(60), as: UTF8.self) }
    return .invalidField(path + key, value: text ?? "absent", expected: expected)
  }
}
