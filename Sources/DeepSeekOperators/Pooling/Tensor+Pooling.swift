public import DeepSeekTensor

extension Tensor {
  private func poolWindows(
    _ operation: String, _ kernel: PerAxis, _ stride: PerAxis?, _ padding: Padding, _ dilation: PerAxis,
    _ ceiling: Bool,
    file: StaticString, line: UInt
  ) -> PoolPlaces {
    if rank < 3 {
      fatalError("\(operation): input \(shape); [batch, channels, spatial…] is expected", file: file, line: line)
    }
    let sizes = kernel.values(rank - 2, "\(operation): kernel", file: file, line: line)
    let window = Window(
      operation, over: shape, kernel: sizes, stride: stride ?? PerAxis(sizes), padding: padding, dilation: dilation,
      file: file, line: line)
    return .windows(window, ceiling: ceiling)
  }

  /// The maximum under each window of `[batch, channels, spatial…]`, with where in the spatial part it was (`int64`). The
  /// stride is the kernel's size unless given; padding, at most half of the window, takes no part.
  public func maxPoolWithIndices(
    kernel: PerAxis, stride: PerAxis? = nil, padding: Padding = .valid, dilation: PerAxis = 1, ceiling: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor) {
    let places = poolWindows("max_pool", kernel, stride, padding, dilation, ceiling, file: file, line: line)
    let outputs = apply(MaxPoolOperator(places), [self], file: file, line: line)
    return (outputs[0], outputs[1])
  }

  /// The maximum under each window of `[batch, channels, spatial…]`.
  public func maxPool(
    kernel: PerAxis, stride: PerAxis? = nil, padding: Padding = .valid, dilation: PerAxis = 1, ceiling: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    maxPoolWithIndices(
      kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceiling: ceiling, file: file, line: line
    ).values
  }

  /// The maximum of each of the windows that split the spatial axes evenly into `size`, with where it was.
  public func adaptiveMaxPoolWithIndices(
    _ size: PerAxis, file: StaticString = #file, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor) {
    let sizes = size.values(Swift.max(rank - 2, 0), "max_pool: size", file: file, line: line)
    let outputs = apply(MaxPoolOperator(.adaptive(sizes)), [self], file: file, line: line)
    return (outputs[0], outputs[1])
  }

  /// The maximum of each of the windows that split the spatial axes evenly into `size`.
  public func adaptiveMaxPool(_ size: PerAxis, file: StaticString = #file, line: UInt = #line) -> Tensor {
    adaptiveMaxPoolWithIndices(size, file: file, line: line).values
  }

  /// Maxima put back where ``maxPoolWithIndices(kernel:stride:padding:dilation:ceiling:file:line:)`` found them, among
  /// zeros; where windows overlapped, they add up.
  public func maxUnpool(
    _ indices: Tensor, size: [Int], file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(MaxPoolGradientOperator(size.map { Dimension($0) }), self, indices, file: file, line: line)
  }

  /// The mean under each window of `[batch, channels, spatial…]`. Padding counts as zeros, or is left out of the mean.
  public func averagePool(
    kernel: PerAxis, stride: PerAxis? = nil, padding: Padding = .valid, ceiling: Bool = false,
    includesPadding: Bool = true, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let places = poolWindows("average_pool", kernel, stride, padding, 1, ceiling, file: file, line: line)
    return apply(AveragePoolOperator(places, includesPadding: includesPadding), self, file: file, line: line)
  }

  /// The mean of each of the windows that split the spatial axes evenly into `size`.
  public func adaptiveAveragePool(_ size: PerAxis, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let sizes = size.values(Swift.max(rank - 2, 0), "average_pool: size", file: file, line: line)
    return apply(AveragePoolOperator(.adaptive(sizes)), self, file: file, line: line)
  }

  /// The mean over all spatial axes of `[batch, channels, spatial…]`: `[batch, channels]`.
  public func globalAveragePool(file: StaticString = #file, line: UInt = #line) -> Tensor {
    mean(axes: Array(2..<Swift.max(rank, 2)), file: file, line: line)
  }

  /// The maximum over all spatial axes of `[batch, channels, spatial…]`: `[batch, channels]`.
  public func globalMaxPool(file: StaticString = #file, line: UInt = #line) -> Tensor {
    max(axes: Array(2..<Swift.max(rank, 2)), file: file, line: line)
  }

  /// The `power`-norm under each window: (Σ xᵖ)^(1/p), of the sum's absolute value as PyTorch has it, and 0 where the sum
  /// is negative.
  public func lpPool(
    power: Double, kernel: PerAxis, stride: PerAxis? = nil, ceiling: Bool = false, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let count = kernel.values(Swift.max(rank - 2, 0), "lp_pool: kernel", file: file, line: line).reduce(1, *)
    let mean = self.power(power).averagePool(kernel: kernel, stride: stride, ceiling: ceiling, file: file, line: line)
    return (mean.relu() * Double(count)).power(1 / power)
  }

  /// The spatial axes of `[batch, channels, spatial…]` brought to other lengths. PyTorch's `bilinear` is the default; its
  /// `nearest` is `.nearestFloor` with `.asymmetric`, its `nearest-exact` `.nearestHalfUp` with `.halfPixel`.
  public func resized(
    to size: [Int], mode: ResizeOperator.Mode = .linear, coordinates: ResizeOperator.Coordinates = .halfPixel,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    resized(to: size.map { Dimension($0) }, mode: mode, coordinates: coordinates, file: file, line: line)
  }

  /// As above, to lengths that may be known only when a graph runs: twice as many, `[2 * x.dimension(2), 2 * x.dimension(3)]`.
  public func resized(
    to size: [Dimension], mode: ResizeOperator.Mode = .linear, coordinates: ResizeOperator.Coordinates = .halfPixel,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(ResizeOperator(mode, coordinates, size: size), self, file: file, line: line)
  }

  /// `[batch, channels · r², height, width]` as `[batch, channels, height · r, width · r]` (Shi et al., arXiv:1609.05158).
  public func pixelShuffled(_ factor: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    guard rank == 4, factor > 0, shape[1] % (factor * factor) == 0 else {
      fatalError(
        "pixel_shuffle: \(shape) by \(factor); [batch, channels · factor², height, width] is expected",
        file: file, line: line)
    }
    let r = Dimension(factor)
    let (batch, channels, height, width) = (
      dimension(0), dimension(1) / Dimension(factor * factor), dimension(2), dimension(3)
    )
    return reshaped([batch, channels, r, r, height, width]).transposed([0, 1, 4, 2, 5, 3])
      .reshaped([batch, channels, height * r, width * r])
  }

  /// `[batch, channels, height · r, width · r]` as `[batch, channels · r², height, width]`: undoes
  /// ``pixelShuffled(_:file:line:)``.
  public func pixelUnshuffled(_ factor: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let isEven = rank == 4 && factor > 0 && [2, 3].allSatisfy { (dimension($0).known ?? factor) % factor == 0 }
    guard isEven else {
      fatalError(
        "pixel_unshuffle: \(shape) by \(factor); [batch, channels, height · factor, width · factor] is expected",
        file: file, line: line)
    }
    let r = Dimension(factor)
    let (batch, channels, height, width) = (dimension(0), dimension(1), dimension(2) / r, dimension(3) / r)
    return reshaped([batch, channels, height, r, width, r]).transposed([0, 1, 3, 5, 2, 4])
      .reshaped([batch, channels * r * r, height, width])
  }
}
