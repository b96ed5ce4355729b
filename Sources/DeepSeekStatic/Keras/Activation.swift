import DeepSeekOperators
public import DeepSeekTensor

extension Keras {
  /// What follows a layer's own work, by the name that Keras gives it.
  public struct Activation: Sendable {
    /// The name.
    public let name: String
    let function: @Sendable (Tensor) -> Tensor
    /// The same inside a product, where that can be.
    let fused: DeepSeekOperators.Activation?
    /// Whether the name says what it does: a loss may then compute it together with its own work.
    let isBuiltIn: Bool

    /// An activation of one's own.
    public init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      self.init(name, nil, isBuiltIn: false, function)
    }

    private init(
      _ name: String, _ fused: DeepSeekOperators.Activation?, isBuiltIn: Bool = true,
      _ function: @escaping @Sendable (Tensor) -> Tensor
    ) {
      self.isBuiltIn = isBuiltIn
      self.name = name
      self.fused = fused
      self.function = function
    }

    /// Nothing.
    public static let linear = Activation("linear", Activation.Fused.none) { $0 }
    /// max(x, 0).
    public static let relu = Activation("relu", .relu) { $0.relu() }
    /// 1 / (1 + exp(-x)).
    public static let sigmoid = Activation("sigmoid", .sigmoid) { $0.sigmoid() }
    /// The hyperbolic tangent.
    public static let tanh = Activation("tanh", .tanh) { $0.tanh() }
    /// Probabilities along the last axis.
    public static let softmax = Activation("softmax", nil) { $0.softmax(axis: -1) }
    /// x Φ(x).
    public static let gelu = Activation("gelu", .gelu) { $0.gelu() }
    /// x sigmoid(x).
    public static let swish = Activation("swish", .silu) { $0.silu() }
    /// x where positive, exp(x) - 1 elsewhere.
    public static let elu = Activation("elu", nil) { $0.elu() }
    /// The scaled exponential linear unit (Klambauer and others, 2017).
    public static let selu = Activation("selu", nil) { $0.selu() }
    /// log(1 + exp(x)).
    public static let softplus = Activation("softplus", nil) { $0.softplus() }
    /// x / (1 + |x|).
    public static let softsign = Activation("softsign", nil) { $0 / ($0.abs() + 1) }
    /// exp(x).
    public static let exponential = Activation("exponential", nil) { $0.exp() }
    /// clamp(0.2 x + 0.5, 0, 1), as Keras 1 and 2 have it.
    public static let hardSigmoid = Activation("hard_sigmoid", nil) { ($0 * 0.2 + 0.5).clamp(0, 1) }

    /// clamp(x / 6 + 1/2, 0, 1), as Keras 3 has it.
    public static let hardSigmoid6 = Activation("hard_sigmoid", nil, isBuiltIn: false) { $0.hardSigmoid() }
    /// x times clamp(x / 6 + 1/2, 0, 1).
    public static let hardSwish = Activation("hard_swish", nil) { $0.hardSwish() }
    /// clamp(x, 0, 6).
    public static let relu6 = Activation("relu6", nil) { $0.clamp(0, 6) }
    /// x where positive, 0.2 x elsewhere.
    public static let leakyRelu = Activation("leaky_relu", nil) { $0.leakyRelu(slope: 0.2) }
    /// x tanh(softplus(x)).
    public static let mish = Activation("mish", nil) { $0.mish() }
    /// log softmax along the last axis.
    public static let logSoftmax = Activation("log_softmax", nil) { $0.logSoftmax(axis: -1) }
    /// log(sigmoid(x)).
    public static let logSigmoid = Activation("log_sigmoid", nil) { -(-$0).softplus() }

    private typealias Fused = DeepSeekOperators.Activation
  }
}
