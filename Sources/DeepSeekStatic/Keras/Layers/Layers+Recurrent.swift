public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// A long short-term memory over `[batch, steps, features]`: its last hidden state `[batch, units]`, or all of them. The
  /// number of steps must be known. Weights under PyTorch's keys, with Keras's first values (the forget gate's bias is 1).
  /// `dropout` zeroes the same features at every step, and in both directions.
  public struct LSTM: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `units` cells; with `isBidirectional`, one in each direction, their outputs put together as `merging` says; with `goesBackwards`, from
    /// the last step to the first.
    public init(
      _ units: Int, returnSequences: Bool = false, dropout: Double = 0, isBidirectional: Bool = false,
      merging: Keras.DirectionMerging = .concatenated, goesBackwards: Bool = false, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(),
      recurrentInitializer: Initializer = .orthogonal(), name: String? = nil
    ) {
      core = Keras.LayerCore("LSTM", name: name) { specs in
        let layer = DeepSeekDynamic.LSTM(
          Keras.features(specs[0], "LSTM"), units, bias: useBias, isBidirectional: isBidirectional,
          dtype: specs[0].dtype)
        Keras.initializeRecurrent(layer, units, forgetGate: true, kernelInitializer, recurrentInitializer)
        let module = Dropped(layer, dropout)
        return Keras.LayerBody(module) { inputs in
          let steps = goesBackwards ? inputs[0].flipped(1) : inputs[0]
          let (output, state) = layer(module.dropped(steps), state: nil)
          return merging.merged(output, state.hidden, returnSequences)
        }
      }
    }
  }

  /// A gated recurrent unit over `[batch, steps, features]`: its last hidden state `[batch, units]`, or all of them. The number
  /// of steps must be known. Weights under PyTorch's keys, with Keras's first values; the reset gate comes after the product,
  /// as Keras's default has it. `dropout` zeroes the same features at every step, and in both directions.
  public struct GRU: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `units`; with `isBidirectional`, one in each direction, their outputs put together as `merging` says; with `goesBackwards`, from the
    /// last step to the first.
    public init(
      _ units: Int, returnSequences: Bool = false, dropout: Double = 0, isBidirectional: Bool = false,
      merging: Keras.DirectionMerging = .concatenated, goesBackwards: Bool = false, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(),
      recurrentInitializer: Initializer = .orthogonal(), name: String? = nil
    ) {
      core = Keras.LayerCore("GRU", name: name) { specs in
        let layer = DeepSeekDynamic.GRU(
          Keras.features(specs[0], "GRU"), units, bias: useBias, isBidirectional: isBidirectional,
          dtype: specs[0].dtype)
        Keras.initializeRecurrent(layer, units, forgetGate: false, kernelInitializer, recurrentInitializer)
        let module = Dropped(layer, dropout)
        return Keras.LayerBody(module) { inputs in
          let steps = goesBackwards ? inputs[0].flipped(1) : inputs[0]
          let (output, state) = layer(module.dropped(steps), state: nil)
          return merging.merged(output, state, returnSequences)
        }
      }
    }
  }
}

/// A recurrent layer whose input is dropped out, the same features at every step, as Keras has it (Gal and Ghahramani, 2016);
/// its keys are the layer's own.
private final class Dropped: Module {
  static var stateKeys: [String: String] { ["layer": ""] }

  let layer: any Module
  let dropout: Dropout

  init(_ layer: any Module, _ rate: Double) {
    self.layer = layer
    dropout = Dropout(rate)
  }

  /// `[batch, steps, features]` with some features of each example zero at all steps.
  func dropped(_ input: Tensor) -> Tensor {
    if dropout.effectiveProbability == 0 { return input }
    return input * dropout(Tensor.ones(like: input.sliced(1, 0..<1)))
  }
}

extension Keras {
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

    /// What a layer gives: of all steps `[batch, steps, directions · units]`, or of the last states
    /// `[directions, batch, units]`.
    fileprivate func merged(_ output: Tensor, _ states: Tensor, _ returnsSequences: Bool) -> Tensor {
      let count = states.shape[0]
      if count == 1 { return returnsSequences ? output : states.selected(0, 0) }
      if returnsSequences && self == .concatenated { return output }
      let units = states.shape[2]
      let parts = (0..<count).map {
        returnsSequences ? output.sliced(2, $0 * units..<($0 + 1) * units) : states.selected(0, $0)
      }
      switch self {
      case .concatenated: return Tensor.concatenate(parts, axis: -1)
      case .added: return parts[0] + parts[1]
      case .multiplied: return parts[0] * parts[1]
      case .averaged: return (parts[0] + parts[1]) * 0.5
      }
    }
  }

  /// The features of `[batch, steps, features]`. Traps for another rank, or when features or steps are open.
  fileprivate static func features(_ spec: TensorSpec, _ kind: String) -> Int {
    guard spec.shape.rank == 3, spec.shape.dimension(1).known != nil else {
      fatalError("\(kind): its input is \(spec); [batch, steps, features] with known steps and features is expected")
    }
    return lastLength(spec, kind)
  }

  /// Glorot uniform, orthogonal and zero first values.
  fileprivate static func initializeRecurrent(
    _ layer: any Module, _ units: Int, forgetGate: Bool, _ kernel: Initializer, _ recurrent: Initializer
  ) {
    for named in layer.namedParameters() {
      if named.name.hasPrefix("weight_ih") { kernel(named.parameter) }
      if named.name.hasPrefix("weight_hh") { recurrent(named.parameter) }
      guard named.name.hasPrefix("bias") else { continue }
      let spec = named.parameter.spec
      var values = [Double](repeating: 0, count: spec.shape.elementCount)
      if forgetGate && named.name.hasPrefix("bias_ih") { for index in units..<(2 * units) { values[index] = 1 } }
      named.parameter.value = Tensor(spec.shape, values).converted(to: spec.dtype)
    }
  }
}
