// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor
import DeepSeekStatic

/// Element types.
extension tf {
  /// `.float16`.
  @available(*, deprecated, message: "use DType.float16")
  public static var float16: DType { .float16 }
  /// `.bfloat16`.
  @available(*, deprecated, message: "use DType.bfloat16")
  public static var bfloat16: DType { .bfloat16 }
  /// `.float32`.
  @available(*, deprecated, message: "use DType.float32")
  public static var float32: DType { .float32 }
  /// `.float64`.
  @available(*, deprecated, message: "use DType.float64")
  public static var float64: DType { .float64 }
  /// `.int32`.
  @available(*, deprecated, message: "use DType.int32")
  public static var int32: DType { .int32 }
  /// `.int64`.
  @available(*, deprecated, message: "use DType.int64")
  public static var int64: DType { .int64 }
  /// `.bool`.
  @available(*, deprecated, message: "use DType.bool")
  public static var bool: DType { .bool }
}

/// Tensors made from nothing.
extension tf {
  /// A tensor of a number or of nested arrays.
  @available(*, deprecated, message: "use Tensor(values, dtype:)")
  public static func constant<Values: NestedElements>(_ values: Values, _ dtype: DType? = nil) -> DeepSeekTensor.Tensor
  {
    DeepSeekTensor.Tensor(values, dtype: dtype)
  }

  /// Zeros.
  @available(*, deprecated, renamed: "Tensor.zeros(_:dtype:)")
  public static func zeros(_ shape: Shape, _ dtype: DType = .float32) -> DeepSeekTensor.Tensor {
    .zeros(shape, dtype: dtype)
  }

  /// Ones.
  @available(*, deprecated, renamed: "Tensor.ones(_:dtype:)")
  public static func ones(_ shape: Shape, _ dtype: DType = .float32) -> DeepSeekTensor.Tensor {
    .ones(shape, dtype: dtype)
  }

  /// Zeros of the shape and type of another.
  @available(*, deprecated, renamed: "Tensor.zeros(like:)")
  public static func zerosLike(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    .zeros(like: x.tensorOperand)
  }

  /// Zeros of the shape and type of another.
  @available(*, deprecated, renamed: "Tensor.zeros(like:)")
  public static func zeros_like(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    .zeros(like: x.tensorOperand)
  }

  /// Ones of the shape and type of another.
  @available(*, deprecated, renamed: "Tensor.ones(like:)")
  public static func onesLike(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    .ones(like: x.tensorOperand)
  }

  /// Ones of the shape and type of another.
  @available(*, deprecated, renamed: "Tensor.ones(like:)")
  public static func ones_like(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    .ones(like: x.tensorOperand)
  }

  /// A shape filled with a number.
  @available(*, deprecated, renamed: "Tensor.full")
  public static func fill(_ shape: Shape, _ value: Double) -> DeepSeekTensor.Tensor {
    .full(shape, value)
  }

  /// 0 and on.
  @available(*, deprecated, renamed: "Tensor.range")
  public static func range(_ count: Int) -> DeepSeekTensor.Tensor {
    DeepSeekTensor.Tensor.range(count).cast(to: .int32)
  }

  /// Numbers at equal distances.
  @available(*, deprecated, renamed: "Tensor.linspace(_:_:count:)")
  public static func linspace(_ start: Double, _ stop: Double, _ count: Int) -> DeepSeekTensor.Tensor {
    .linspace(start, stop, count: count)
  }

  /// An identity matrix.
  @available(*, deprecated, renamed: "Tensor.eye")
  public static func eye(_ rows: Int, _ columns: Int? = nil) -> DeepSeekTensor.Tensor {
    .eye(rows, columns)
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, renamed: "Tensor.randomNormal(_:mean:standardDeviation:)")
  public static func randomNormal(_ shape: Shape, mean: Double = 0, stddev: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { .randomNormal(shape, mean: mean, standardDeviation: stddev) }
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, renamed: "Tensor.randomNormal(_:mean:standardDeviation:)")
  public static func random_normal(_ shape: Shape, mean: Double = 0, stddev: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { .randomNormal(shape, mean: mean, standardDeviation: stddev) }
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, message: "use Tensor.randomUniform(shape, low, high)")
  public static func randomUniform(_ shape: Shape, minval: Double = 0, maxval: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { .randomUniform(shape, minval, maxval) }
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, message: "use Tensor.randomUniform(shape, low, high)")
  public static func random_uniform(_ shape: Shape, minval: Double = 0, maxval: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { .randomUniform(shape, minval, maxval) }
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, message: "use Tensor.randomTruncatedNormal(shape) * deviation + mean")
  public static func truncatedNormal(_ shape: Shape, mean: Double = 0, stddev: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { DeepSeekTensor.Tensor.randomTruncatedNormal(shape) * stddev + mean }
  }

  /// Numbers of the graph, drawn anew in each run.
  @available(*, deprecated, message: "use Tensor.randomTruncatedNormal(shape) * deviation + mean")
  public static func truncated_normal(_ shape: Shape, mean: Double = 0, stddev: Double = 1) -> DeepSeekTensor.Tensor {
    StaticGraph.current.building { DeepSeekTensor.Tensor.randomTruncatedNormal(shape) * stddev + mean }
  }
}
