import DeepSeekTensor

extension Graph: CustomStringConvertible {
  /// A readable listing, a line a value: inputs, keys, constants, variables, nodes, outputs.
  ///
  /// ```
  /// graph (x: %0 float32[batch, 4]) -> (y: %3)
  ///   constant %1 float32[]
  ///   %2 float32[batch, 4] = multiply(%0, %1) {function: multiply}
  ///   %3 float32[batch, 1] = reduce_sum(%2) {function: sum, axes: [1]}
  /// ```
  public var description: String {
    let given = inputs.map { "\($0.name): \($0.value) \(spec($0.value))" }.joined(separator: ", ")
    let fetched = outputs.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
    var lines = ["graph (\(given)) -> (\(fetched))"]
    lines += keys.map { "  key \($0)" }
    lines += constants.map { "  constant \($0.value) \(spec($0.value))" }
    lines += variables.map { variable in
      let update = variable.update.map { " <- \($0)" } ?? ""
      return "  variable \(variable.value) \(spec(variable.value)) '\(variable.name)'\(update)"
    }
    lines += nodes.map { node in
      let results = node.outputs.map { "\($0) \(spec($0))" }.joined(separator: ", ")
      let operands = node.inputs.map(\.description).joined(separator: ", ")
      let attributes = node.operation.attributeText
      let origin = [node.name.map { "'\($0)'" }, node.device.map { "on \($0)" }].compactMap { $0 }
      return
        (["  \(results) = \(node.operation.name)(\(operands))"] + (attributes.isEmpty ? [] : [attributes]) + origin)
        .joined(separator: " ")
    }
    return lines.joined(separator: "\n")
  }
}

extension Operator {
  /// The stored properties as `name: value`; empty for an operator without.
  var attributeText: String {
    let parts = Mirror(reflecting: self).children.map { "\($0.label ?? "_"): \(Operators.text($0.value))" }
    return parts.isEmpty ? "" : "{" + parts.joined(separator: ", ") + "}"
  }
}

private enum Operators {
  static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional { return mirror.children.first.map { text($0.value) } ?? "nil" }
    if mirror.displayStyle == .collection {
      return "[" + mirror.children.map { text($0.value) }.joined(separator: ", ") + "]"
    }
    return String(describing: value)
  }
}
