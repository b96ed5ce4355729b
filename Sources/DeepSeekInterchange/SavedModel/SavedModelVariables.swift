import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekTensor

/// Finds the tensors of a graph's variables: the graph's own restoring says which name in the checkpoint belongs to which
/// variable, whatever made them.
struct SavedModelVariables {
  private let nodes: [Tensorflow_NodeDef]
  private let places: [String: Int]
  private let variables: TensorFlowCheckpoint?
  private let file: String
  /// Bytes of the variables that were needed.
  private(set) var byteCount = 0

  private static let handles: Set<String> = ["VarHandleOp", "VariableV2", "Variable"]
  private static let passing: Set<String> = ["Identity", "Cast"]
  /// Operators that change a variable.
  private static let changes: Set<String> = [
    "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "Assign", "AssignAdd", "AssignSub",
    "ResourceScatterUpdate", "ResourceScatterAdd", "ResourceStridedSliceAssign",
  ]

  init(_ graph: Tensorflow_GraphDef, variables: TensorFlowCheckpoint?, file: String) {
    nodes = graph.node
    self.variables = variables
    self.file = file
    places = Dictionary(nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The nodes that the outputs need, with constants in place of variables.
  mutating func resolved(outputs: [String]) throws -> [Tensorflow_NodeDef] {
    let needed = try needed(outputs)
    let keys = keys()
    return try needed.map { place in
      let node = nodes[place]
      guard SavedModelVariables.handles.contains(node.op) else { return node }
      guard let key = keys[node.name] else {
        throw failure(node, .malformed, "the graph does not say which name in the checkpoint is this variable's")
      }
      guard let variables else {
        throw failure(
          node, .malformed, "the model has no variables beside its graph", "copy the folder 'variables' too")
      }
      let tensor = try variables.tensor(key)
      byteCount += tensor.elementCount * tensor.dtype.byteCount
      var constant = Tensorflow_NodeDef()
      constant.name = node.name
      constant.op = "Const"
      var value = Tensorflow_AttrValue()
      value.tensor = Tensorflow_TensorProto(tensor)
      constant.attr["value"] = value
      return constant
    }
  }

  /// What the outputs read, and what must have run for them. Throws when that changes a variable.
  private func needed(_ outputs: [String]) throws -> [Int] {
    var stack = outputs.compactMap { places[SavedModelVariables.node($0)] }
    var seen = Set(stack)
    while let place = stack.popLast() {
      let node = nodes[place]
      if SavedModelVariables.changes.contains(node.op) {
        throw failure(
          node, .unsupported, "the function changes a variable when it runs",
          "export a function that computes without changing state")
      }
      for input in node.input {
        if let source = places[SavedModelVariables.node(input)], seen.insert(source).inserted { stack.append(source) }
      }
    }
    return seen.sorted()
  }

  /// The checkpoint's names by the variables' nodes: an assignment of what `RestoreV2` gives to a variable.
  private func keys() -> [String: String] {
    var keys: [String: String] = [:]
    for node in nodes where (node.op == "AssignVariableOp" || node.op == "Assign") && node.input.count >= 2 {
      guard let variable = source(node.input[0]), let value = source(node.input[1]),
        SavedModelVariables.handles.contains(nodes[variable.place].op), nodes[value.place].op == "RestoreV2"
      else { continue }
      let restore = nodes[value.place]
      guard restore.input.count >= 2, let list = source(restore.input[1]),
        case .tensor(let names)? = nodes[list.place].attr["value"]?.value,
        names.stringVal.indices.contains(value.output)
      else { continue }
      keys[nodes[variable.place].name] = String(decoding: names.stringVal[value.output], as: UTF8.self)
    }
    return keys
  }

  /// What a tensor is behind nodes that pass it on.
  private func source(_ text: String) -> (place: Int, output: Int)? {
    var text = text
    // No way is longer than the graph.
    for _ in 0...nodes.count {
      guard let place = places[SavedModelVariables.node(text)] else { return nil }
      let node = nodes[place]
      guard SavedModelVariables.passing.contains(node.op), let next = node.input.first else {
        let number = text.split(separator: ":").dropFirst().first.flatMap { Int($0) }
        return (place, number ?? 0)
      }
      text = next
    }
    return nil
  }

  private static func node(_ text: String) -> String {
    String((text.hasPrefix("^") ? text.dropFirst() : text[...]).prefix { $0 != ":" })
  }

  private func failure(
    _ node: Tensorflow_NodeDef, _ kind: InterchangeError.Kind, _ message: String, _ advice: String = ""
  ) -> InterchangeError {
    InterchangeError(kind, file: file, node: node.name, operation: node.op, message, advice: advice)
  }
}
