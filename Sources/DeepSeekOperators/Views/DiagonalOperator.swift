public import DeepSeekTensor

/// A diagonal of the matrices over the last two axes: `[…, rows, columns]` gives `[…, length]`; moves no element.
public struct DiagonalOperator: Operator {
  /// Which diagonal: 0 the main one, positive ones above it.
  public let diagonal: Int

  /// This diagonal.
  public init(_ diagonal: Int = 0) { self.diagonal = diagonal }

  /// `diagonal`.
  public var name: String { "diagonal" }
  /// A view.
  public var traits: OperatorTraits { [.view] }

  /// Matrices of known lengths.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectWithinReach([diagonal])
    let shape = inputs[0].shape
    guard shape.rank >= 2, let rows = shape.dimension(-2).known, let columns = shape.dimension(-1).known else {
      throw mismatch("input \(inputs[0]); matrices […, rows, columns] of known size are expected")
    }
    let length = DiagonalOperator.length(rows, columns, diagonal)
    return [TensorSpec(inputs[0].dtype, Shape(shape.dimensions.dropLast(2) + [Dimension(length)]))]
  }

  static func length(_ rows: Int, _ columns: Int, _ diagonal: Int) -> Int {
    Swift.max(0, diagonal >= 0 ? Swift.min(rows, columns - diagonal) : Swift.min(rows + diagonal, columns))
  }

  /// One stride for both axes.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { layout(input.layout, output.shape) }

  func layout(_ matrices: Layout, _ shape: Shape) -> Layout {
    let rank = matrices.shape.rank
    let (down, across) = (matrices.stride(rank - 2), matrices.stride(rank - 1))
    let start = shape[-1] == 0 ? 0 : Swift.max(diagonal, 0) * across + Swift.max(-diagonal, 0) * down
    let strides = (0..<rank - 2).map { matrices.stride($0) } + [down + across]
    return Layout(shape, strides: strides, offset: matrices.offset + start)
  }

  /// Copies the elements.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].viewed(layout(inputs[0].layout, outputs[0].shape)).copyElements(to: outputs[0])
  }

  /// The upstream gradient on the diagonal of zeros.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let shape = context.inputSpec(0).shape
    return [apply(DiagonalMatrixOperator(diagonal, rows: shape[-2], columns: shape[-1]), context.gradient)]
  }
}

/// Vectors on a diagonal of matrices of zeros: what taking a diagonal undoes.
public struct DiagonalMatrixOperator: Operator {
  /// Which diagonal: 0 the main one, positive ones above it.
  public let diagonal: Int
  /// The matrices' rows.
  public let rows: Int
  /// The matrices' columns.
  public let columns: Int

  /// On this diagonal of matrices of this size.
  public init(_ diagonal: Int, rows: Int, columns: Int) {
    self.diagonal = diagonal
    self.rows = rows
    self.columns = columns
  }

  /// `diagonal_matrix`.
  public var name: String { "diagonal_matrix" }
  /// Writes memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Vectors as long as the diagonal.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectWithinReach([diagonal, rows, columns])
    guard inputs[0].shape.rank < Shape.maximumRank, rows >= 0, columns >= 0 else {
      throw mismatch("matrices of \(rows) rows and \(columns) columns cannot be made of \(inputs[0])")
    }
    let length = DiagonalOperator.length(rows, columns, diagonal)
    guard inputs[0].shape.rank >= 1, inputs[0].shape.dimension(-1) == Dimension(length) else {
      throw mismatch("input \(inputs[0]); diagonal \(diagonal) of [\(rows), \(columns)] has \(length) elements")
    }
    return [
      TensorSpec(inputs[0].dtype, Shape(inputs[0].shape.dimensions.dropLast() + [Dimension(rows), Dimension(columns)]))
    ]
  }

  /// Zeros, then the elements in their places.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    out.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: out.elementCount * out.dtype.byteCount)
    inputs[0].copyElements(to: out.viewed(DiagonalOperator(diagonal).layout(out.layout, inputs[0].shape)))
  }

  /// The diagonal.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(DiagonalOperator(diagonal), context.gradient)]
  }
}

extension Tensor {
  /// A diagonal of the matrices over two axes, the last two unless told, as a view whose last axis runs along it.
  public func diagonal(
    _ diagonal: Int = 0, axes: (Int, Int) = (-2, -1), file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let (first, second) = (shape.index(of: axes.0), shape.index(of: axes.1))
    if first == second { fatalError("diagonal: axes \(axes) are one", file: file, line: line) }
    let order = (0..<rank).filter { $0 != first && $0 != second } + [first, second]
    let matrices = order == Array(0..<rank) ? self : transposed(order, file: file, line: line)
    return apply(DiagonalOperator(diagonal), matrices, file: file, line: line)
  }

  /// Vectors `[…, n]` on a diagonal of square matrices of zeros.
  public func diagonalMatrix(_ diagonal: Int = 0, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let size = shape[-1] + Swift.abs(diagonal)
    return apply(DiagonalMatrixOperator(diagonal, rows: size, columns: size), self, file: file, line: line)
  }

  /// The sum of the main diagonal of the matrices over the last two axes.
  public func trace(file: StaticString = #file, line: UInt = #line) -> Tensor {
    diagonal(file: file, line: line).sum(axis: -1)
  }
}
