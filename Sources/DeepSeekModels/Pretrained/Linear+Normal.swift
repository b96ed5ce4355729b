import DeepSeekDynamic
import DeepSeekTensor

extension Linear {
  /// A layer initialized as those of BERT and of decoders: normal weights, zero bias.
  static func normal(_ inputSize: Int, _ outputSize: Int, _ deviation: Double, bias: Bool = true) -> Linear {
    let weight = Initializer.normal(standardDeviation: deviation)([outputSize, inputSize])
    return Linear(weight: Parameter(weight), bias: bias ? Parameter(Initializer.zeros([outputSize])) : nil)
  }
}
