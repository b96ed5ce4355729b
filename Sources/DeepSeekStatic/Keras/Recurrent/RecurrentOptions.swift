import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// What a recurrent layer may do other than Keras's defaults.
  public struct RecurrentOptions: Sendable {
    /// What the new state or the cell passes through.
    public var activation = Activation.tanh
    /// What the gates pass through.
    public var recurrentActivation = Activation.sigmoid
    /// All hidden states `[batch, steps, units]` rather than the last `[batch, units]`.
    public var returnsSequences = false
    /// The last states, each `[batch, units]`, as outputs after the first: the hidden one and an LSTM's cell.
    public var returnsState = false
    /// The share of features that is dropped while training, the same at every step.
    public var dropout = 0.0
    /// The share of the hidden state that is dropped before its product while training, the same at every step.
    public var recurrentDropout = 0.0
    /// One layer in each direction.
    public var isBidirectional = false
    /// How the outputs of both directions come together; `nil` keeps them apart, as two outputs.
    public var merging: DirectionMerging? = .concatenated
    /// From the last step to the first, whose outputs then come in that order.
    public var goesBackwards = false
    /// Whether there are biases.
    public var useBias = true
    /// Of a GRU: whether the reset gate comes after the product with the state, as since Keras 2.3, or before it.
    public var resetsAfterProduct = true
    /// Steps that a mask leaves out give zeros rather than what the step before gave.
    public var zeroesMaskedSteps = false

    /// Keras's defaults.
    public init() {}

    /// The operator that does the whole sequence at once; `nil` when it has to be done step by step.
    func fused(_ kind: RecurrentKind) -> RecurrentCell? {
      let isPlain = activation.name == "tanh" && activation.isBuiltIn
      let hasPlainGates = recurrentActivation.name == "sigmoid" && recurrentActivation.isBuiltIn
      switch kind {
      case .simple: return isPlain ? .tanh : activation.name == "relu" && activation.isBuiltIn ? .relu : nil
      case .lstm: return isPlain && hasPlainGates ? .lstm : nil
      case .gru: return isPlain && hasPlainGates && resetsAfterProduct ? .gru : nil
      }
    }
  }

  /// The recurrent layers.
  enum RecurrentKind: String, Sendable {
    case simple = "SimpleRNN"
    case lstm = "LSTM"
    case gru = "GRU"

    /// Weights have so many times the units in rows.
    var gateCount: Int {
      switch self {
      case .simple: 1
      case .lstm: 4
      case .gru: 3
      }
    }

    /// An LSTM has a cell beside its hidden state.
    var stateCount: Int { self == .lstm ? 2 : 1 }
  }

  /// How the outputs of both directions of a recurrent layer become one.
  public enum DirectionMerging: String, Sendable, CaseIterable {
    /// Side by side, twice as many features.
    case concatenated = "concat"
    /// Added.
    case added = "sum"
    /// Multiplied.
    case multiplied = "mul"
    /// Their mean.
    case averaged = "ave"

    func merged(_ first: Tensor, _ second: Tensor) -> Tensor {
      switch self {
      case .concatenated: Tensor.concatenate([first, second], axis: -1)
      case .added: first + second
      case .multiplied: first * second
      case .averaged: (first + second) * 0.5
      }
    }
  }
}
