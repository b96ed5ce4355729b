import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// What a layer with kernels is made from, once the channels that it reads are known.
  struct ConvolutionForm: Sendable {
    /// The layer's name in messages.
    let kind: String
    /// How many spatial axes it slides over.
    let axes: Int
    let kernel: PerAxis
    let strides: PerAxis
    let padding: Padding
    let dilation: PerAxis
    let useBias: Bool
    let kernelInitializer: Initializer
    let biasInitializer: Initializer

    /// The kernels for an input, in groups and filters as its channels give them.
    func convolution(_ spec: TensorSpec, groups: (Int) -> Int, filters: (Int) -> Int) -> Convolution {
      let channels = Keras.channels(spec, axes, kind)
      let convolution = Convolution(
        channels, filters(channels), kernel: kernel.values(axes, "\(kind): kernel"), stride: strides, padding: padding,
        dilation: dilation, groups: groups(channels), bias: useBias, dtype: spec.dtype)
      kernelInitializer(convolution.weight)
      convolution.bias.map { biasInitializer($0) }
      return convolution
    }
  }
}
