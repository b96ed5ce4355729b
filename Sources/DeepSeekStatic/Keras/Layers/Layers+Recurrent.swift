public import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// A long short-term memory over `[batch, steps, features]`: its last hidden state `[batch, units]`, or all of them. The
  /// number of steps must be known. Weights under PyTorch's keys, with Keras's first values (the forget gate's bias is 1).
  /// `dropout` zeroes the same features at every step, and in both directions.
  ///
  /// Called on several tensors, those after the sequence are a mask `[batch, steps]` of truths, where there is one, and the
  /// states to begin with.
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
      self.init(
        units,
        Keras.RecurrentOptions(returnSequences, dropout, isBidirectional, merging, goesBackwards, useBias),
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer, name: name)
    }

    /// A layer of `units` cells with these options.
    public init(
      _ units: Int, _ options: Keras.RecurrentOptions, kernelInitializer: Initializer = .xavierUniform(),
      recurrentInitializer: Initializer = .orthogonal(), name: String? = nil
    ) {
      core = Keras.LayerCore(.lstm, units, options, kernelInitializer, recurrentInitializer, name)
    }
  }

  /// A gated recurrent unit over `[batch, steps, features]`: its last hidden state `[batch, units]`, or all of them. The number
  /// of steps must be known. Weights under PyTorch's keys, with Keras's first values; the reset gate comes after the product,
  /// as Keras's default has it. `dropout` zeroes the same features at every step, and in both directions. It can be called on
  /// a mask and a state as ``LSTM`` can.
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
      self.init(
        units,
        Keras.RecurrentOptions(returnSequences, dropout, isBidirectional, merging, goesBackwards, useBias),
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer, name: name)
    }

    /// A layer of `units` with these options.
    public init(
      _ units: Int, _ options: Keras.RecurrentOptions, kernelInitializer: Initializer = .xavierUniform(),
      recurrentInitializer: Initializer = .orthogonal(), name: String? = nil
    ) {
      core = Keras.LayerCore(.gru, units, options, kernelInitializer, recurrentInitializer, name)
    }
  }

  /// A recurrent layer without gates (Elman, 1990) over `[batch, steps, features]`: its last state `[batch, units]`, or all of
  /// them. It can be called on a mask and a state as ``LSTM`` can.
  public struct SimpleRNN: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `units` with these options.
    public init(
      _ units: Int, _ options: Keras.RecurrentOptions = Keras.RecurrentOptions(),
      kernelInitializer: Initializer = .xavierUniform(), recurrentInitializer: Initializer = .orthogonal(),
      name: String? = nil
    ) {
      core = Keras.LayerCore(.simple, units, options, kernelInitializer, recurrentInitializer, name)
    }
  }
}

extension Keras.RecurrentOptions {
  fileprivate init(
    _ returnsSequences: Bool, _ dropout: Double, _ isBidirectional: Bool, _ merging: Keras.DirectionMerging,
    _ goesBackwards: Bool, _ useBias: Bool
  ) {
    self.returnsSequences = returnsSequences
    self.dropout = dropout
    self.isBidirectional = isBidirectional
    self.merging = merging
    self.goesBackwards = goesBackwards
    self.useBias = useBias
  }
}

extension Keras.LayerCore {
  /// A recurrent layer, which traps when its input has another rank, or open features or steps.
  fileprivate convenience init(
    _ kind: Keras.RecurrentKind, _ units: Int, _ options: Keras.RecurrentOptions, _ kernel: Initializer,
    _ recurrent: Initializer, _ name: String?
  ) {
    self.init(kind.rawValue, name: name) { specs in
      let spec = specs[0]
      guard spec.shape.rank == 3, spec.shape.dimension(1).known != nil else {
        fatalError(
          "\(kind.rawValue): its input is \(spec); [batch, steps, features] with known steps and features is expected")
      }
      let layer = Recurrence(
        kind, Keras.lastLength(spec, kind.rawValue), units, options, dtype: spec.dtype, kernel: kernel,
        recurrent: recurrent)
      if options.returnsState || (options.isBidirectional && options.merging == nil) {
        return Keras.LayerBody(layer, outputs: { layer($0) })
      }
      return Keras.LayerBody(layer) { layer($0)[0] }
    }
  }
}
