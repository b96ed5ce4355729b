import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Integers that stand for multiples of a scale.
  static let quantized: [ONNXOperator] = [
    ONNXOperator(
      "QuantizeLinear", 2...3,
      tensor: { node in
        let (x, scale) = (try node.tensor(0), try node.tensor(1))
        let dtype = try node.optional(2)?.dtype ?? node.dtype("output_dtype", default: .uint8)
        let axis = try node.int("axis", default: 1)
        let zero = try node.optional(2).map { try node.alongAxis($0, axis, x) }
        return try node.quantize(node.inFloats(x), node.alongAxis(scale, axis, x), zero, dtype)
      }),
    ONNXOperator(
      "DequantizeLinear", 2...3,
      tensor: { node in
        let (x, scale) = (try node.tensor(0), try node.tensor(1))
        let axis = try node.int("axis", default: 1)
        let zero = try node.optional(2).map { try node.alongAxis($0, axis, x) }
        return try node.dequantize(x, node.alongAxis(scale, axis, x), zero)
      }),
    ONNXOperator(
      "DynamicQuantizeLinear", 1...1,
      values: { node in
        let x = try node.tensor(0)
        let all = Array(0..<x.rank)
        let zero = try node.scalar(0, x.dtype)
        let low = try node.binary(.minimum, node.reduced(.min, x, all, keepsAxes: false), zero)
        let high = try node.binary(.maximum, node.reduced(.max, x, all, keepsAxes: false), zero)
        let scale = try node.binary(.divide, node.binary(.subtract, high, low), node.scalar(255, x.dtype))
        let place = try node.unary(.round, node.unary(.negate, node.binary(.divide, low, scale)))
        let point = try node.cast(node.unary(.hardTanh, place, 0, 255), to: .uint8)
        let quantized = try node.quantize(x, scale, point, .uint8)
        return [quantized, scale, point].map { ImportedValue($0) }
      }),
    ONNXOperator(
      "MatMulInteger", 2...4,
      tensor: { node in
        let a = try node.centered(node.tensor(0), node.optional(2).map { try node.perRow($0) })
        let b = try node.centered(node.tensor(1), node.optional(3))
        return try node.cast(node.matrixProduct(a, b), to: .int32)
      }),
    ONNXOperator(
      "QLinearMatMul", 8...8,
      tensor: { node in
        let point = try node.tensor(7)
        let a = try node.centered(node.tensor(0), node.perRow(node.tensor(2)))
        let b = try node.centered(node.tensor(3), node.tensor(5))
        let product = try node.matrixProduct(a, b)
        let scale = try node.binary(
          .multiply, node.cast(node.perRow(node.tensor(1)), to: .float64), node.cast(node.tensor(4), to: .float64))
        let real = try node.binary(.multiply, product, scale)
        return try node.quantize(
          real, node.cast(node.perRow(node.tensor(6)), to: .float64), node.perRow(point), point.dtype)
      }),
    ONNXOperator(
      "ConvInteger", 2...4,
      tensor: { node in
        let x = try node.centered(node.tensor(0), node.optional(2))
        let weight = try node.centered(
          node.tensor(1), node.optional(3).map { try node.alongAxis($0, 0, node.tensor(1)) })
        return try node.cast(node.convolution(x, weight, nil), to: .int32)
      }),
    ONNXOperator(
      "QLinearConv", 8...9,
      tensor: { node in
        let (weightSpec, point) = (try node.tensor(3), try node.tensor(7))
        let x = try node.centered(node.tensor(0), node.tensor(2))
        let weight = try node.centered(weightSpec, node.alongAxis(node.tensor(5), 0, weightSpec))
        let bias = try node.optional(8).map { try node.cast($0, to: .float64) }
        let sum = try node.convolution(x, weight, bias)
        let scale = try node.binary(
          .multiply, node.cast(node.tensor(1), to: .float64),
          node.cast(node.alongAxis(node.tensor(4), 1, sum), to: .float64))
        let real = try node.binary(.multiply, sum, scale)
        return try node.quantize(real, node.cast(node.tensor(6), to: .float64), point, point.dtype)
      }),
  ]
}

extension ONNXNode {
  /// Itself, or integers as `float32`.
  fileprivate func inFloats(_ x: Tensor) throws -> Tensor { x.dtype.isFloatingPoint ? x : try cast(x, to: .float32) }

  /// A scalar, or a list with one entry for each index of an axis of `x`, so that it meets `x`.
  fileprivate func alongAxis(_ list: Tensor, _ place: Int, _ x: Tensor) throws -> Tensor {
    if list.rank == 0 { return list }
    if list.shape == [1] { return try reshaped(list, []) }
    guard list.rank == 1 else { throw unsupported("scales or zero points \(list.spec), in blocks") }
    let axis = try axis(place, rank: x.rank)
    return try reshaped(list, [list.dimension(0)] + Array(repeating: 1, count: x.rank - axis - 1))
  }

  /// A scalar, or a list with one entry for each row of a matrix.
  fileprivate func perRow(_ list: Tensor) throws -> Tensor {
    list.rank == 1 && list.shape != [1] ? try reshaped(list, [list.dimension(0), 1]) : list
  }

  /// Integers minus their zero point, as `float64`, in which products of 8 bits are exact.
  fileprivate func centered(_ x: Tensor, _ point: Tensor?) throws -> Tensor {
    let wide = try cast(x, to: .float64)
    return try point.map { try binary(.subtract, wide, cast($0, to: .float64)) } ?? wide
  }

  /// x / scale + zero point, rounded to even and cut to what the type holds.
  fileprivate func quantize(_ x: Tensor, _ scale: Tensor, _ point: Tensor?, _ dtype: DType) throws -> Tensor {
    let limits: (Double, Double)
    switch dtype {
    case .uint8: limits = (0, 255)
    case .int8: limits = (-128, 127)
    case .uint16: limits = (0, 65535)
    case .int16: limits = (-32768, 32767)
    default: throw unsupported("quantizing to \(dtype)")
    }
    var places = try unary(.round, binary(.divide, x, cast(scale, to: x.dtype)))
    if let point { places = try binary(.add, places, cast(point, to: x.dtype)) }
    return try cast(unary(.hardTanh, places, limits.0, limits.1), to: dtype)
  }

  /// (x - zero point) scale.
  fileprivate func dequantize(_ x: Tensor, _ scale: Tensor, _ point: Tensor?) throws -> Tensor {
    guard scale.dtype.isFloatingPoint else { throw invalid("a scale \(scale.spec)") }
    var wide = try cast(x, to: scale.dtype)
    if let point { wide = try binary(.subtract, wide, cast(point, to: scale.dtype)) }
    return try binary(.multiply, wide, scale)
  }
}
