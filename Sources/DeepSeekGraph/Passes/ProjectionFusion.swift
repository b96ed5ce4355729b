import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Products of one tensor with several constant weights become one product with the weights stacked: the queries, keys and
  /// values of attention are computed at once, and the tensor is read once. Every bit stays.
  ///
  /// The stacked weights are new tensors; the single ones go with ``deadCode`` where nothing else reads them, and where
  /// something does, they stay as they are.
  public static let projectionFusion = GraphPass("projection fusion") { graph in
    let constants = graph.constantTensors()
    let useCounts = graph.useCounts()
    var groups: [ProjectionKey: [Int]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard let key = ProjectionKey(node, constants, useCounts) else { continue }
      groups[key, default: []].append(index)
    }
    var result = graph
    // What stands in place of a node: nothing, or, at the group's first, the product and its parts.
    var replacements: [Int: [Graph.Node]] = [:]
    for members in groups.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      replacements.merge(result.stackProjections(members, constants)) { _, new in new }
    }
    if replacements.isEmpty { return graph }
    result.nodes = graph.nodes.indices.flatMap { replacements[$0] ?? [graph.nodes[$0]] }
    return result
  }
}

/// What products must have in common to become one.
private struct ProjectionKey: Hashable {
  let input: Graph.Value
  let operation: LinearOperator
  let dtype: DType
  let hasBias: Bool
  let device: Device?

  init?(_ node: Graph.Node, _ constants: [Graph.Value: Tensor], _ useCounts: [Graph.Value: Int]) {
    guard let linear = node.operation as? LinearOperator, let weight = constants[node.inputs[1]],
      node.inputs.dropFirst().allSatisfy({ constants[$0] != nil && useCounts[$0] == 1 })
    else { return nil }
    input = node.inputs[0]
    operation = linear
    dtype = weight.dtype
    hasBias = node.inputs.count == 3
    device = node.device
  }
}

extension Graph {
  fileprivate mutating func stackProjections(_ members: [Int], _ constants: [Value: Tensor]) -> [Int: [Node]] {
    let first = nodes[members[0]]
    let weights = members.map { constants[nodes[$0].inputs[1]]! }
    var inputs = [first.inputs[0], add(constant: Tensor.concatenate(weights, axis: 0))]
    if first.inputs.count == 3 {
      inputs.append(add(constant: Tensor.concatenate(members.map { constants[nodes[$0].inputs[2]]! }, axis: 0)))
    }
    let widths = weights.map { $0.shape[0] }
    let spec = spec(first.outputs[0])
    let stacked = makeValue(TensorSpec(spec.dtype, spec.shape.replacing(-1, with: Dimension(widths.reduce(0, +)))))
    var parts = [Node(first.operation, inputs, outputs: [stacked], name: first.name, device: first.device)]
    var start = 0
    for (member, width) in zip(members, widths) {
      let slice = SliceOperator([.init(axis: spec.shape.rank - 1, start: start, count: width)])
      parts.append(Node(slice, [stacked], replacing: nodes[member]))
      start += width
    }
    var replacements: [Int: [Node]] = Dictionary(uniqueKeysWithValues: members.dropFirst().map { ($0, []) })
    replacements[members[0]] = parts
    return replacements
  }
}
