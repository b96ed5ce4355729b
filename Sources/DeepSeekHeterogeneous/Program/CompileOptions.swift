public import DeepSeekGraph

/// How a program is made of a model.
public struct CompileOptions: Sendable {
  /// How closely a program follows the model it was made of.
  public enum Fidelity: String, Sendable, Hashable, CaseIterable {
    /// Every bit is the model's.
    case exact
    /// Operators are fused that then round less often: to 1e-5 relative in `float32`.
    case fused
  }

  /// How closely the program follows the model.
  public var fidelity: Fidelity
  /// Whether weights become constants, as they are now: kernels then lay them out once for their products, and what depends
  /// on weights alone is computed beforehand. Otherwise the program reads the weights that the model has when it runs.
  public var freezesWeights: Bool

  /// Fused, with frozen weights, unless told otherwise.
  public init(fidelity: Fidelity = .fused, freezesWeights: Bool = true) {
    self.fidelity = fidelity
    self.freezesWeights = freezesWeights
  }

  /// The passes, in order; the graph is verified after each.
  public var passes: [GraphPass] {
    let exact: [GraphPass] = [.constantFolding, .simplification(), .commonSubexpressions]
    let fusion: [GraphPass] = fidelity == .exact ? [] : [.layoutChoice, .fusion(), .attentionFusion]
    return exact + fusion + [.deadCode, .projectionFusion, .elementwiseFusion, .deadCode]
  }
}
