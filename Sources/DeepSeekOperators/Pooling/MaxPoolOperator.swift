import CDeepSeekKernels
public import DeepSeekTensor

/// The maximum under each window; NaN above all. Outputs: the maxima and where in the input's spatial part, counted in
/// row-major order, they were (`int64`; the first of several, -1 for a window wholly in the padding).
public struct MaxPoolOperator: Operator {
  /// Where the windows are.
  public let places: PoolPlaces

  /// With windows at these places.
  public init(_ places: PoolPlaces) { self.places = places }

  /// `max_pool`.
  public var name: String { "max_pool" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The input is `[batch, channels, spatial…]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    let shape = try places.outputShape(inputs[0].shape, in: name)
    return [TensorSpec(inputs[0].dtype, shape), TensorSpec(.int64, shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0], outputs[1]) { x, values, indices in
      switch places {
      case .windows(let window, _):
        var view = window.kernelWindow
        return ds_max_pool(x, &view, values, indices)
      case .adaptive: return ds_adaptive_max_pool(x, values, indices)
      }
    }
    try check(status, self, inputs)
  }

  /// Where the maxima were.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [1]) }

  /// The upstream gradient added up where the maxima were.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let size = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    return [apply(MaxPoolGradientOperator(size), context.gradient, context.output(1))]
  }
}

/// Elements added up at the indices that ``MaxPoolOperator`` gave, in planes of zeros: its gradient, and unpooling.
public struct MaxPoolGradientOperator: Operator {
  /// The spatial lengths of the result.
  public let size: [Dimension]

  /// In planes of this size.
  public init(_ size: [Dimension]) { self.size = size }

  /// `max_pool_gradient`.
  public var name: String { "max_pool_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: the elements and their indices, of one shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    try expectFloating(inputs[0])
    guard inputs[1] == TensorSpec(.int64, inputs[0].shape), inputs[0].shape.rank == size.count + 2 else {
      throw mismatch("gradient \(inputs[0]) and indices \(inputs[1]) for planes of \(size)")
    }
    let leading = [inputs[0].shape.dimension(0), inputs[0].shape.dimension(1)]
    return [TensorSpec(inputs[0].dtype, Shape(leading + size))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_max_pool_backward($0, $1, $2) }, self, inputs)
  }

  /// The indices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [1]) }

  /// The elements of the upstream gradient at the indices.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (g, indices) = (context.gradient, context.input(1))
    let (batch, channels) = (g.dimension(0), g.dimension(1))
    let flat = indices.reshaped([batch, channels, indices.shape.product(2..<indices.rank)])
    let planes = g.reshaped([batch, channels, g.shape.product(2..<g.rank)])
    // -1, a window wholly in the padding, must not count from the end.
    let picked = planes.gather(axis: 2, flat.maximum(0))
    let zero = Tensor.zeros([], dtype: g.dtype)
    return [Tensor.select(flat.less(than: 0), zero, picked).reshaped(indices.shape), nil]
  }

  /// With the symbols in the size replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> MaxPoolGradientOperator {
    MaxPoolGradientOperator(size.map { $0.resolved(bindings) })
  }
}
