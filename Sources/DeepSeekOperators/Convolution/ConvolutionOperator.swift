import CDeepSeekKernels
public import DeepSeekTensor

/// A kernel slid over one to three spatial axes (a cross-correlation: the kernel is not mirrored).
///
/// Input `[batch, channels, spatial…]` and weight `[outputs, channels / groups, kernel…]` give `[batch, outputs, places…]`.
public struct ConvolutionOperator: Operator {
  /// The window; its kernel sizes are the weight's.
  public let window: Window
  /// Into how many groups the channels are divided; each group of outputs sees one group of inputs.
  public let groups: Int

  /// With this window and so many groups.
  public init(_ window: Window, groups: Int) {
    self.window = window
    self.groups = groups
  }

  /// `convolution`.
  public var name: String { "convolution" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  /// Inputs: x, weight and, if wanted, a bias `[outputs]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...3)
    let (x, weight) = (inputs[0], inputs[1])
    try expectConvolution(x, weight, window, groups)
    guard x.shape.dimension(1) == weight.shape.dimension(1) * Dimension(groups) else {
      throw mismatch(
        "input \(x.shape) and weight \(weight.shape) with \(groups) groups; [batch, channels, spatial…] and "
          + "[outputs, channels / groups, kernel…] are expected")
    }
    if inputs.count == 3 { try expectChannels(inputs[2], weight.shape.dimension(0), x.dtype, "bias") }
    var lengths = [x.shape.dimension(0), weight.shape.dimension(0)]
    for axis in 0..<window.spatial { lengths.append(try window.places(axis, x.shape.dimension(axis + 2), in: name)) }
    return [TensorSpec(x.dtype, Shape(lengths))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var view = window.kernelWindow
    let status = withOptionalView(inputs.count == 3 ? inputs[2] : nil) { bias in
      withViews(inputs[0], inputs[1], outputs[0]) { ds_convolution($0, $1, bias, &view, Int64(groups), $2) }
    }
    try check(status, self, inputs)
  }

  /// The other side of each side whose gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { productResiduals(gradients) }

  /// The transposed convolution, the weight's gradient, and a sum.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    let size = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    var result: [Tensor?] = [nil, nil]
    if context.wants(0) {
      result[0] = apply(ConvolutionTransposedOperator(window, groups: groups, size: size), g, context.input(1))
    }
    if context.wants(1) {
      result[1] = apply(ConvolutionWeightGradientOperator(window, groups: groups), context.input(0), g)
    }
    if context.inputCount == 3 { result.append(context.wants(2) ? g.channelSum() : nil) }
    return result
  }
}

/// The transposed convolution, which is the gradient of ``ConvolutionOperator`` with respect to its input.
///
/// Input `[batch, channels, places…]` and weight `[channels, outputs / groups, kernel…]` give `[batch, outputs, size…]`.
public struct ConvolutionTransposedOperator: Operator {
  /// The window of the convolution that it undoes.
  public let window: Window
  /// Into how many groups the channels are divided.
  public let groups: Int
  /// The spatial lengths of the output: several have the input's places, and this picks one.
  public let size: [Dimension]

  /// With this window, so many groups, to this size.
  public init(_ window: Window, groups: Int, size: [Dimension]) {
    self.window = window
    self.groups = groups
    self.size = size
  }

  /// `convolution_transposed`.
  public var name: String { "convolution_transposed" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  /// Inputs: y, weight and, if wanted, a bias `[outputs]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...3)
    let (y, weight) = (inputs[0], inputs[1])
    try expectConvolution(y, weight, window, groups)
    guard y.shape.dimension(1) == weight.shape.dimension(0) else {
      throw mismatch(
        "input \(y.shape) and weight \(weight.shape); [batch, channels, places…] and "
          + "[channels, outputs / groups, kernel…] are expected")
    }
    let channels = weight.shape.dimension(1) * Dimension(groups)
    if inputs.count == 3 { try expectChannels(inputs[2], channels, y.dtype, "bias") }
    guard size.count == window.spatial else { throw mismatch("size \(size) for \(window.spatial) spatial axes") }
    for axis in 0..<window.spatial {
      let places = try window.places(axis, size[axis], in: name)
      if let places = places.known, let given = y.shape.dimension(axis + 2).known, places != given {
        throw mismatch(
          "size \(size) has \(places) places along spatial axis \(axis), the input \(y.shape) has \(given)")
      }
    }
    return [TensorSpec(y.dtype, Shape([y.shape.dimension(0), channels] + size))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var view = window.kernelWindow
    let status = withOptionalView(inputs.count == 3 ? inputs[2] : nil) { bias in
      withViews(inputs[0], inputs[1], outputs[0]) { ds_convolution_transposed($0, $1, bias, &view, Int64(groups), $2) }
    }
    try check(status, self, inputs)
  }

  /// The other side of each side whose gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { productResiduals(gradients) }

  /// The convolution, the weight's gradient, and a sum.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    var result: [Tensor?] = [nil, nil]
    if context.wants(0) {
      let slope = apply(ConvolutionOperator(window, groups: groups), g, context.input(1))
      // Lengths that are open are computed there and back again: the same numbers by another expression.
      let shape = context.inputSpec(0).shape
      result[0] = slope.shape == shape ? slope : slope.reshaped(shape)
    }
    if context.wants(1) {
      result[1] = apply(ConvolutionWeightGradientOperator(window, groups: groups), g, context.input(0))
    }
    if context.inputCount == 3 { result.append(context.wants(2) ? g.channelSum() : nil) }
    return result
  }

