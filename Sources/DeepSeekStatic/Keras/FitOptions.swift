import DeepSeekTensor

extension Keras {
  /// How `fit` goes over the data.
  public struct FitOptions: Sendable {
    /// Examples in a batch.
    public var batchSize = 32
    /// Passes over the data.
    public var epochs = 1
    /// The share of the examples, from the end, that is held out and evaluated after each epoch.
    public var validationSplit = 0.0
    /// Whether the examples come in a new order in each epoch.
    public var shuffles = true
    /// What the orders and all other randomness follow from; drawn from the current generator when `nil`.
    public var seed: UInt64?
    /// The number of the first epoch, for a training that goes on.
    public var initialEpoch = 0
    /// Whether progress is written to standard error when that is a terminal.
    public var showsProgress = true

    /// The usual.
    public init() {}
  }
}
