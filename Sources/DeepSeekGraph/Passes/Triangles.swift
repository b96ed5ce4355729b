import DeepSeekOperators
import DeepSeekTensor

/// Which elements of matrices hold, where that follows from how far the column is beyond the row.
struct Triangle: Hashable {
  /// Whether those up to the diagonal hold, rather than those from it on.
  var isLower: Bool
  /// The last, or first, column minus row that holds.
  var diagonal: Int

  /// The elements that do not hold.
  var negated: Triangle { Triangle(isLower: !isLower, diagonal: isLower ? diagonal + 1 : diagonal - 1) }

  /// Whether rows see the columns up to their own place, the last row up to the last column.
  func isCausal(rows: Dimension, columns: Dimension) -> Bool {
    guard isLower else { return false }
    if rows == columns { return diagonal == 0 }
    guard let rows = rows.known, let columns = columns.known else { return false }
    return rows <= columns && diagonal == columns - rows
  }
}

extension FusionContext {
  /// The triangle of a value's elements that are not zero, over its last two axes; `nil` when there is none.
  func triangle(_ value: Graph.Value) -> Triangle? {
    if let tensor = constant(value) { return Triangle(tensor) { $0 != 0 } }
    guard let node = producer(of: value) else { return nil }
    switch node.operation {
    case is CastOperator:
      // Other casts might make zeros.
      return spec(value).dtype == .bool || isTruth(node.inputs[0]) ? triangle(node.inputs[0]) : nil
    case let triangular as TriangularOperator:
      guard let number = uniform(node.inputs[0]), number != 0 else { return nil }
      return Triangle(isLower: !triangular.isUpper, diagonal: triangular.diagonal)
    case let unary as UnaryOperator where unary.function == .logicalNot || unary.function == .bitwiseNot:
      return spec(node.inputs[0]).dtype == .bool ? triangle(node.inputs[0])?.negated : nil
    case let binary as BinaryOperator: return triangle(binary.function, node.inputs[0], node.inputs[1])
    case is BroadcastOperator: return matrixBroadcast(node) ? triangle(node.inputs[0]) : nil
    case is ReshapeOperator:
      // Matrices that keep their size keep their elements, wherever the axes in front go.
      let (old, new) = (spec(node.inputs[0]).shape, spec(value).shape)
      return old.rank >= 2 && new.rank >= 2 && matrix(old) == matrix(new) ? triangle(node.inputs[0]) : nil
    case let slice as SliceOperator:
      return slice.extents.reduce(triangle(node.inputs[0])) { $0?.sliced($1, rank: spec(value).shape.rank) }
    default: return nil
    }
  }

  private func matrix(_ shape: Shape) -> [Dimension] { [shape.dimension(-2), shape.dimension(-1)] }

  /// Whether a broadcast stretches no row or column of matrices.
  private func matrixBroadcast(_ node: Graph.Node) -> Bool {
    let (old, new) = (spec(node.inputs[0]).shape, spec(node.outputs[0]).shape)
    return old.rank >= 2 && matrix(old) == matrix(new)
  }

  /// Of a comparison: of two that count along rows and columns, or of a triangle with 0 or 1.
  private func triangle(_ function: BinaryOperator.Function, _ first: Graph.Value, _ second: Graph.Value) -> Triangle? {
    if let a = ordinals(first), let b = ordinals(second) {
      switch (a.axisFromEnd, b.axisFromEnd) {
      case (0, 1): return Triangle(function, column: a.offset, row: b.offset)
      case (1, 0): return function.mirrored.flatMap { Triangle($0, column: b.offset, row: a.offset) }
      default: return nil
      }
    }
    switch function {
    case .notEqual where uniform(second) == 0: return triangle(first)
    case .greater where uniform(second) == 0 && isTruth(first): return triangle(first)
    case .equal where uniform(second) == 0: return triangle(first)?.negated
    case .equal where uniform(second) == 1 && isTruth(first): return triangle(first)
    default: return nil
    }
  }

  /// Whether a value is 0 or 1: a truth, cast or not, or a triangle of ones.
  private func isTruth(_ value: Graph.Value) -> Bool {
    if spec(value).dtype == .bool { return true }
    guard let node = producer(of: value) else { return false }
    if node.operation is TriangularOperator { return uniform(node.inputs[0]) == 1 }
    return node.operation is CastOperator && isTruth(node.inputs[0])
  }
}

extension Triangle {
  /// Matrices with more elements than this are not looked through.
  private static let searchLimit = 1 << 22

  /// Of the elements of a constant for which `holds`, when its leading axes have length 1 and the corner at the last row and
  /// column lies on the diagonal, or next to it for those that do not hold; `nil` for any other.
  init?(_ tensor: Tensor, where holds: (Double) -> Bool) {
    guard tensor.rank >= 2, (0..<tensor.rank - 2).allSatisfy({ tensor.shape[$0] == 1 }), tensor.dtype.isArithmetic,
      tensor.elementCount <= Triangle.searchLimit
    else { return nil }
    let (rows, columns) = (tensor.shape[-2], tensor.shape[-1])
    guard rows > 1, columns >= rows else { return nil }
    let numbers = tensor.contiguous().array(of: Double.self)
    let isLower = holds(numbers[0])
    for row in 0..<rows {
      for column in 0..<columns {
        let isBelow = column - row <= columns - rows
        if holds(numbers[row * columns + column]) != (isBelow == isLower) { return nil }
      }
    }
    self.init(isLower: isLower, diagonal: isLower ? columns - rows : columns - rows + 1)
  }

  /// Where `column index + column` compared with `row index + row` holds.
  fileprivate init?(_ function: BinaryOperator.Function, column: Int, row: Int) {
    let shift = row - column
    switch function {
    case .lessEqual: self.init(isLower: true, diagonal: shift)
    case .less: self.init(isLower: true, diagonal: shift - 1)
    case .greaterEqual: self.init(isLower: false, diagonal: shift)
    case .greater: self.init(isLower: false, diagonal: shift + 1)
    default: return nil
    }
  }

  fileprivate func sliced(_ extent: SliceOperator.Extent, rank: Int) -> Triangle? {
    if extent.axis < rank - 2 { return self }
    guard extent.step == 1, let start = extent.start.known else { return nil }
    return Triangle(isLower: isLower, diagonal: extent.axis == rank - 1 ? diagonal - start : diagonal + start)
  }
}

extension BinaryOperator.Function {
  /// The comparison with its sides exchanged; `nil` for what is none.
  fileprivate var mirrored: BinaryOperator.Function? {
    switch self {
    case .less: .greater
    case .lessEqual: .greaterEqual
    case .greater: .less
    case .greaterEqual: .lessEqual
    default: nil
    }
  }
}
