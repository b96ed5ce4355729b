import DeepSeekOperators
import DeepSeekTensor

extension ImportedNode {
  /// The first output of one of our operators.
  func apply(_ operation: any Operator, _ inputs: Tensor...) throws -> Tensor {
    try assembler.apply(operation, inputs)[0]
  }

  /// The elements cast to another type; themselves when they have it.
  func cast(_ tensor: Tensor, to dtype: DType) throws -> Tensor {
    tensor.dtype == dtype ? tensor : try apply(CastOperator(dtype), tensor)
  }

  /// The axes in another order.
  func transposed(_ tensor: Tensor, _ permutation: [Int]) throws -> Tensor {
    permutation == Array(0..<tensor.rank) ? tensor : try apply(TransposeOperator(permutation), tensor)
  }

  /// The same elements under another shape.
  func reshaped(_ tensor: Tensor, _ dimensions: [Dimension]) throws -> Tensor {
    guard dimensions.count <= Shape.maximumRank else { throw unsupported("a shape of \(dimensions.count) axes") }
    return dimensions == tensor.shape.dimensions ? tensor : try apply(ReshapeOperator(dimensions), tensor)
  }

  /// Stretched to a shape.
  func broadcast(_ tensor: Tensor, to shape: Shape) throws -> Tensor {
    tensor.shape == shape ? tensor : try apply(BroadcastOperator(shape), tensor)
  }

  /// A function of two tensors of one type.
  func binary(_ function: BinaryOperator.Function, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try apply(BinaryOperator(function), a, b)
  }

  /// A function of each element.
  func unary(_ function: UnaryOperator.Function, _ x: Tensor, _ first: Double = 0, _ second: Double = 0) throws
    -> Tensor
  {
    try apply(UnaryOperator(function, first, second), x)
  }

  /// A number as a scalar of an element type.
  func scalar(_ value: Double, _ dtype: DType) throws -> Tensor {
    guard dtype.isArithmetic else { throw unsupported("arithmetic on \(dtype)") }
    return Tensor.full([], value, dtype: dtype)
  }

  /// A part of an axis. Throws when it begins before the axis does, or has less than no elements.
  func sliced(_ tensor: Tensor, _ axis: Int, from start: Int, count: Int) throws -> Tensor {
    guard start >= 0, count >= 0 else {
      throw invalid("\(count) elements from index \(start) of axis \(axis) of \(tensor.spec)")
    }
    return try apply(SliceOperator([SliceOperator.Extent(axis: axis, start: start, count: count)]), tensor)
  }

  /// The lengths as a shape. Throws when one is negative.
  func shape(_ lengths: [Length]) throws -> Shape {
    guard lengths.count <= Shape.maximumRank else { throw unsupported("a shape of \(lengths.count) axes") }
    let shape = Shape(
      try lengths.map { length in
        guard let dimension = length.dimension else { throw invalid("length \(length) is negative") }
        return dimension
      })
    return shape
  }

  /// 0, 1, … up to a length without it, `int64`.
  func counting(_ count: Dimension) throws -> Tensor {
    let ones = try apply(BroadcastOperator(Shape([count])), Tensor.full([], 1, dtype: .int64))
    let running = try apply(CumulativeOperator(.sum, 0), ones)
    return try unary(.addScalar, running, -1)
  }

  /// The quotient; that of integers rounded towards zero.
  func quotient(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    if a.dtype.isFloatingPoint { return try binary(.divide, a, b) }
    return try binary(.floorDivide, binary(.subtract, a, binary(.fmod, a, b)), b)
  }

  /// Elements of one tensor where a condition holds, of another elsewhere.
  func chosen(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try apply(WhereOperator(), condition, a, b)
  }

  /// Axes, in rising order, summed up; integers keep their type, as TensorFlow has it.
  func reduced(_ function: ReduceOperator.Function, _ x: Tensor, _ axes: [Int], keepsAxes: Bool) throws -> Tensor {
    if axes.isEmpty && (function == .sum || function == .max || function == .min || function == .mean) { return x }
    let whole = try apply(ReduceOperator(function, axes), x)
    let result = function == .any || function == .all ? whole : try cast(whole, to: x.dtype)
    if keepsAxes { return result }
    return try reshaped(result, (0..<x.rank).filter { !axes.contains($0) }.map { x.dimension($0) })
  }

  /// The order along some axes reversed.
  func flipped(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
    let extents = try axes.compactMap { axis -> SliceOperator.Extent? in
      guard let length = x.dimension(axis).known else { throw unsupported("reversing an axis of unknown length") }
      return length < 2 ? nil : SliceOperator.Extent(axis: axis, start: length - 1, count: length, step: -1)
    }
    return extents.isEmpty ? x : try apply(SliceOperator(extents), x)
  }

  /// The last two axes exchanged.
  func matrix(_ tensor: Tensor, isTransposed: Bool) throws -> Tensor {
    guard tensor.rank >= 2 else { throw invalid("\(tensor.spec); matrices are expected") }
    if !isTransposed { return tensor }
    var order = Array(0..<tensor.rank)
    order.swapAt(tensor.rank - 1, tensor.rank - 2)
    return try transposed(tensor, order)
  }

