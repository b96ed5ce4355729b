/// What is known of a tensor before it is computed: its element type and shape, and its value where a shape rule may
/// depend on it.
public struct TensorSpec: Sendable, Hashable {
  /// The element type.
  public var dtype: DType
  /// The shape; lengths may be symbols while a graph is built.
  public var shape: Shape
  /// The value, when it is known and small: shape rules that read a tensor (a reshape to lengths computed elsewhere)
  /// look here.
  public var value: Tensor?

  /// A specification without a known value.
  @inline(__always)
  public init(_ dtype: DType, _ shape: Shape, value: Tensor? = nil) {
    self.dtype = dtype
    self.shape = shape
    self.value = value
  }

  /// Equal element type and shape.
  public static func == (left: TensorSpec, right: TensorSpec) -> Bool {
    left.dtype == right.dtype && left.shape == right.shape
  }

  /// Hashes element type and shape.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(dtype)
    hasher.combine(shape)
  }
}

extension TensorSpec: CustomStringConvertible {
  /// `float32[2, 3]`.
  public var description: String { "\(dtype)\(shape)" }
}
