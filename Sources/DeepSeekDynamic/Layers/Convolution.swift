public import DeepSeekOperators
public import DeepSeekTensor

/// A kernel slid over one to three spatial axes: `[batch, channels, spatial…]` to `[batch, outputs, places…]`.
///
/// Keys as PyTorch's: `weight` `[outputs, channels / groups, kernel…]` and `bias` `[outputs]`, initialized as PyTorch
/// initializes them.
public final class Convolution: Layer {
  /// The kernels, `[outputs, channels / groups, kernel…]`.
  public let weight: Parameter
  /// What is added to each output channel, `[outputs]`.
  public let bias: Parameter?
  /// From one place to the next.
  public let stride: PerAxis
  /// What lies beyond the ends.
  public let padding: Padding
  /// From one element of the kernel to the next.
  public let dilation: PerAxis
  /// Groups of channels that do not mix.
  public let groups: Int

  /// A layer of `outputs` kernels of size `kernel`, which has a number for each spatial axis.
  public init(
    _ channels: Int, _ outputs: Int, kernel: [Int], stride: PerAxis = 1, padding: Padding = .valid,
    dilation: PerAxis = 1, groups: Int = 1, bias: Bool = true, dtype: DType = .float32
  ) {
    if groups < 1 || channels % groups != 0 || outputs % groups != 0 {
      fatalError("Convolution: \(groups) groups do not divide \(channels) channels and \(outputs) outputs")
    }
    let shape = Shape([outputs, channels / groups] + kernel)
    (weight, self.bias) = Convolution.parameters(shape, outputs: outputs, bias: bias, dtype: dtype)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// Uniform within one over the square root of what one output sums up.
  static func parameters(
    _ shape: Shape, outputs: Int, bias: Bool, dtype: DType
  ) -> (weight: Parameter, bias: Parameter?) {
    let limit = 1 / Double(Swift.max(shape.dropFirst().reduce(1, *), 1)).squareRoot()
    let initializer = Initializer.uniform(-limit, limit)
    return (
      Parameter(initializer(shape, dtype: dtype)), bias ? Parameter(initializer([outputs], dtype: dtype)) : nil
    )
  }

  /// `[batch, channels, spatial…]` to `[batch, outputs, places…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.convolution(
      weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

/// The transposed convolution, which spreads each element over a window: `[batch, channels, spatial…]` to `[batch, outputs,
/// places…]`.
///
/// Keys as PyTorch's: `weight` `[channels, outputs / groups, kernel…]` and `bias` `[outputs]`.
public final class ConvolutionTransposed: Layer {
  /// The kernels, `[channels, outputs / groups, kernel…]`.
  public let weight: Parameter
  /// What is added to each output channel, `[outputs]`.
  public let bias: Parameter?
  /// From the window of one element to that of the next.
  public let stride: PerAxis
  /// What is cut from both ends.
  public let padding: PerAxis
  /// What is added at the high end.
  public let outputPadding: PerAxis
  /// From one element of the kernel to the next.
  public let dilation: PerAxis
  /// Groups of channels that do not mix.
  public let groups: Int

  /// A layer with a kernel of size `kernel`, which has a number for each spatial axis.
  public init(
    _ channels: Int, _ outputs: Int, kernel: [Int], stride: PerAxis = 1, padding: PerAxis = 0,
    outputPadding: PerAxis = 0, dilation: PerAxis = 1, groups: Int = 1, bias: Bool = true, dtype: DType = .float32
  ) {
    if groups < 1 || channels % groups != 0 || outputs % groups != 0 {
      fatalError("ConvolutionTransposed: \(groups) groups do not divide \(channels) channels and \(outputs) outputs")
    }
    let shape = Shape([channels, outputs / groups] + kernel)
    (weight, self.bias) = Convolution.parameters(shape, outputs: outputs, bias: bias, dtype: dtype)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// `[batch, channels, spatial…]` to `[batch, outputs, places…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.convolutionTransposed(
      weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups)
  }
}
