import CDeepSeekKernels
public import DeepSeekTensor

/// The spatial axes brought to other lengths, by blending neighbours or taking the nearer one.
public struct ResizeOperator: Operator {
  /// What an output element is made of.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// The two neighbours on each axis, blended: linear, bilinear, trilinear.
    case linear
    /// The nearer one, rounded down.
    case nearestFloor = "nearest_floor"
    /// The nearer one, rounded up.
    case nearestCeil = "nearest_ceil"
    /// The nearer one, halves down.
    case nearestHalfDown = "nearest_half_down"
    /// The nearer one, halves up.
    case nearestHalfUp = "nearest_half_up"

    var kernel: ds_resize_mode {
      switch self {
      case .linear: DS_RESIZE_LINEAR
      case .nearestFloor: DS_RESIZE_NEAREST_FLOOR
      case .nearestCeil: DS_RESIZE_NEAREST_CEIL
      case .nearestHalfDown: DS_RESIZE_NEAREST_HALF_DOWN
      case .nearestHalfUp: DS_RESIZE_NEAREST_HALF_UP
      }
    }
  }

  /// Which place of the input an output place o shows.
  public enum Coordinates: String, Sendable, Hashable, Codable, CaseIterable {
    /// (o + ½) scale - ½.
    case halfPixel = "half_pixel"
    /// o (input - 1) / (output - 1).
    case alignCorners = "align_corners"
    /// o scale.
    case asymmetric

    var kernel: ds_resize_coordinates {
      switch self {
      case .halfPixel: DS_RESIZE_HALF_PIXEL
      case .alignCorners: DS_RESIZE_ALIGN_CORNERS
      case .asymmetric: DS_RESIZE_ASYMMETRIC
      }
    }
  }

  /// What an output element is made of.
  public let mode: Mode
  /// Which place of the input it shows.
  public let coordinates: Coordinates
  /// The new spatial lengths.
  public let size: [Dimension]
  /// Input over output for each spatial axis; empty for the ratio of the lengths.
  public let scales: [Double]

  /// To this size.
  public init(_ mode: Mode, _ coordinates: Coordinates, size: [Dimension], scales: [Double] = []) {
    self.mode = mode
    self.coordinates = coordinates
    self.size = size
    self.scales = scales
  }

  /// `resize`.
  public var name: String { "resize" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The input is `[batch, channels, spatial…]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    let shape = inputs[0].shape
    guard (1...3).contains(size.count), shape.rank == size.count + 2, scales.isEmpty || scales.count == size.count
    else {
      throw mismatch("size \(size), scales \(scales) for input \(shape); [batch, channels, spatial…] is expected")
    }
    for axis in size.indices where shape.dimension(axis + 2) == 0 && size[axis] != 0 {
      throw mismatch("spatial axis \(axis) of \(shape) has no elements to show")
    }
    return [TensorSpec(inputs[0].dtype, Shape(Array(shape.dimensions.prefix(2)) + size))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) { x, out in
      ds_resize(x, mode.kernel, coordinates.kernel, scales.isEmpty ? nil : scales, out)
    }
    try check(status, self, inputs)
  }

  /// Each element's gradient given back to what it was made of.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let source = Array(context.inputSpec(0).shape.dimensions.dropFirst(2))
    return [apply(ResizeGradientOperator(self, source), context.gradient)]
  }

  /// With the symbols in the size replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> ResizeOperator {
    ResizeOperator(mode, coordinates, size: size.map { $0.resolved(bindings) }, scales: scales)
  }
}

/// The gradient of ``ResizeOperator``.
public struct ResizeGradientOperator: Operator {
  /// The resizing.
  public let resize: ResizeOperator
  /// The spatial lengths of its input.
  public let source: [Dimension]

  /// For a resizing of inputs of this spatial size.
  public init(_ resize: ResizeOperator, _ source: [Dimension]) {
    self.resize = resize
    self.source = source
  }

  /// `resize_gradient`.
  public var name: String { "resize_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The resized shape gives its source's.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let target = Shape(Array(inputs[0].shape.dimensions.prefix(2)) + source)
    let resized = try resize.infer([TensorSpec(inputs[0].dtype, target)])[0]
    guard resized == inputs[0] else { throw mismatch("gradient \(inputs[0]); \(resized) is expected") }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) { dy, dx in
      ds_resize_backward(
        dy, resize.mode.kernel, resize.coordinates.kernel, resize.scales.isEmpty ? nil : resize.scales, dx)
    }
    try check(status, self, inputs)
  }

  /// The resizing.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(resize, context.gradient)] }

  /// With the symbols in the sizes replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> ResizeGradientOperator {
    ResizeGradientOperator(resize.resolved(bindings), source.map { $0.resolved(bindings) })
  }
}
