import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowEmitter {
  /// Products of matrices and convolutions.
  static let products: [Rule] = [
    Rule(MatmulOperator.self) { emitter, _, node, inputs in
      let type = node.inputs.allSatisfy { $0.shape.rank == 2 } ? "MatMul" : "BatchMatMulV2"
      let dtype = node.outputs[0].dtype
      if dtype.isFloatingPoint || dtype == .int32 || dtype == .int64 {
        return [try emitter.one(type, inputs[0], inputs[1])]
      }
      // There are no products of narrow numbers; what wraps around there wraps around when it is made narrow again.
      let wide = try inputs.map { try emitter.one("Cast", $0, attributes: [("DstT", .type(.int64))]) }
      return [
        try emitter.one("Cast", emitter.one(type, wide[0], wide[1]), attributes: [("DstT", .type(dtype))])
      ]
    },
    Rule(LinearOperator.self, when: { operation, _ in operation.activation == .none }) { emitter, _, node, inputs in
      let width = node.inputs[0].shape[-1]
      let rows = node.inputs[0].shape.dropLast().reduce(1, *)
      let flat = try emitter.reshaped(inputs[0], [rows, width])
      var result = try emitter.one("MatMul", flat, inputs[1], attributes: [("transpose_b", .bool(true))])
      if inputs.count == 3 { result = try emitter.one("BiasAdd", result, inputs[2]) }
      return [try emitter.reshaped(result, node.lengths)]
    },
    Rule(
      ConvolutionOperator.self, when: { operation, _ in Image.fits(operation.window, operation.groups, dilates: true) }
    ) {
      emitter, operation, node, inputs in
      let image = Image(operation.window)
      let x = try emitter.padded(image, emitter.channelsLast(inputs[0], node.inputs[0], image))
      let filter = try emitter.filter(inputs[1], node.inputs[1], image)
      var y = try emitter.one("Conv2D", x, filter, attributes: image.attributes)
      if inputs.count == 3 { y = try emitter.one("BiasAdd", y, inputs[2]) }
      return [try emitter.channelsFirst(y, node)]
    },
    Rule(
      ConvolutionTransposedOperator.self,
      when: { operation, _ in Image.fits(operation.window, operation.groups, dilates: false) }
    ) {
      emitter, operation, node, inputs in
      let image = Image(operation.window)
      let y = try emitter.channelsLast(inputs[0], node.inputs[0], image)
      let filter = try emitter.filter(inputs[1], node.inputs[1], image)
      let target = image.lengths(node.outputs[0])
      let padded = [target[0]] + image.grown(Array(target[2...])) + [target[1]]
      let sizes = try emitter.constant(Tensor([4], padded.map { Int32($0) }))
      var x = try emitter.one("Conv2DBackpropInput", sizes, filter, y, attributes: image.attributes)
      x = try emitter.one(
        "Slice", x, emitter.list([0] + image.before + [0]),
        emitter.list([target[0], target[2], target[3], target[1]]))
      if inputs.count == 3 { x = try emitter.one("BiasAdd", x, inputs[2]) }
      return [try emitter.channelsFirst(x, node)]
    },
    Rule(
      ConvolutionWeightGradientOperator.self,
      when: { operation, _ in Image.fits(operation.window, operation.groups, dilates: false) }
    ) {
      emitter, operation, node, inputs in
      let image = Image(operation.window)
      let x = try emitter.padded(image, emitter.channelsLast(inputs[0], node.inputs[0], image))
      let g = try emitter.channelsLast(inputs[1], node.inputs[1], image)
      let weight = image.lengths(node.outputs[0])
      let sizes = try emitter.constant(Tensor([4], [weight[2], weight[3], weight[1], weight[0]].map { Int32($0) }))
      let filter = try emitter.one("Conv2DBackpropFilter", x, sizes, g, attributes: image.attributes)
      return [try emitter.reshaped(emitter.transposed(filter, [3, 2, 0, 1]), node.lengths)]
    },
  ]

  /// A window over two axes, as TensorFlow's processors-only kernels take it: channels last, one axis made two by an axis
  /// of length 1, padding done beforehand.
  private struct Image {
    let isLine: Bool
    let kernel: [Int]
    let stride: [Int]
    let dilation: [Int]
    let before: [Int]
    let after: [Int]

    init(_ window: Window) {
      isLine = window.spatial == 1
      let unit = isLine ? [1] : []
      let none = isLine ? [0] : []
      (kernel, stride, dilation) = (unit + window.kernel, unit + window.stride, unit + window.dilation)
      (before, after) = (none + window.before, none + window.after)
    }

    /// Whether TensorFlow has a kernel: no groups, and, where it is not the plain convolution, no dilation.
    static func fits(_ window: Window, _ groups: Int, dilates: Bool) -> Bool {
      window.spatial <= 2 && groups == 1 && (dilates || window.dilation.allSatisfy { $0 == 1 })
    }

    var attributes: [(String, Attribute)] {
      [
        ("strides", .integers([1] + stride + [1])), ("dilations", .integers([1] + dilation + [1])),
        ("padding", .string("VALID")),
      ]
    }

    /// `[batch, channels, height, width]`.
    func lengths(_ spec: TensorSpec) -> [Int] {
      let lengths = Array(spec.shape)
      return isLine ? [lengths[0], lengths[1], 1, lengths[2]] : lengths
    }

    func grown(_ size: [Int]) -> [Int] { size.indices.map { size[$0] + before[$0] + after[$0] } }
  }

  private func channelsLast(_ x: Value, _ spec: TensorSpec, _ image: Image) throws -> Value {
    try transposed(image.isLine ? reshaped(x, image.lengths(spec)) : x, [0, 2, 3, 1])
  }

  private func channelsFirst(_ x: Value, _ node: EngineNode) throws -> Value {
    try reshaped(transposed(x, [0, 3, 1, 2]), node.lengths)
  }

  private func filter(_ weight: Value, _ spec: TensorSpec, _ image: Image) throws -> Value {
    try transposed(image.isLine ? reshaped(weight, image.lengths(spec)) : weight, [2, 3, 1, 0])
  }

  private func padded(_ image: Image, _ x: Value) throws -> Value {
    if (image.before + image.after).allSatisfy({ $0 == 0 }) { return x }
    let widths = [0, 0, image.before[0], image.after[0], image.before[1], image.after[1], 0, 0]
    return try one("Pad", x, constant(Tensor([4, 2], widths.map { Int64($0) })))
  }

  /// Linear algebra.
  static let algebra: [Rule] = [
    Rule(CholeskyOperator.self) { emitter, _, _, inputs in [try emitter.one("Cholesky", inputs[0])] },
    Rule(DeterminantOperator.self) { emitter, _, _, inputs in
      try emitter.operation("LogMatrixDeterminant", inputs, outputs: 2)
    },
    Rule(QROperator.self) { emitter, _, _, inputs in try emitter.operation("Qr", inputs, outputs: 2) },
    Rule(SVDOperator.self) { emitter, _, node, inputs in
      let found = try emitter.operation("Svd", inputs, outputs: 3)
      let rank = node.inputs[0].shape.rank
      return [found[1], found[0], try emitter.swapped(found[2], rank: rank, rank - 2, rank - 1)]
    },
    Rule(SymmetricEigenOperator.self) { emitter, _, _, inputs in
      try emitter.operation("SelfAdjointEigV2", inputs, outputs: 2)
    },
    Rule(LeastSquaresOperator.self) { emitter, _, _, inputs in
      // The complete orthogonal decomposition, which gives the shortest solution for any rank.
      let result = try emitter.one(
        "MatrixSolveLs", inputs[0], inputs[1], emitter.scalar(0, .float64), attributes: [("fast", .bool(false))])
      return [result]
    },
    Rule(SolveOperator.self) { emitter, _, _, inputs in [try emitter.one("MatrixSolve", inputs[0], inputs[1])] },
    Rule(TriangularSolveOperator.self) { emitter, operation, node, inputs in
      var matrix = inputs[0]
      if operation.isUnit {
        // Only the diagonal's place is known to it, not that it holds ones.
        let size = node.inputs[0].shape[-1]
        let isDiagonal = try emitter.constant(Tensor.eye(size, dtype: .bool))
        matrix = try emitter.one("SelectV2", isDiagonal, emitter.scalar(1, node.inputs[0].dtype), matrix)
      }
      return [
        try emitter.one(
          "MatrixTriangularSolve", matrix, inputs[1],
          attributes: [("lower", .bool(!operation.isUpper)), ("adjoint", .bool(operation.isTransposed))])
      ]
    },
  ]
}
