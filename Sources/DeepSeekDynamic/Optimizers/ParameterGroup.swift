import DeepSeekTensor

/// Weights that one rule moves.
public struct ParameterGroup: Sendable {
  /// The weights with their names, under which their state is saved.
  public let parameters: [NamedParameter]
  /// How they move.
  public var rule: any UpdateRule

  /// Named weights, such as some of ``Module/namedParameters(keepingDuplicates:)``.
  public init(_ parameters: [NamedParameter], _ rule: any UpdateRule) {
    self.parameters = parameters
    self.rule = rule
  }

  /// All weights of a model.
  public init(_ module: any Module, _ rule: any UpdateRule) {
    self.init(module.namedParameters(), rule)
  }

  /// A model's weights in two groups: vectors and scalars (biases, the scales of normalizations), and those whose name
  /// satisfies `isExempt`, have no weight decay, as is the custom for transformers; the rest has.
  public static func withDecayOnMatrices<Rule: WeightDecaying>(
    _ module: any Module, _ rule: Rule, exempting isExempt: (String) -> Bool = { _ in false }
  ) -> [ParameterGroup] {
    var undecayed = rule
    undecayed.weightDecay = 0
    let all = module.namedParameters()
    let areDecayed = all.map { $0.parameter.spec.shape.rank > 1 && !isExempt($0.name) }
    return [
      ParameterGroup(zip(all, areDecayed).filter(\.1).map(\.0), rule),
      ParameterGroup(zip(all, areDecayed).filter { !$0.1 }.map(\.0), undecayed),
    ]
  }
}

/// A rule with weight decay.
public protocol WeightDecaying: UpdateRule {
  /// How strongly weights are pulled towards zero.
  var weightDecay: Double { get set }
}
