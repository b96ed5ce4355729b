import DeepSeekJSON
import Foundation

/// The angles by which positions turn queries and keys (Su and others, arXiv:2104.09864), and how they are stretched for
/// texts longer than those of training.
public struct RotaryConfiguration: Sendable, Hashable {
  /// How angles are stretched.
  public enum Scaling: Sendable, Hashable {
    /// Not at all.
    case none
    /// All angles are divided by the factor (Chen and others, arXiv:2306.15595).
    case linear(factor: Double)
    /// Beyond the original length the base grows with the sequence.
    case dynamic(factor: Double, originalPositions: Int)
    /// Llama 3.1's: long waves are divided by the factor, short ones kept, those between blended (Grattafiori and others,
    /// arXiv:2407.21783).
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
    /// By frequency, with sharper attention.
    case yarn(YaRNScaling)
  }

  /// The base of the angles' geometric series.
  public var base = 10_000.0
  /// The part of each head that is turned.
  public var partialFactor = 1.0
  /// How angles are stretched.
  public var scaling = Scaling.none

  /// Llama's angles.
  public init() {}

  /// How many elements of a head of this width are turned.
  func width(ofHead width: Int) -> Int { Int(Double(width) * partialFactor) / 2 * 2 }

  /// The longest sequence of a model that was trained on so many positions.
  func maximumLength(_ positions: Int) -> Int {
    switch scaling {
    case .none, .llama3, .yarn: positions
    case .linear(let factor), .dynamic(let factor, _):
      // A factor beyond a million is a mistake, and must not overflow.
      Int(Double(positions) * (factor < 1e6 ? factor : 1e6))
    }
  }

  /// What cosines and sines are multiplied by.
  var scaleOfAttention: Double {
    if case .yarn(let yarn) = scaling { return yarn.scaleOfAttention }
    return 1
  }

  /// The angle for each pair that a position adds, in sequences of a length, for `width` elements that are turned.
  ///
  /// In `float32`, as Hugging Face's models have them, whose weights were trained with these very values.
  func inverseFrequencies(width: Int, length: Int) -> [Float] {
    var base = base
    if case .dynamic(let factor, let original) = scaling, length > original {
      let growth = factor * Double(length) / Double(original) - (factor - 1)
      base *= pow(growth, Double(width) / Double(width - 2))
    }
    let plain = (0..<width / 2).map { pair -> Float in
      1 / powf(Float(base), Float(2 * pair) / Float(width))
    }
    switch scaling {
    case .none, .dynamic: return plain
    case .linear(let factor): return plain.map { $0 / Float(factor) }
    case .yarn(let yarn): return yarn.stretched(plain, base: base, width: width)
    case .llama3(let factor, let low, let high, let original):
      return plain.map { frequency in
        let wavelength = 2 * Float.pi / frequency
        if wavelength < Float(original) / Float(high) { return frequency }
        if wavelength > Float(original) / Float(low) { return frequency / Float(factor) }
        let blend = (Float(original) / wavelength - Float(low)) / Float(high - low)
        return (1 - blend) * frequency / Float(factor) + blend * frequency
      }
    }
  }
}

extension RotaryConfiguration {
  /// The values of `rope_type` that are read.
  private static let supported = ["default", "linear", "dynamic", "llama3", "yarn"]

