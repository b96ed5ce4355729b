// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekOperators
public import DeepSeekTensor

/// Tensors in another form.
extension tf {
  /// In another element type.
  @available(*, deprecated, renamed: "Tensor.cast(self:to:)")
  public static func cast(_ x: some GraphOperand, _ dtype: DType) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: dtype)
  }

  /// In `float32`.
  @available(*, deprecated, message: "use x.cast(to: .float32)")
  public static func toFloat(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .float32)
  }

  /// In `float32`.
  @available(*, deprecated, message: "use x.cast(to: .float32)")
  public static func to_float(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .float32)
  }

  /// In `int32`.
  @available(*, deprecated, message: "use x.cast(to: .int32)")
  public static func toInt32(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .int32)
  }

  /// In `int32`.
  @available(*, deprecated, message: "use x.cast(to: .int32)")
  public static func to_int32(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .int32)
  }

  /// In `int64`.
  @available(*, deprecated, message: "use x.cast(to: .int64)")
  public static func toInt64(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .int64)
  }

  /// In `int64`.
  @available(*, deprecated, message: "use x.cast(to: .int64)")
  public static func to_int64(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.cast(to: .int64)
  }

  /// In another shape; one length may be -1.
  @available(*, deprecated, renamed: "Tensor.reshaped(self:_:)")
  public static func reshape(_ x: some GraphOperand, _ shape: [Int]) -> DeepSeekTensor.Tensor {
    x.tensorOperand.reshaped(shape)
  }

  /// The axes in reverse.
  @available(*, deprecated, renamed: "Tensor.transposed(self:)")
  public static func transpose(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.transposed() }

  /// The axes in another order.
  @available(*, deprecated, renamed: "Tensor.transposed(self:_:)")
  public static func transpose(_ x: some GraphOperand, perm: [Int]) -> DeepSeekTensor.Tensor {
    x.tensorOperand.transposed(perm)
  }

  /// With an axis of length 1 more.
  @available(*, deprecated, renamed: "Tensor.expanded(self:_:)")
  public static func expandDims(_ x: some GraphOperand, _ axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.expanded(axis)
  }

  /// With an axis of length 1 more.
  @available(*, deprecated, renamed: "Tensor.expanded(self:_:)")
  public static func expand_dims(_ x: some GraphOperand, _ axis: Int) -> DeepSeekTensor.Tensor {
    x.tensorOperand.expanded(axis)
  }

  /// Without axes of length 1.
  @available(*, deprecated, renamed: "Tensor.squeezed(self:)")
  public static func squeeze(_ x: some GraphOperand) -> DeepSeekTensor.Tensor { x.tensorOperand.squeezed() }

  /// Without these axes of length 1.
  @available(*, deprecated, message: "use x.squeezed(axis), for each axis")
  public static func squeeze(_ x: some GraphOperand, _ axes: [Int]) -> DeepSeekTensor.Tensor {
    let x = x.tensorOperand
    // From the last, so that the others keep their numbers.
    return axes.map { $0 < 0 ? $0 + x.rank : $0 }.sorted(by: >).reduce(x) { $0.squeezed($1) }
  }

  /// Tensors one after another along an axis.
  @available(*, deprecated, renamed: "Tensor.concatenate(_:axis:)")
  public static func concat(_ tensors: [DeepSeekTensor.Tensor], _ axis: Int) -> DeepSeekTensor.Tensor {
    .concatenate(tensors, axis: axis)
  }

  /// Tensors side by side along a new axis.
  @available(*, deprecated, renamed: "Tensor.stack(_:axis:)")
  public static func stack(_ tensors: [DeepSeekTensor.Tensor], axis: Int = 0) -> DeepSeekTensor.Tensor {
    .stack(tensors, axis: axis)
  }

  /// Tensors side by side along a new axis.
  @available(*, deprecated, renamed: "Tensor.stack(_:axis:)")
  public static func pack(_ tensors: [DeepSeekTensor.Tensor], axis: Int = 0) -> DeepSeekTensor.Tensor {
    .stack(tensors, axis: axis)
  }

  /// The slices along an axis, whose length is known.
  @available(*, deprecated, message: "use x.selected(axis, index)")
  public static func unstack(_ x: some GraphOperand, axis: Int = 0) -> [DeepSeekTensor.Tensor] {
    let x = x.tensorOperand
    return (0..<x.shape[axis]).map { x.selected(axis, $0) }
  }

  /// So many equal parts along the first axis.
  @available(*, deprecated, renamed: "Tensor.chunked(self:_:)")
  public static func split(_ x: some GraphOperand, _ count: Int) -> [DeepSeekTensor.Tensor] {
    x.tensorOperand.chunked(count)
  }

  /// So many equal parts along an axis.
  @available(*, deprecated, renamed: "Tensor.chunked(self:_:axis:)")
  public static func split(_ x: some GraphOperand, _ count: Int, axis: Int) -> [DeepSeekTensor.Tensor] {
    x.tensorOperand.chunked(count, axis: axis)
  }

  /// So many times along each axis.
  @available(*, deprecated, renamed: "Tensor.tiled(self:_:)")
  public static func tile(_ x: some GraphOperand, _ counts: [Int]) -> DeepSeekTensor.Tensor {
    x.tensorOperand.tiled(counts)
  }

  /// Zeros before and after along each axis.
  @available(*, deprecated, message: "use x.padded([(before, after), …])")
  public static func pad(_ x: some GraphOperand, _ widths: [[Int]]) -> DeepSeekTensor.Tensor {
    x.tensorOperand.padded(widths.map { ($0[0], $0[1]) })
  }

  /// A part: where it begins and how long it is along each axis, -1 for the rest.
  @available(*, deprecated, message: "use x.sliced(axis, begin..<end)")
  public static func slice(_ x: some GraphOperand, _ begin: [Int], _ size: [Int]) -> DeepSeekTensor.Tensor {
    let x = x.tensorOperand
    return begin.indices.reduce(x) { part, axis in
      size[axis] < 0 && begin[axis] == 0
        ? part
        : part.sliced(axis, begin[axis]..<(size[axis] < 0 ? x.shape[axis] : begin[axis] + size[axis]))
    }
  }

  /// Slices of the first axis by their numbers.
  @available(*, deprecated, message: "use x.take(indices, axis: 0)")
  public static func gather(_ x: some GraphOperand, _ indices: DeepSeekTensor.Tensor) -> DeepSeekTensor.Tensor {
    x.tensorOperand.take(indices, axis: 0)
  }

  /// Slices by their numbers.
  @available(*, deprecated, renamed: "Tensor.take(self:_:axis:)")
  public static func gather(_ x: some GraphOperand, _ indices: DeepSeekTensor.Tensor, axis: Int)
    -> DeepSeekTensor.Tensor
  {
    x.tensorOperand.take(indices, axis: axis)
  }

  /// Numbers as rows of zeros with a one.
  @available(*, deprecated, renamed: "Tensor.oneHot(self:_:)")
  public static func oneHot(_ x: DeepSeekTensor.Tensor, _ depth: Int) -> DeepSeekTensor.Tensor {
    x.oneHot(depth)
  }

  /// Numbers as rows of zeros with a one.
  @available(*, deprecated, renamed: "Tensor.oneHot(self:_:)")
  public static func one_hot(_ x: DeepSeekTensor.Tensor, _ depth: Int) -> DeepSeekTensor.Tensor {
    x.oneHot(depth)
  }

  /// The first where the condition holds, the second elsewhere.
  @available(*, deprecated, renamed: "Tensor.select")
  public static func `where`(_ condition: DeepSeekTensor.Tensor, _ a: some GraphOperand, _ b: some GraphOperand)
    -> DeepSeekTensor.Tensor
  {
    let (a, b) = tensors(a, b)
    return .select(condition, a, b)
  }

  /// The tensor.
  @available(*, deprecated, message: "use the tensor itself")
  public static func identity(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand
  }

  /// The tensor, through which no gradient flows.
  @available(*, deprecated, renamed: "Tensor.detached(self:)")
  public static func stopGradient(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.detached()
  }

  /// The tensor, through which no gradient flows.
  @available(*, deprecated, renamed: "Tensor.detached(self:)")
  public static func stop_gradient(_ x: some GraphOperand) -> DeepSeekTensor.Tensor {
    x.tensorOperand.detached()
  }
}
