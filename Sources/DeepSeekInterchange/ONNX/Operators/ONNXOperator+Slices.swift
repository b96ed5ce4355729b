import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Parts of tensors.
  static let slices: [ONNXOperator] = [
    ONNXOperator(
      "Slice", 1...5,
      tensor: { node in
        var x = try node.tensor(0)
        guard let starts = try node.lengths(input: 1, orAttribute: "starts"),
          let ends = try node.lengths(input: 2, orAttribute: "ends"), starts.count == ends.count,
          starts.count <= x.rank
        else { throw node.invalid("its beginnings and ends do not fit each other or \(x.spec)") }
        let axes = try node.integers(input: 3, orAttribute: "axes") ?? Array(0..<starts.count)
        let steps = node.has(4) ? try node.integers(4) : Array(repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count else {
          throw node.invalid("\(starts.count) beginnings, \(axes.count) axes and \(steps.count) steps")
        }
        for place in starts.indices {
          x = try node.strided(x, node.axis(axes[place], rank: x.rank), starts[place], ends[place], steps[place])
        }
        return x
      }),
    ONNXOperator(
      "Split", 1...2,
      values: { node in
        let x = try node.tensor(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
        guard let length = x.dimension(axis).known else { throw node.unsupported("parts of an axis of unknown length") }
        let count = node.outputCount
        guard count >= 1 else { throw node.invalid("no outputs") }
        let each = length / count + (length % count == 0 ? 0 : 1)
        let even = (0..<count).map { max(0, min(each, length - $0 * each)) }
        let sizes = try node.integers(input: 1, orAttribute: "split") ?? even
        guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 && $0 <= length }), sizes.reduce(0, +) == length else {
          throw node.invalid("parts \(sizes) of an axis of \(length)")
        }
        return try node.parts(x, axis, sizes)
      }),
    ONNXOperator(
      "Trilu", 1...2,
      tensor: { node in
        let x = try node.tensor(0)
        let diagonal = node.has(1) ? try node.integer(1) : 0
        guard diagonal.magnitude <= 1 << 40 else { throw node.invalid("k \(diagonal)") }
        let operation = TriangularOperator(isUpper: try node.bool("upper", default: true), diagonal: diagonal)
        return try node.inArithmetic(x) { try node.apply(operation, $0) }
      }),
    ONNXOperator(
      "ReverseSequence", 2...2,
      tensor: { node in
        let (x, counts) = (try node.tensor(0), try node.tensor(1))
        let time = try node.axis(node.int("time_axis", default: 0), rank: x.rank)
        let batch = try node.axis(node.int("batch_axis", default: 1), rank: x.rank)
        guard time + batch == 1, counts.rank == 1, counts.dimension(0) == x.dimension(batch) else {
          throw node.invalid("lengths \(counts.spec) for \(x.spec), time axis \(time), batch axis \(batch)")
        }
        return try node.reversed(x, node.cast(counts, to: .int64), time: time)
      }),
  ]
}

extension ONNXNode {
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
