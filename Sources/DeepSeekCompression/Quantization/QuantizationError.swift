/// Why a model cannot be quantized, pruned or read back; it was left as it was.
public enum QuantizationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A choice that cannot be.
  case invalidField(String, value: String, expected: String)
  /// A field that no version of this file has.
  case unknownField(String, known: [String])
  /// The model has to be run on data first.
  case needsCalibration(String)
  /// Nothing in the model can be quantized.
  case nothingToQuantize(reasons: [String])
  /// A layer that a file names and the model lacks, or that is of another shape or kind.
  case unfitting(layer: String, reason: String)
  /// The model has been quantized before.
  case quantized(layer: String)
  /// Too little is gained or too much lost, whatever is chosen.
  case unreachable(String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .invalidField(let field, let value, let expected):
      "quantization: '\(field)' is \(value); \(expected) is expected"
    case .unknownField(let field, let known):
      "quantization: there is no field '\(field)'; the fields are \(known.joined(separator: ", "))"
    case .needsCalibration(let what):
      "quantization: \(what) needs the model to be run on examples: give a function that does"
    case .nothingToQuantize(let reasons):
      "quantization: no layer can be quantized" + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; "))
    case .unfitting(let layer, let reason): "quantization: '\(layer)': \(reason)"
    case .quantized(let layer): "quantization: '\(layer)' is quantized already; load the model as it was"
    case .unreachable(let reason): "compression: \(reason)"
    }
  }
}
