public import DeepSeekTensor

extension Tensor {
  /// A kernel slid over one to three spatial axes: this is `[batch, channels, spatial…]`, the weight `[outputs,
  /// channels / groups, kernel…]`, the bias `[outputs]`; the result is `[batch, outputs, places…]`.
  ///
  /// As everywhere in deep learning a cross-correlation: the kernel is not mirrored. The kernel sizes must be known.
  public func convolution(
    _ weight: Tensor, bias: Tensor? = nil, stride: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
    groups: Int = 1, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let window = Window(
      "convolution", over: shape, kernel: Array(weight.shape.dropFirst(2)), stride: stride, padding: padding,
      dilation: dilation, file: file, line: line)
    let inputs = bias.map { [self, weight, $0] } ?? [self, weight]
    return apply(ConvolutionOperator(window, groups: groups), inputs, file: file, line: line)[0]
  }

  /// The transposed convolution: this is `[batch, channels, spatial…]`, the weight `[channels, outputs / groups, kernel…]`,
  /// the bias `[outputs]`.
  ///
  /// Along each axis the result has `(length - 1) stride - padding + dilation (kernel - 1) + outputPadding + 1` elements,
  /// the padding of both ends counted. The output padding must be less than the stride.
  public func convolutionTransposed(
    _ weight: Tensor, bias: Tensor? = nil, stride: PerAxis = 1, padding: PerAxis = 0, outputPadding: PerAxis = 0,
    dilation: PerAxis = 1, groups: Int = 1, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let kernel = Array(weight.shape.dropFirst(2))
    let window = Window(
      "convolution_transposed", over: shape, kernel: kernel, stride: stride, padding: .both(padding),
      dilation: dilation,
      file: file, line: line)
    let extra = outputPadding.values(kernel.count, "convolution_transposed: output padding", file: file, line: line)
    if rank != kernel.count + 2 {
      fatalError("convolution_transposed: input \(shape) and weight \(weight.shape)", file: file, line: line)
    }
    let size = kernel.indices.map { axis -> Dimension in
      let reach = window.dilation[axis] * (kernel[axis] - 1) + 1
      let grown = (dimension(axis + 2) - 1) * Dimension(window.stride[axis]) + Dimension(reach + extra[axis])
      let cut = window.before[axis] + window.after[axis]
      if let known = grown.known, known < cut {
        fatalError(
          "convolution_transposed: padding \(padding.numbers) leaves nothing of \(shape)",
          file: file, line: line)
      }
      return grown - Dimension(cut)
    }
    for axis in kernel.indices where extra[axis] < 0 || extra[axis] >= window.stride[axis] {
      fatalError(
        "convolution_transposed: output padding \(extra) must be less than stride \(window.stride)", file: file,
        line: line)
    }
    let inputs = bias.map { [self, weight, $0] } ?? [self, weight]
    let operation = ConvolutionTransposedOperator(window, groups: groups, size: size)
    return apply(operation, inputs, file: file, line: line)[0]
  }
}