  /// From `rope_parameters`, or in older files `rope_theta` and `rope_scaling`.
  init(_ file: ConfigurationFile, maximumPositions: Int, headWidth: Int) throws {
    let field = file.value["rope_parameters"]?.object == nil ? "rope_scaling" : "rope_parameters"
    let values = file.value[field]?.object
    func invalid(_ name: String, _ expected: String) -> ModelError {
      .invalidField(file: file.path, field: "\(field).\(name)", expected: expected)
    }
    func number(_ name: String, default fallback: Double? = nil) throws -> Double {
      guard let value = values?[name], !value.isNull else {
        if let fallback { return fallback }
        throw invalid(name, "a number")
      }
      guard let number = value.double, number.isFinite, number > 0 else { throw invalid(name, "a number above 0") }
      return number
    }
    func positions() throws -> Int {
      let number = try number("original_max_position_embeddings", default: Double(maximumPositions))
      guard let count = Int(exactly: number), (1..<1 << 31).contains(count) else {
        throw invalid("original_max_position_embeddings", "a whole number above 0")
      }
      return count
    }
    base = try number("rope_theta", default: file.number("rope_theta", default: 10_000))
    partialFactor = try number("partial_rotary_factor", default: file.number("partial_rotary_factor", default: 1))
    guard base > 0, partialFactor <= 1, width(ofHead: headWidth) >= 2 else {
      throw invalid("partial_rotary_factor", "such that 2 or more of \(headWidth) elements are turned")
    }
    let type = values?["rope_type"] ?? values?["type"]
    switch type?.string ?? (type == nil ? "default" : type!.kind) {
    case "default": scaling = .none
    case "linear": scaling = .linear(factor: try number("factor"))
    case "dynamic":
      guard width(ofHead: headWidth) > 2 else { throw invalid("rope_type", "another one for heads of \(headWidth)") }
      // The length of training is the model's own here, whatever else the file says.
      scaling = .dynamic(factor: try number("factor"), originalPositions: maximumPositions)
    case "llama3":
      let (low, high) = (try number("low_freq_factor"), try number("high_freq_factor"))
      guard low < high else { throw invalid("high_freq_factor", "more than low_freq_factor, \(low)") }
      scaling = .llama3(
        factor: try number("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
        originalPositions: try positions())
    case "yarn":
      let original = try positions()
      // Files may leave the factor to the two lengths.
      var yarn = YaRNScaling(
        factor: try number("factor", default: Double(maximumPositions) / Double(original)), originalPositions: original)
      yarn.fastTurns = try number("beta_fast", default: 32)
      yarn.slowTurns = try number("beta_slow", default: 1)
      yarn.roundsBounds = values?["truncate"]?.bool ?? true
      func optional(_ name: String) throws -> Double? {
        values?[name].map { $0.isNull } ?? true ? nil : try number(name)
      }
      yarn.attentionFactor = try optional("attention_factor")
      yarn.attentionScale = try optional("mscale")
      yarn.attentionScaleOfAll = try optional("mscale_all_dim")
      guard base > 1 else { throw invalid("rope_theta", "more than 1") }
      guard yarn.slowTurns < yarn.fastTurns else {
        throw invalid("beta_fast", "more than beta_slow, \(yarn.slowTurns)")
      }
      scaling = .yarn(yarn)
    case let other:
      throw ModelError.unsupported(
        file: file.path, field: "\(field).rope_type", value: other, supported: RotaryConfiguration.supported)
    }
  }

  /// Adds the members of `config.json`: those of transformers from version 5 on, and those that older versions read.
  func write(to object: inout JSONObject) {
    object["rope_theta"] = .double(base)
    if partialFactor != 1 { object["partial_rotary_factor"] = .double(partialFactor) }
    var values = JSONObject()
    switch scaling {
    case .none: values["rope_type"] = "default"
    case .linear(let factor):
      values["rope_type"] = "linear"
      values["factor"] = .double(factor)
    case .dynamic(let factor, _):
      values["rope_type"] = "dynamic"
      values["factor"] = .double(factor)
    case .llama3(let factor, let low, let high, let original):
      values["rope_type"] = "llama3"
      values["factor"] = .double(factor)
      values["low_freq_factor"] = .double(low)
      values["high_freq_factor"] = .double(high)
      values["original_max_position_embeddings"] = .integer(original)
    case .yarn(let yarn): yarn.write(to: &values)
    }
    object["rope_scaling"] = scaling == .none ? .null : .object(values)
    values["rope_theta"] = .double(base)
    if partialFactor != 1 { values["partial_rotary_factor"] = .double(partialFactor) }
    object["rope_parameters"] = .object(values)
  }
}
