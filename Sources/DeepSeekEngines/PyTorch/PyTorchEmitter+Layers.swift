import DeepSeekOperators
import DeepSeekTensor

extension PyTorchEmitter {
  /// Products of matrices and convolutions.
  static let products: [Rule] = [
    Rule(MatmulOperator.self) { emitter, _, node, inputs in
      guard node.outputs[0].dtype == .bool else {
        return [try emitter.one("matmul", .tensor(inputs[0]), .tensor(inputs[1]))]
      }
      // There is no product of truths: they are counted.
      let counts = try inputs.map { try emitter.converted($0, to: .int64) }
      let sums = try emitter.one("matmul", .tensor(counts[0]), .tensor(counts[1]))
      return [try emitter.converted(sums, to: .bool)]
    },
    Rule(LinearOperator.self, when: { operation, _ in operation.activation == .none }) { emitter, _, _, inputs in
      let bias: Argument = inputs.count == 3 ? .some(.tensor(inputs[2])) : .none
      return [try emitter.one("linear", .tensor(inputs[0]), .tensor(inputs[1]), bias)]
    },
    Rule(ConvolutionOperator.self) { emitter, operation, _, inputs in
      let window = operation.window
      let (x, padding) = try emitter.evenlyPadded(inputs[0], window)
      let bias: Argument = inputs.count == 3 ? .some(.tensor(inputs[2])) : .none
      return [
        try emitter.one(
          "convolution", .tensor(x), .tensor(inputs[1]), bias, .integers(window.stride), .integers(padding),
          .integers(window.dilation), .bool(false), .integers(window.zeros), .integer(operation.groups))
      ]
    },
    Rule(ConvolutionTransposedOperator.self) { emitter, operation, node, inputs in
      let window = operation.window
      let bias: Argument = inputs.count == 3 ? .some(.tensor(inputs[2])) : .none
      // What stands beyond the last window, of the padded size; PyTorch cuts even padding, and the rest is cut here.
      let size = Array(node.lengths.dropFirst(2))
      let places = Array(node.inputs[0].shape.dropFirst(2))
      let extra = size.indices.map { axis in
        let reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1
        return size[axis] + window.before[axis] + window.after[axis] - (places[axis] - 1) * window.stride[axis] - reach
      }
      let isEven = window.before == window.after
      var y = try emitter.one(
        "convolution", .tensor(inputs[0]), .tensor(inputs[1]), bias, .integers(window.stride),
        .integers(isEven ? window.before : window.zeros), .integers(window.dilation), .bool(true), .integers(extra),
        .integer(operation.groups))
      if !isEven {
        for axis in size.indices {
          y = try emitter.one(
            "slice.Tensor", .tensor(y), .integer(axis + 2), .some(.integer(window.before[axis])),
            .some(.integer(window.before[axis] + size[axis])), .integer(1))
        }
      }
      return [y]
    },
    Rule(ConvolutionWeightGradientOperator.self) { emitter, operation, node, inputs in
      let window = operation.window
      let (x, padding) = try emitter.evenlyPadded(inputs[0], window)
      // Only the shape of the weight is read.
      let weight = try emitter.one(
        "new_zeros", .tensor(inputs[1]), .integers(node.lengths), .none, .none, .none, .none)
      return [
        try emitter.call(
          "convolution_backward",
          [
            .tensor(inputs[1]), .tensor(x), .tensor(weight), .none, .integers(window.stride), .integers(padding),
            .integers(window.dilation), .bool(false), .integers(window.zeros), .integer(operation.groups),
            .bools([false, true, false]),
          ], results: 3)[1]
      ]
    },
  ]

  /// The input and how it is still to be padded: uneven padding is done here, with zeros.
  private func evenlyPadded(_ x: Value, _ window: Window) throws -> (Value, [Int]) {
    if window.before == window.after { return (x, window.before) }
    let widths = zip(window.before, window.after).reversed().flatMap { [$0, $1] }
    return (try one("pad", .tensor(x), .integers(widths), .string("constant"), .some(.double(0))), window.zeros)
  }

  /// Pooling over two axes; over one or three, and with uneven padding, it is taken apart.
  static let pooling: [Rule] = [
    Rule(MaxPoolOperator.self, when: { operation, _ in operation.places.isPlane }) { emitter, operation, _, inputs in
      switch operation.places {
      case .adaptive(let size):
        return try emitter.call("adaptive_max_pool2d", [.tensor(inputs[0]), .integers(size)], results: 2)
      case .windows(let window, let ceiling):
        return try emitter.call(
          "max_pool2d_with_indices",
          [
            .tensor(inputs[0]), .integers(window.kernel), .integers(window.stride), .integers(window.before),
            .integers(window.dilation), .bool(ceiling),
          ], results: 2)
      }
    },
    Rule(AveragePoolOperator.self, when: { operation, _ in operation.places.isPlane }) {
      emitter, operation, _, inputs in
      switch operation.places {
      case .adaptive(let size): return [try emitter.one("adaptive_avg_pool2d", .tensor(inputs[0]), .integers(size))]
      case .windows(let window, let ceiling):
        return [
          try emitter.one(
            "avg_pool2d", .tensor(inputs[0]), .integers(window.kernel), .integers(window.stride),
            .integers(window.before), .bool(ceiling), .bool(operation.includesPadding), .none)
        ]
      }
    },
  ]