  /// The product of matrices. Numbers without a sign that no arithmetic is defined on have the same bits in `int64`.
  func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.dtype == b.dtype else { throw invalid("\(a.spec) and \(b.spec); one type is expected") }
    if a.dtype.isArithmetic && a.dtype != .bool { return try apply(MatmulOperator(), a, b) }
    guard [.uint16, .uint32, .uint64].contains(a.dtype) else { throw unsupported("products of matrices of \(a.dtype)") }
    return try cast(apply(MatmulOperator(), cast(a, to: .int64), cast(b, to: .int64)), to: a.dtype)
  }

  /// A length divided by one that must divide it.
  func quotient(_ length: Dimension, _ divisor: Dimension) throws -> Dimension {
    if let whole = length.known, let part = divisor.known, part == 0 || whole % part != 0 {
      throw invalid("length \(length) is not a multiple of \(divisor)")
    }
    return length / divisor
  }

  /// `[channels]` as `[channels, 1, …]`, to meet an image of a rank with its channels second.
  func perChannel(_ vector: Tensor, rank: Int) throws -> Tensor {
    guard vector.rank == 1 else { throw invalid("\(vector.spec); one number for each channel is expected") }
    return try reshaped(vector, [vector.dimension(0)] + Array(repeating: 1, count: max(rank - 2, 0)))
  }

  /// Running sums or products; of integers in their type.
  func cumulative(
    _ function: CumulativeOperator.Function, _ x: Tensor, _ axis: Int, isReversed: Bool, isExclusive: Bool
  ) throws -> Tensor {
    var running = isReversed ? try flipped(x, [axis]) : x
    if isExclusive {
      guard let length = x.dimension(axis).known else {
        throw unsupported("an exclusive running \(function.rawValue) along an axis of unknown length")
      }
      if length > 0 {
        let first = try broadcast(scalar(function == .sum ? 0 : 1, x.dtype), to: x.shape.replacing(axis, with: 1))
        let others = try sliced(running, axis, from: 0, count: length - 1)
        running = try apply(ConcatenateOperator(axis), first, others)
      }
    }
    running = try cast(apply(CumulativeOperator(function, axis), running), to: x.dtype)
    return isReversed ? try flipped(running, [axis]) : running
  }

  /// A sum of products by its equation.
  func einsum(_ equation: String, _ operands: [Tensor]) throws -> Tensor {
    guard operands.allSatisfy({ $0.dtype.isArithmetic && $0.dtype != .bool }) else {
      throw unsupported("a sum of products of \(operands.map(\.dtype))")
    }
    guard operands.reduce(0, { $0 + $1.rank }) <= Shape.maximumRank else {
      throw unsupported("a sum of products over more than \(Shape.maximumRank) axes")
    }
    // The products are not checked for what they take, so constants alone must be few.
    let isConstant = operands.allSatisfy { $0.graphValue == nil }
    guard !isConstant || assembler.evaluates || operands.allSatisfy({ $0.elementCount <= 1 << 12 }) else {
      throw unsupported("a sum of products of large constants")
    }
    let result = try Tensor.checkedEinsum(equation, operands)
    try GraphAssembler.checkSize(result.spec)
    return result
  }

  /// What both ends of an axis get together, so that there is a place for every `stride` elements.
  func samePadding(_ length: Dimension, _ kernel: Int, _ stride: Int, _ dilation: Int) throws -> Int {
    let reach = dilation * (kernel - 1)
    if stride == 1 { return reach }
    guard let length = length.known else {
      throw unsupported(
        "padding 'SAME' with a stride over an axis of unknown length", advice: "give the placeholders fixed shapes")
    }
    let places = length / stride + (length % stride == 0 ? 0 : 1)
    return max((places - 1) * stride + reach + 1 - length, 0)
  }

  /// Sequences of `counts` elements along the time axis, 0 or 1, in reverse, the batch being the other one. Throws when the axes
  /// or the counts are others.
  func reversed(_ x: Tensor, _ counts: Tensor, time: Int, batch: Int) throws -> Tensor {
    let (time, batch) = (try axis(time, rank: x.rank), try axis(batch, rank: x.rank))
    guard time + batch == 1, counts.rank == 1, counts.dimension(0) == x.dimension(batch) else {
      throw invalid("lengths \(counts.spec) for \(x.spec), time axis \(time), batch axis \(batch)")
    }
    return try reversed(x, cast(counts, to: .int64), time: time)
  }

  /// The first elements along the time axis, 0 or 1, as many as each sequence has, in reverse; the batch is the other one.
  func reversed(_ x: Tensor, _ counts: Tensor, time: Int) throws -> Tensor {
    let (steps, sequences) = (x.dimension(time), x.dimension(1 - time))
    let column: [Dimension] = time == 0 ? [steps, 1] : [1, steps]
    let row: [Dimension] = time == 0 ? [1, sequences] : [sequences, 1]
    let place = try reshaped(counting(steps), column)
    let count = try reshaped(counts, row)
    let mirrored = try unary(.addScalar, binary(.subtract, count, place), -1)
    let grid = Shape(time == 0 ? [steps, sequences] : [sequences, steps])
    let source = try chosen(binary(.less, place, count), mirrored, broadcast(place, to: grid))
    let ones = Array(repeating: Dimension(1), count: x.rank - 2)
    let index = try broadcast(reshaped(source, grid.dimensions + ones), to: x.shape)
    return try apply(GatherOperator(time), x, index)
  }
}
