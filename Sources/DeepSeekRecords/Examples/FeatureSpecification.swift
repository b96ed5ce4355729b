public import DeepSeekTensor

/// What a feature of an example is to become.
public struct FeatureSpecification: Sendable, Hashable {
  /// How many elements an example has.
  public enum Length: Sendable, Hashable {
    /// As many as this shape has, in every example.
    case fixed(Shape)
    /// Any number.
    case variable
  }

  /// How many elements an example has.
  public let length: Length
  /// The element type of the tensor; `nil` for strings of bytes.
  public let dtype: DType?
  /// What an example without the feature has: one element for all, or as many as the shape; `nil` when it must be there.
  public let defaultValue: Feature?

  /// As many numbers as the shape has (TensorFlow's `FixedLenFeature`). Floating types are read from float features,
  /// integers and `bool` from integer features, and cast.
  public static func fixed(_ shape: Shape, _ dtype: DType, default value: Feature? = nil) -> FeatureSpecification {
    FeatureSpecification(length: .fixed(shape), dtype: dtype, defaultValue: value)
  }

  /// Any number of numbers (TensorFlow's `VarLenFeature`).
  public static func variable(_ dtype: DType) -> FeatureSpecification {
    FeatureSpecification(length: .variable, dtype: dtype, defaultValue: nil)
  }

  /// As many strings of bytes as the shape has.
  public static func fixedBytes(_ shape: Shape = [], default value: Feature? = nil) -> FeatureSpecification {
    FeatureSpecification(length: .fixed(shape), dtype: nil, defaultValue: value)
  }

  /// Any number of strings of bytes.
  public static let variableBytes = FeatureSpecification(length: .variable, dtype: nil, defaultValue: nil)

  /// Which of a feature's lists the elements stand in.
  var field: Int {
    guard let dtype else { return ExampleFields.bytes }
    return dtype.isFloatingPoint ? ExampleFields.floats : ExampleFields.integers
  }
}

/// One feature of a batch of examples.
public enum FeatureColumn: Sendable {
  /// A fixed number of numbers each: `[batch, shape…]`.
  case tensor(Tensor)
  /// Any number of numbers each: all of them one after the other, `[total]`, and how many are each example's.
  case ragged(values: Tensor, lengths: [Int])
  /// Strings of bytes: all of them one after the other, and how many are each example's.
  case bytes([[UInt8]], lengths: [Int])

  /// A tensor `[batch, length]` (for fixed features the tensor itself), with `value` where an example has fewer elements;
  /// `nil` for strings.
  ///
  /// - Parameters:
  ///   - length: How many elements each example gets, further ones being cut; that of the longest when left out.
  ///   - value: What fills the rest.
  public func padded(to length: Int? = nil, with value: Double = 0) -> Tensor? {
    switch self {
    case .tensor(let tensor): return tensor
    case .bytes: return nil
    case .ragged(let values, let lengths):
      let width = length ?? lengths.max() ?? 0
      let result = Tensor.full([lengths.count, width], value, dtype: values.dtype)
      let size = values.dtype.byteCount
      values.withUnsafeBytes { source in
        var start = 0
        for (row, count) in lengths.enumerated() {
          let kept = min(count, width) * size
          if kept > 0 {
            (result.pointer + row * width * size).copyMemory(from: source.baseAddress! + start * size, byteCount: kept)
          }
          start += count
        }
      }
      return result
    }
  }
}