  /// Normalization of rows.
  static let normalization: [Rule] = [
    Rule(SoftmaxOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      let name = operation.isLogarithm ? "log_softmax.int" : "softmax.int"
      return [try emitter.one(name, .tensor(inputs[0]), .integer(axis), .none)]
    },
    Rule(SoftmaxGradientOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      let name = operation.isLogarithm ? "_log_softmax_backward_data" : "_softmax_backward_data"
      return [
        try emitter.one(
          name, .tensor(inputs[1]), .tensor(inputs[0]), .integer(axis), .type(node.inputs[0].dtype))
      ]
    },
    Rule(LayerNormOperator.self) { emitter, operation, node, inputs in
      let results = try emitter.call(
        "native_layer_norm",
        [
          .tensor(inputs[0]), .integers([node.lengths.last!]), .some(.tensor(inputs[1])), .some(.tensor(inputs[2])),
          .double(operation.epsilon),
        ], results: 3)
      let rows = Array(node.outputs[1].shape)
      return [results[0]] + (try results.dropFirst().map { try emitter.one("reshape", .tensor($0), .integers(rows)) })
    },
    Rule(LayerNormGradientOperator.self) { emitter, _, node, inputs in
      let columns = Array(node.inputs[2].shape) + [1]
      let (mean, deviation) = (
        try emitter.one("reshape", .tensor(inputs[2]), .integers(columns)),
        try emitter.one("reshape", .tensor(inputs[3]), .integers(columns))
      )
      return try emitter.call(
        "native_layer_norm_backward",
        [
          .tensor(inputs[4]), .tensor(inputs[0]), .integers([node.lengths.last!]), .tensor(mean), .tensor(deviation),
          .some(.tensor(inputs[1])), .some(.tensor(inputs[1])), .bools([true, true, true]),
        ], results: 3)
    },
  ]

  /// Linear algebra.
  static let algebra: [Rule] = [
    Rule(CholeskyOperator.self) { emitter, _, _, inputs in
      [try emitter.one("linalg_cholesky", .tensor(inputs[0]), .bool(false))]
    },
    Rule(DeterminantOperator.self) { emitter, _, _, inputs in
      try emitter.call("linalg_slogdet", [.tensor(inputs[0])], results: 2)
    },
    Rule(QROperator.self) { emitter, _, _, inputs in
      try emitter.call("linalg_qr", [.tensor(inputs[0]), .string("reduced")], results: 2)
    },
    Rule(SVDOperator.self) { emitter, _, _, inputs in
      try emitter.call("linalg_svd", [.tensor(inputs[0]), .bool(false), .none], results: 3)
    },
    Rule(SymmetricEigenOperator.self) { emitter, _, _, inputs in
      try emitter.call("linalg_eigh", [.tensor(inputs[0]), .string("L")], results: 2)
    },
    Rule(LeastSquaresOperator.self) { emitter, _, _, inputs in
      // LAPACK's routine by singular values, which gives the shortest solution for any rank.
      let arguments: [Argument] = [.tensor(inputs[0]), .tensor(inputs[1]), .none, .some(.string("gelsd"))]
      return [try emitter.call("linalg_lstsq", arguments, results: 4)[0]]
    },
    Rule(SolveOperator.self) { emitter, _, _, inputs in
      [try emitter.one("linalg_solve", .tensor(inputs[0]), .tensor(inputs[1]), .bool(true))]
    },
    Rule(TriangularSolveOperator.self) { emitter, operation, node, inputs in
      let rank = node.inputs[0].shape.rank
      var (matrix, isUpper) = (inputs[0], operation.isUpper)
      if operation.isTransposed {
        matrix = try emitter.one("transpose.int", .tensor(matrix), .integer(rank - 2), .integer(rank - 1))
        isUpper.toggle()
      }
      return [
        try emitter.one(
          "linalg_solve_triangular", .tensor(matrix), .tensor(inputs[1]), .bool(isUpper), .bool(true),
          .bool(operation.isUnit))
      ]
    },
  ]
}

extension Window {
  /// A zero for each spatial axis.
  fileprivate var zeros: [Int] { Array(repeating: 0, count: spatial) }
}

extension PoolPlaces {
  /// Whether the places are on a plane, with even padding.
  fileprivate var isPlane: Bool {
    switch self {
    case .adaptive(let size): size.count == 2
    case .windows(let window, _): window.spatial == 2 && window.before == window.after
    }
  }
}
