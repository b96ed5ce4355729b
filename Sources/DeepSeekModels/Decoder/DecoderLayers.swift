import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Linear {
  /// A layer initialized as decoders' are: normal weights, zero bias.
  static func decoder(_ inputSize: Int, _ outputSize: Int, _ deviation: Double, bias: Bool) -> Linear {
    let weight = Initializer.normal(standardDeviation: deviation)([outputSize, inputSize])
    return Linear(weight: Parameter(weight), bias: bias ? Parameter(Initializer.zeros([outputSize])) : nil)
  }
}

extension Tensor {
  /// `[batch, sequence, heads · width]` as `[batch, heads, sequence, width]`, without moving an element.
  func heads(width: Int) -> Tensor {
    reshaped([dimension(0), dimension(1), Dimension(shape[2] / width), Dimension(width)]).swappedAxes(1, 2)
  }

  /// `[batch, heads, sequence, width]` as `[batch, sequence, heads · width]`.
  func joiningHeads() -> Tensor {
    swappedAxes(1, 2).reshaped([dimension(0), dimension(2), Dimension(shape[1] * shape[3])])
  }
}
