import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Tensors put together, and grown.
  static let joins: [ONNXOperator] = [
    ONNXOperator(
      "Concat", 1...Int.max,
      tensor: { node in
        let parts = try node.inputs.indices.map { try node.tensor($0) }
        let axis = try node.axis(node.int("axis", default: 1), rank: parts[0].rank)
        return try node.assembler.apply(ConcatenateOperator(axis), parts)[0]
      }),
    ONNXOperator("Pad", 1...4, tensor: { try $0.padded() }),
  ]
}

extension ONNXNode {
  /// Axes grown at both ends, or cut where a width is negative.
  fileprivate func padded() throws -> Tensor {
    let x = try tensor(0)
    guard let widths = try integers(input: 1, orAttribute: attributes["pads"] == nil ? "paddings" : "pads") else {
      throw invalid("neither an input nor an attribute says how wide")
    }
    let named = has(3) ? try integers(3) : Array(0..<x.rank)
    guard widths.count == 2 * named.count, widths.allSatisfy({ $0.magnitude <= 1 << 30 }) else {
      throw invalid("\(widths.count) widths for \(x.spec)")
    }
    var before = Array(repeating: 0, count: x.rank)
    var after = before
    for (place, name) in named.enumerated() {
      let axis = try axis(name, rank: x.rank)
      (before[axis], after[axis]) = (widths[place], widths[named.count + place])
    }
    let mode: PadOperator.Mode
    switch try string("mode", default: "constant") {
    case "constant": mode = .constant
    case "reflect": mode = .reflect
    case "edge": mode = .replicate
    case "wrap": mode = .circular
    case let other: throw unsupported("mode '\(other)'")
    }
    let value = mode == .constant ? try number(input: 2, orAttribute: "value") ?? 0 : 0
    return try inArithmetic(x) { try apply(PadOperator(before, after, mode: mode, value: value), $0) }
  }
}
