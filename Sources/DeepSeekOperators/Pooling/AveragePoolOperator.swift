import CDeepSeekKernels
public import DeepSeekTensor

/// The mean under each window.
public struct AveragePoolOperator: Operator {
  /// Where the windows are; they have no dilation.
  public let places: PoolPlaces
  /// Whether padding counts as zeros, rather than being left out of the mean.
  public let includesPadding: Bool

  /// With windows at these places.
  public init(_ places: PoolPlaces, includesPadding: Bool = true) {
    self.places = places
    self.includesPadding = includesPadding
  }

  /// `average_pool`.
  public var name: String { "average_pool" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The input is `[batch, channels, spatial…]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    if case .windows(let window, _) = places, window.dilation.contains(where: { $0 != 1 }) {
      throw mismatch("dilation \(window.dilation); an average has none")
    }
    return [TensorSpec(inputs[0].dtype, try places.outputShape(inputs[0].shape, in: name))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) { x, out in
      switch places {
      case .windows(let window, _):
        var view = window.kernelWindow
        return ds_average_pool(x, &view, includesPadding, out)
      case .adaptive: return ds_adaptive_average_pool(x, out)
      }
    }
    try check(status, self, inputs)
  }

  /// Each place's gradient spread over its window.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let size = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    return [apply(AveragePoolGradientOperator(self, size), context.gradient)]
  }
}

/// Each element spread evenly over the window it is the place of: the gradient of ``AveragePoolOperator``.
public struct AveragePoolGradientOperator: Operator {
  /// The pooling.
  public let pooling: AveragePoolOperator
  /// The spatial lengths of its input.
  public let size: [Dimension]

  /// For a pooling of inputs of this spatial size.
  public init(_ pooling: AveragePoolOperator, _ size: [Dimension]) {
    self.pooling = pooling
    self.size = size
  }

  /// `average_pool_gradient`.
  public var name: String { "average_pool_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The pooling's output gives its input's shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let target = Shape(Array(inputs[0].shape.dimensions.prefix(2)) + size)
    let pooled = try pooling.infer([TensorSpec(inputs[0].dtype, target)])[0]
    guard pooled == inputs[0] else { throw mismatch("gradient \(inputs[0]); \(pooled) is expected") }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) { dy, dx in
      switch pooling.places {
      case .windows(let window, _):
        var view = window.kernelWindow
        return ds_average_pool_backward(dy, &view, pooling.includesPadding, dx)
      case .adaptive: return ds_adaptive_average_pool_backward(dy, dx)
      }
    }
    try check(status, self, inputs)
  }

  /// The pooling.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(pooling, context.gradient)] }

  /// With the symbols in the size replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> AveragePoolGradientOperator {
    AveragePoolGradientOperator(pooling, size.map { $0.resolved(bindings) })
  }
}
