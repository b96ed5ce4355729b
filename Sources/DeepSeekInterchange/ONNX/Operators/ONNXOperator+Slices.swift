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
        return try node.reversed(
          x, counts, time: node.int("time_axis", default: 0), batch: node.int("batch_axis", default: 1))
      }),
  ]
}
