import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Adds normal noise while training.
  public struct GaussianNoise: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Noise of this standard deviation.
    public init(_ deviation: Double, name: String? = nil) {
      core = Keras.LayerCore("GaussianNoise", name: name) { _ in
        let noise = Noise(deviation)
        return Keras.LayerBody(noise)
      }
    }
  }

  /// Multiplies by normal noise around 1 while training, whose variance is rate / (1 - rate) (Srivastava and others, 2014).
  public struct GaussianDropout: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Noise as a dropout at this rate has it.
    public init(_ rate: Double, name: String? = nil) {
      core = Keras.LayerCore("GaussianDropout", name: name) { _ in
        let noise = Noise((rate / (1 - rate)).squareRoot())
        return Keras.LayerBody(noise) { $0[0] * noise(Tensor.ones(like: $0[0])) }
      }
    }
  }

  /// Dropout that keeps mean and variance behind a SELU: what is dropped becomes the value that SELU tends to (Klambauer and
  /// others, 2017).
  public struct AlphaDropout: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that drops at this rate.
    public init(_ rate: Double, name: String? = nil) {
      core = Keras.LayerCore("AlphaDropout", name: name) { _ in
        let dropout = DeepSeekDynamic.Dropout(rate)
        // -scale · alpha of the SELU.
        let least = -1.7580993408473766
        let widening = 1 / ((1 - rate) * (1 + rate * least * least)).squareRoot()
        return Keras.LayerBody(dropout) { inputs in
          let x = inputs[0]
          if dropout.effectiveProbability == 0 { return x }
          let kept = dropout(Tensor.ones(like: x)).greater(than: 0)
          return Tensor.select(kept, x, Tensor.full([], least, dtype: x.dtype)) * widening - widening * least * rate
        }
      }
    }
  }
}

/// Normal noise while training.
private final class Noise: DeepSeekDynamic.Layer {
  let deviation: Double
  let mode = TrainingMode()

  init(_ deviation: Double) { self.deviation = deviation }

  func callAsFunction(_ input: Tensor) -> Tensor {
    if !mode.isTraining || deviation == 0 { return input }
    let noise = Tensor.randomNormal(
      input.shape, standardDeviation: deviation, dtype: input.dtype, key: RandomGenerator.current.nextKey())
    return input + noise
  }
}