  /// With the symbols in the size replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> ConvolutionTransposedOperator {
    ConvolutionTransposedOperator(window, groups: groups, size: size.map { $0.resolved(bindings) })
  }
}

/// The gradient of ``ConvolutionOperator`` with respect to its weight.
public struct ConvolutionWeightGradientOperator: Operator {
  /// The window.
  public let window: Window
  /// Into how many groups the channels are divided.
  public let groups: Int

  /// With this window and so many groups.
  public init(_ window: Window, groups: Int) {
    self.window = window
    self.groups = groups
  }

  /// `convolution_weight_gradient`.
  public var name: String { "convolution_weight_gradient" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  /// Inputs: x and the upstream gradient. Output: `[outputs, channels / groups, kernel…]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let (x, g) = (inputs[0], inputs[1])
    try expectFloating(x)
    try window.validate(rank: x.shape.rank, in: name)
    guard x.dtype == g.dtype, g.shape.rank == x.shape.rank else { throw mismatch("input \(x) and gradient \(g)") }
    let lengths = [g.shape.dimension(1), x.shape.dimension(1) / Dimension(groups)]
    return [TensorSpec(x.dtype, Shape(lengths + window.kernel.map { Dimension($0) }))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var view = window.kernelWindow
    let status = withViews(inputs[0], inputs[1], outputs[0]) {
      ds_convolution_weight_gradient($0, $1, &view, Int64(groups), $2)
    }
    try check(status, self, inputs)
  }

  /// The other side of each side whose gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { productResiduals(gradients) }

  /// Transposed convolution and convolution with the upstream gradient as the weight.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let size = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    let g = context.gradient
    return [
      context.wants(0)
        ? apply(ConvolutionTransposedOperator(window, groups: groups, size: size), context.input(1), g) : nil,
      context.wants(1) ? apply(ConvolutionOperator(window, groups: groups), context.input(0), g) : nil,
    ]
  }
}

extension Operator {
  /// What a product's gradients read: each side the other.
  func productResiduals(_ gradients: IndexSet64) -> Residuals {
    var inputs = IndexSet64()
    if gradients.contains(0) { inputs.insert(1) }
    if gradients.contains(1) { inputs.insert(0) }
    return Residuals(inputs: inputs)
  }

  /// Checks types, ranks and kernel sizes of a convolution.
  fileprivate func expectConvolution(_ x: TensorSpec, _ weight: TensorSpec, _ window: Window, _ groups: Int) throws {
    try expectFloating(x)
    guard x.dtype == weight.dtype else { throw mismatch("the input is \(x.dtype), the weight \(weight.dtype)") }
    try window.validate(rank: x.shape.rank, in: name)
    guard weight.shape.rank == x.shape.rank,
      Array(weight.shape.dimensions.dropFirst(2)) == window.kernel.map({ Dimension($0) })
    else { throw mismatch("weight \(weight.shape) for a window of \(window.kernel) and input \(x.shape)") }
    if groups < 1 || (weight.shape.dimension(0).known ?? groups) % groups != 0 {
      throw mismatch("\(groups) groups do not divide weight \(weight.shape)")
    }
  }

  /// Checks a tensor of one number for each channel.
  func expectChannels(_ spec: TensorSpec, _ channels: Dimension, _ dtype: DType, _ what: String) throws {
    guard spec == TensorSpec(dtype, Shape([channels])) else {
      throw mismatch("\(what) \(spec); \(dtype)\(Shape([channels])), one number for each channel, is expected")
    }
  }
}

/// Calls `body` with the kernel view of a tensor that may not be there.
func withOptionalView<Result>(_ tensor: Tensor?, _ body: (UnsafePointer<ds_view>?) -> Result) -> Result {
  guard let tensor else { return body(nil) }
  var view = tensor.kernelView
  return withExtendedLifetime(tensor) { body(&view) }
}

extension Tensor {
  /// Summed over all axes but the second.
  func channelSum() -> Tensor { sum(axes: (0..<rank).filter { $0 != 1 }) }

  /// `[n]` as `[1, n, 1, …]`: one number for each channel of a tensor of this rank.
  func perChannel(rank: Int) -> Tensor {
    reshaped([1, dimension(0)] + Array(repeating: Dimension(1), count: rank - 2))
  }
}
