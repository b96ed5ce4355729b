import CDeepSeekKernels
public import DeepSeekTensor

/// What a sliding window sees at each place, written out: `[batch, channels, spatial…]` gives `[batch, channels, kernel…,
/// places…]`, with zeros for padding.
public struct UnfoldOperator: Operator {
  /// The window.
  public let window: Window

  /// With this window.
  public init(_ window: Window) { self.window = window }

  /// `unfold`.
  public var name: String { "unfold" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Kernel sizes and places after the leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    let shape = inputs[0].shape
    try window.validate(rank: shape.rank, in: name)
    var lengths = Array(shape.dimensions.prefix(2)) + window.kernel.map { Dimension($0) }
    for axis in 0..<window.spatial { lengths.append(try window.places(axis, shape.dimension(axis + 2), in: name)) }
    return [TensorSpec(inputs[0].dtype, Shape(lengths))]
  }

  /// A strided copy of the padded input.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    let padded = Tensor(uninitialized: inputs[0].dtype, window.paddedShape(inputs[0].shape))
    let before = [0, 0] + window.before.map { Int64($0) }
    let after = [0, 0] + window.after.map { Int64($0) }
    let status = withViews(inputs[0], padded) { ds_pad($0, before, after, DS_PAD_CONSTANT, nil, $1) }
    try check(status, self, inputs)
    let spatial = (0..<window.spatial).map { padded.layout.stride($0 + 2) }
    let strides =
      [padded.layout.stride(0), padded.layout.stride(1)] + zip(spatial, window.dilation).map { $0 * $1 }
      + zip(spatial, window.stride).map { $0 * $1 }
    padded.viewed(Layout(outputs[0].shape, strides: strides, offset: 0)).copyElements(to: outputs[0])
  }

  /// Each element's gradients added up where it was seen.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let size = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    return [apply(FoldOperator(window, size: size), context.gradient)]
  }
}

/// What windows hold added up where they lie: `[batch, channels, kernel…, places…]` gives `[batch, channels, size…]`; the
/// gradient of ``UnfoldOperator``.
public struct FoldOperator: Operator {
  /// The window.
  public let window: Window
  /// The spatial lengths of the result.
  public let size: [Dimension]

  /// With this window, to this size.
  public init(_ window: Window, size: [Dimension]) {
    self.window = window
    self.size = size
  }

  /// `fold`.
  public var name: String { "fold" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The size after the leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    guard inputs[0].shape.rank == 2 + 2 * window.spatial else {
      throw mismatch("input \(inputs[0].shape); [batch, channels, kernel…, places…] is expected")
    }
    let target = TensorSpec(inputs[0].dtype, Shape(Array(inputs[0].shape.dimensions.prefix(2)) + size))
    let unfolded = try UnfoldOperator(window).infer([target])[0]
    guard unfolded == inputs[0] else { throw mismatch("input \(inputs[0]); \(unfolded) is expected") }
    return [target]
  }

  /// One strided sum for each element of the window; halves are summed in `float32` and rounded once.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    let (out, spatial) = (outputs[0], window.spatial)
    let type = out.dtype.statistics
    let source = inputs[0].converted(to: type)
    let sums = Tensor.zeros(window.paddedShape(out.shape), dtype: type)
    let places = Shape(Array(source.shape.prefix(2)) + Array(source.shape.suffix(spatial)))
    let scratch = Tensor(uninitialized: type, places)
    for tap in 0..<window.kernel.reduce(1, *) {
      var (rest, from, to) = (tap, source.layout.offset, 0)
      var strides = [sums.layout.stride(0), sums.layout.stride(1)]
      for axis in (0..<spatial).reversed() {
        let index = rest % window.kernel[axis]
        rest /= window.kernel[axis]
        from += index * source.layout.stride(axis + 2)
        to += index * window.dilation[axis] * sums.layout.stride(axis + 2)
      }
      for axis in 0..<spatial { strides.append(window.stride[axis] * sums.layout.stride(axis + 2)) }
      let given = Array(source.layout.strides.prefix(2)) + Array(source.layout.strides.suffix(spatial))
      let seen = source.viewed(Layout(places, strides: given, offset: from))
      let there = sums.viewed(Layout(places, strides: strides, offset: to))
      try check(withViews(seen, there, scratch) { ds_binary(DS_BINARY_ADD, $0, $1, $2) }, self, inputs)
      scratch.copyElements(to: there)
    }
    let inside = (0..<spatial).reduce(sums.layout) {
      $0.sliced(axis: $1 + 2, start: window.before[$1], count: out.shape[$1 + 2], step: 1)
    }
    sums.viewed(inside).copyElements(to: out)
  }

  /// What the windows see of the upstream gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(UnfoldOperator(window), context.gradient)] }

  /// With the symbols in the size replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> FoldOperator {
    FoldOperator(window, size: size.map { $0.resolved(bindings) })
  }
}

extension Window {
  /// The shape of an input with its padding.
  fileprivate func paddedShape(_ shape: Shape) -> Shape {
    Shape(Array(shape.prefix(2)) + (0..<spatial).map { shape[$0 + 2] + before[$0] + after[$0] })
  }
}

extension Tensor {
  /// What a sliding window sees of `[batch, channels, spatial…]`, as columns: `[batch, channels · kernel, places]`, as
  /// PyTorch's `unfold` (im2col).
  public func unfolded(
    kernel: PerAxis, stride: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let sizes = kernel.values(Swift.max(rank - 2, 0), "unfold: kernel", file: file, line: line)
    let window = Window(
      "unfold", over: shape, kernel: sizes, stride: stride, padding: padding, dilation: dilation, file: file, line: line
    )
    let columns = apply(UnfoldOperator(window), self, file: file, line: line)
    let split = 2 + sizes.count
    return columns.reshaped([
      dimension(0), columns.shape.product(1..<split), columns.shape.product(split..<columns.rank),
    ])
  }

  /// Columns `[batch, channels · kernel, places]` added up where they lie in `[batch, channels, size…]`, as PyTorch's `fold`
  /// (col2im).
  public func folded(
    size: [Int], kernel: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let sizes = kernel.values(size.count, "fold: kernel", file: file, line: line)
    let window = Window(
      "fold", over: Shape(size), kernel: sizes, stride: stride, padding: .both(padding), dilation: dilation, file: file,
      line: line)
    let taps = sizes.reduce(1, *)
    guard rank == 3, taps > 0, shape[1] % taps == 0 else {
      fatalError(
        "fold: \(shape) for a window of \(sizes); [batch, channels · kernel, places] is expected",
        file: file, line: line)
    }
    do {
      let places = try size.indices.map { try window.places($0, Dimension(size[$0]), in: "fold") }
      let lengths = [dimension(0), dimension(1) / Dimension(taps)] + sizes.map { Dimension($0) } + places
      let columns = reshaped(lengths, file: file, line: line)
      return apply(FoldOperator(window, size: size.map { Dimension($0) }), columns, file: file, line: line)
    } catch {
      fatalError("\(error)", file: file, line: line)
    }
  }
}
