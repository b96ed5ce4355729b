import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Tensors brought to a mean, a variance or a sum.
  static let normalizations: [ONNXOperator] = [
    ONNXOperator("Softmax", 1...1, tensor: { try $0.softmax(isLogarithm: false) }),
    ONNXOperator("LogSoftmax", 1...1, tensor: { try $0.softmax(isLogarithm: true) }),
    ONNXOperator(
      "Hardmax", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        return try node.alongSoftmaxAxis { x, axis in
          let place = try node.apply(ArgReduceOperator(.argmax, axis), x)
          let flat = try node.reshaped(place, x.shape.removing(axis).dimensions)
          guard let classes = x.dimension(axis).known else { throw node.unsupported("an axis of unknown length") }
          return try node.cast(node.oneHot(flat, classes, axis: axis), to: x.dtype)
        }
      }),
    ONNXOperator("BatchNormalization", 5...5, values: { try $0.batchNormalized() }),
    ONNXOperator(
      "InstanceNormalization", 3...3,
      tensor: { node in
        let x = try node.tensor(0)
        guard x.rank >= 2, let channels = x.dimension(1).known, channels > 0 else {
          throw node.invalid("\(x.spec); [batch, channels, …] is expected")
        }
        let operation = GroupNormOperator(groups: channels, epsilon: try node.float("epsilon", default: 1e-5))
        return try node.apply(operation, x, node.tensor(1), node.tensor(2))
      }),
    ONNXOperator(
      "GroupNormalization", 3...3,
      tensor: { node in
        let (x, groups) = (try node.tensor(0), try node.int("num_groups"))
        guard x.rank >= 2, let channels = x.dimension(1).known, groups > 0, channels % groups == 0 else {
          throw node.invalid("\(groups) groups of \(x.spec)")
        }
        // Before version 21 there is a scale for each group, not for each channel.
        let parameters = try (1...2).map { index -> Tensor in
          let list = try node.tensor(index)
          guard list.shape == [groups], groups != channels else { return list }
          let wide = try node.broadcast(node.reshaped(list, [Dimension(groups), 1]), to: [groups, channels / groups])
          return try node.reshaped(wide, [Dimension(channels)])
        }
        let operation = GroupNormOperator(groups: groups, epsilon: try node.float("epsilon", default: 1e-5))
        return try node.apply(operation, x, parameters[0], parameters[1])
      }),
    ONNXOperator("LayerNormalization", 2...3, values: { try $0.layerNormalized() }),
    ONNXOperator(
      "RMSNormalization", 2...2,
      tensor: { node in
        let x = try node.tensor(0)
        let axes = Array(try node.axis(node.int("axis", default: -1), rank: x.rank)..<x.rank)
        let mean = try node.reduced(.mean, node.unary(.square, x), axes, keepsAxes: true)
        let inverse = try node.unary(.rsqrt, node.unary(.addScalar, mean, node.float("epsilon", default: 1e-5)))
        return try node.binary(.multiply, node.binary(.multiply, x, inverse), node.tensor(1))
      }),
    ONNXOperator(
      "MeanVarianceNormalization", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let axes = try node.ints("axes", default: [0, 2, 3]).map { try node.axis($0, rank: x.rank) }.sorted()
        let centered = try node.binary(.subtract, x, node.reduced(.mean, x, axes, keepsAxes: true))
        let deviation = try node.unary(.sqrt, node.apply(VarianceOperator(axes, correction: 0), x))
        return try node.binary(.divide, centered, node.unary(.addScalar, deviation, 1e-9))
      }),
    ONNXOperator(
      "LpNormalization", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let axis = try node.axis(node.int("axis", default: -1), rank: x.rank)
        let isFirst = try node.int("p", default: 2) == 1
        let norm =
          isFirst
          ? try node.reduced(.sum, node.unary(.abs, x), [axis], keepsAxes: true)
          : try node.unary(.sqrt, node.reduced(.sumSquares, x, [axis], keepsAxes: true))
        return try node.binary(.divide, x, norm)
      }),
    ONNXOperator(
      "LRN", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let size = try node.int("size")
        guard x.rank >= 2, (1...1 << 20).contains(size) else { throw node.invalid("size \(size) for \(x.spec)") }
        // The sum over neighbouring channels is a mean under a window along them.
        let rest = x.shape.product(2..<x.rank)
        let planes = try node.reshaped(node.unary(.square, x), [x.dimension(0), 1, x.dimension(1), rest])
        let window = Window(
          kernel: [size, 1], stride: [1, 1], dilation: [1, 1], before: [(size - 1) / 2, 0], after: [size / 2, 0])
        let mean = try node.apply(AveragePoolOperator(.windows(window, ceiling: false)), planes)
        let scaled = try node.unary(.multiplyScalar, mean, node.float("alpha", default: 0.0001))
        let base = try node.unary(.addScalar, scaled, node.float("bias", default: 1))
        let power = try node.binary(.power, base, node.scalar(node.float("beta", default: 0.75), x.dtype))
        return try node.binary(.divide, x, node.reshaped(power, x.shape.dimensions))
      }),
  ]
}

