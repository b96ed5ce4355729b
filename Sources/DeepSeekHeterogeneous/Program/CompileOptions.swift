public import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

/// How a program is made of a model.
public struct CompileOptions: Sendable {
  /// How closely a program follows the model it was made of.
  public enum Fidelity: String, Sendable, Hashable, CaseIterable {
    /// Every bit is the model's, in `bfloat16` that of the model under `autocast`.
    case exact
    /// Operators are fused that then round less often: to 1e-5 relative in `float32`.
    case fused
  }

  /// In which type products run.
  public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// As the model has it.
    case float32
    /// Products in `bfloat16`, whose sums are `float32`; normalizations, softmax and sums stay in `float32`, as under
    /// `autocast`. Weights of products take half the bytes.
    case bfloat16

    /// Runs code that is being captured in this precision.
    func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
      switch self {
      case .float32: try body()
      case .bfloat16: try autocast(.bfloat16, body)
      }
    }
  }

  /// How closely the program follows the model.
  public var fidelity: Fidelity
  /// Whether weights become constants, as they are now: kernels then lay them out once for their products, and what depends
  /// on weights alone is computed beforehand. Otherwise the program reads the weights that the model has when it runs.
  public var freezesWeights: Bool
  /// In which type products run. Outputs have the model's types in any case.
  public var precision: Precision

  /// Fused, with frozen weights, in the model's own precision, unless told otherwise.
  public init(fidelity: Fidelity = .fused, freezesWeights: Bool = true, precision: Precision = .float32) {
    self.fidelity = fidelity
    self.freezesWeights = freezesWeights
    self.precision = precision
  }

  /// The passes, in order; the graph is verified after each. Those of ``precision`` follow.
  public var passes: [GraphPass] {
    let exact: [GraphPass] = [.constantFolding, .simplification(), .commonSubexpressions]
    let fusion: [GraphPass] =
      fidelity == .exact ? [] : [.layoutChoice, .fusion(), .attentionFusion, .residualNormalization]
    return exact + fusion + [.deadCode, .projectionFusion, .elementwiseFusion, .deadCode]
  }
}
