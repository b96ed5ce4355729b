import DeepSeekOperators
public import DeepSeekTensor

/// Zeros elements at random while training and widens the others to keep the mean; nothing in evaluation (Srivastava,
/// Hinton, Krizhevsky, Sutskever, Salakhutdinov, 2014).
public final class Dropout: Layer {
  /// The probability that an element is dropped.
  public let probability: Double
  /// Whether elements are dropped at all.
  public let mode = TrainingMode()

  /// A layer that drops with this probability, from 0 to 1; traps outside.
  public init(_ probability: Double = 0.5) {
    if !(0...1).contains(probability) { fatalError("Dropout: \(probability) is no probability") }
    self.probability = probability
  }

  /// The probability that applies now: zero while evaluating. For operators that drop out by themselves.
  public var effectiveProbability: Double { mode.isTraining ? probability : 0 }

  /// Any shape to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if !mode.isTraining || probability == 0 { return input }
    return input.dropout(probability, key: RandomGenerator.current.nextKey())
  }
}

/// Zeros whole channels at random while training: `[batch, channels, …]` to the same shape (Tompson and others, 2015).
public final class ChannelDropout: Layer {
  /// The probability that a channel is dropped.
  public let probability: Double
  /// Whether channels are dropped at all.
  public let mode = TrainingMode()

  /// A layer that drops channels with this probability, from 0 to 1; traps outside.
  public init(_ probability: Double = 0.5) {
    if !(0...1).contains(probability) { fatalError("ChannelDropout: \(probability) is no probability") }
    self.probability = probability
  }

  /// `[batch, channels, …]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if !mode.isTraining || probability == 0 { return input }
    let leading = input.shape.dimensions.prefix(2)
    let maskShape = Shape(leading + Array(repeating: 1, count: Swift.max(input.rank - 2, 0)))
    let mask = Tensor.ones(maskShape, dtype: input.dtype).dropout(probability, key: RandomGenerator.current.nextKey())
    return input * mask
  }
}