extension ONNXNode {
  /// A function along the axis of a softmax: from version 13 on that axis alone, before it all axes from there on as one.
  fileprivate func alongSoftmaxAxis(_ body: (Tensor, Int) throws -> Tensor) throws -> Tensor {
    let x = try tensor(0)
    let axis = try axis(int("axis", default: version >= 13 ? -1 : 1), rank: max(x.rank, 1))
    guard x.rank >= 1 else { throw invalid("a scalar has no axes") }
    if version >= 13 || axis == x.rank - 1 { return try body(x, axis) }
    let matrix = try reshaped(x, [x.shape.product(0..<axis), x.shape.product(axis..<x.rank)])
    return try reshaped(body(matrix, 1), x.shape.dimensions)
  }

  fileprivate func softmax(isLogarithm: Bool) throws -> Tensor {
    try alongSoftmaxAxis { try apply(SoftmaxOperator($1, isLogarithm: isLogarithm), $0) }
  }

  fileprivate func batchNormalized() throws -> [ImportedValue] {
    let x = try tensor(0)
    let epsilon = try float("epsilon", default: 1e-5)
    let wide = x.dtype == .float64 ? DType.float64 : .float32
    let parameters = try (1...2).map { try cast(tensor($0), to: x.dtype) }
    let given = try (3...4).map { try cast(tensor($0), to: wide) }
    // Versions before 7 say with is_test, those before 14 by their outputs, later ones with training_mode.
    let trains = version >= 14 ? try bool("training_mode") : version >= 7 && outputCount > 1
    if !trains {
      let operation = BatchNormInferenceOperator(epsilon: epsilon)
      return [ImportedValue(try assembler.apply(operation, [x] + parameters + given)[0])]
    }
    guard version >= 14 else {
      throw unsupported("it takes its statistics from the batch", advice: "export the model for inference")
    }
    let results = try assembler.apply(BatchNormOperator(epsilon: epsilon), [x] + parameters)
    let momentum = try float("momentum", default: 0.9)
    let running = try (0..<2).map { place -> ImportedValue in
      let kept = try unary(.multiplyScalar, given[place], momentum)
      let sum = try binary(.add, kept, unary(.multiplyScalar, results[place + 1], 1 - momentum))
      return ImportedValue(try cast(sum, to: tensor(place + 3).dtype))
    }
    return [ImportedValue(results[0])] + running
  }

  /// Normalized over all axes from one on. Outputs: the result, the mean and the inverse standard deviation.
  fileprivate func layerNormalized() throws -> [ImportedValue] {
    let x = try tensor(0)
    let first = try axis(int("axis", default: -1), rank: x.rank)
    let width = x.shape.product(first..<x.rank)
    let outer = Array((0..<first).map { x.dimension($0) })
    let flat = try reshaped(x, outer + [width])
    let inner = Shape(Array(x.shape.dimensions.dropFirst(first)))
    let parameters = try (1...2).map { index -> Tensor in
      guard let given = optional(index) else { return try broadcast(scalar(0, x.dtype), to: Shape([width])) }
      return try reshaped(broadcast(cast(given, to: x.dtype), to: inner), [width])
    }
    let operation = LayerNormOperator(epsilon: try float("epsilon", default: 1e-5))
    let results = try assembler.apply(operation, [flat] + parameters)
    let kept = outer + Array(repeating: 1, count: x.rank - first)
    return [
      try reshaped(results[0], x.shape.dimensions), try reshaped(results[1], kept), try reshaped(results[2], kept),
    ]
    .map { ImportedValue($0) }
  }
}
