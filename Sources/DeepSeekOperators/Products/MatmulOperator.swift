import CDeepSeekKernels
public import DeepSeekTensor

/// Products of matrices: `[…, m, k]` by `[…, k, n]` gives `[…, m, n]`, the leading axes broadcast.
///
/// `float32` and, where the right-hand side is one matrix, `bfloat16` by the framework's own kernels, `float64` by OpenBLAS;
/// `float16` and stacks of `bfloat16` compute in `float32` and round once. Either of these may be a transposed view at no
/// cost. Integers keep their type, and sums that it does not hold wrap around; of `bool`, an element is true where both
/// factors of any of its products are.
public struct MatmulOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `matmul`.
  public var name: String { "matmul" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  /// Both inputs have rank 2 or more and one type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let (a, b) = (inputs[0], inputs[1])
    guard a.dtype == b.dtype else { throw mismatch("element types \(a.dtype) and \(b.dtype) differ") }
    try expectArithmetic(a)
    guard a.shape.rank >= 2, b.shape.rank >= 2 else {
      throw mismatch("shapes \(a.shape) and \(b.shape); both must have at least two axes")
    }
    let (inner, other) = (a.shape.dimension(-1), b.shape.dimension(-2))
    guard inner == other || inner.known == nil || other.known == nil else {
      throw mismatch("shapes \(a.shape) and \(b.shape): the inner lengths \(inner) and \(other) differ")
    }
    let batch = try Shape.broadcast(a.shape.leading(a.shape.rank - 2), b.shape.leading(b.shape.rank - 2), in: name)
    let result = Shape(batch.dimensions + [a.shape.dimension(-2), b.shape.dimension(-1)])
    return [TensorSpec(a.dtype, result)]
  }

  /// Calls the product of the element type.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    if out.elementCount == 0 { return }
    switch out.dtype {
    case .float32, .float64:
      let batch = out.shape.leading(out.rank - 2)
      let a = MatrixStack(inputs[0], batch: batch)
      let b = MatrixStack(inputs[1], batch: batch)
      if out.dtype == .float64 {
        DoubleProduct.multiply(a, b, into: out)
      } else {
        try check(FloatProduct.multiply(a, b, into: out), self, inputs)
      }
    case .int8, .uint8, .int16, .int32, .int64:
      try check(IntegerProduct.multiply(inputs[0], inputs[1], into: out), self, inputs)
    case .bool:
      // Counted in a type that more truths than a byte can count do not wrap.
      try evaluate(inputs, in: .int64, into: out)
    default:
      if out.dtype == .bfloat16, let status = BFloatProduct.multiply(inputs[0], inputs[1], into: out) {
        return try check(status, self, inputs)
      }
      try evaluate(inputs, in: .float32, into: out)
    }
  }

  /// By the product of another type.
  private func evaluate(_ inputs: [Tensor], in dtype: DType, into out: Tensor) throws {
    let wide = Tensor(uninitialized: dtype, out.shape)
    try evaluate(inputs.map { $0.converted(to: dtype) }, into: [wide])
    wide.copyElements(to: out)
  }

  /// The other side of each side whose gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    var inputs = IndexSet64()
    if gradients.contains(0) { inputs.insert(1) }
    if gradients.contains(1) { inputs.insert(0) }
    return Residuals(inputs: inputs)
  }

  /// G Bᵀ and Aᵀ G, summed over broadcast leading axes.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    return [
      context.wants(0) ? g.matmul(context.input(1).matrixTransposed).sum(to: context.inputSpec(0).shape) : nil,
      context.wants(1) ? context.input(0).matrixTransposed.matmul(g).sum(to: context.inputSpec(1).shape) : nil,
    ]
  }
}

extension Shape {
  /// The first `count` lengths.
  func leading(_ count: Int) -> Shape { Shape((0..<count).map { dimension($0) }) }
}

extension Tensor {
  /// The product of matrices, with NumPy's rules: a vector on the left is a row, on the right a column, and that axis
  /// disappears; leading axes broadcast. Integers give integers, which wrap around where a sum does not fit.
  public func matmul(_ other: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let (a, b) = Tensor.promoted(self, other, "matmul", file: file, line: line)
    if a.rank == 0 || b.rank == 0 {
      fatalError("matmul: a scalar has no matrix product; use `*`", file: file, line: line)
    }
    let (left, right) = (a.rank == 1 ? a.expanded(0) : a, b.rank == 1 ? b.expanded(1) : b)
    let product = apply(MatmulOperator(), left, right, file: file, line: line)
    switch (a.rank, b.rank) {
    case (1, 1): return product.reshaped([] as Shape)
    case (1, _): return product.squeezed(-2)
    case (_, 1): return product.squeezed(-1)
    default: return product
    }
  }
}
