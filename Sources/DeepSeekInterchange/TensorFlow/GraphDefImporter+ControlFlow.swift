import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

/// A condition: known, or a scalar of the graph.
enum GraphDefCondition {
  case known(Bool)
  case open(Tensor)
}

/// Calls and branches. Our graphs have none, so that calls are written out; of a branch whose condition is known the other way is
/// left out, otherwise both are computed and one is chosen.
extension GraphDefImporter {
  /// What a node that decides gives.
  func followed(_ control: ControlFlow, _ node: TensorFlowNode, depth: Int) throws -> [ImportedValue] {
    switch control {
    case .partitionedCall, .statefulPartitionedCall:
      return try call(function("f", node), node.inputs, node, depth: depth)
    case .if, .statelessIf: return try branched(node, depth: depth)
    case .case, .statelessCase: return try cased(node, depth: depth)
    case .while, .statelessWhile:
      return try repeated(function("cond", node), function("body", node), node.inputs, [], node, depth: depth)
    case .switch, .referenceSwitch: return try switched(node)
    case .merge, .referenceMerge: return try merged(node)
    }
  }

  private func function(_ attribute: String, _ node: TensorFlowNode) throws -> GraphDefFunction {
    guard case .func(let list)? = node.proto.attr[attribute]?.value else {
      throw node.invalid("attribute '\(attribute)' is not a function")
    }
    return try function(named: list.name, node)
  }

  private func function(named name: String, _ node: TensorFlowNode) throws -> GraphDefFunction {
    guard let function = try function(name) else { throw node.invalid("its function '\(name)' is not in the file") }
    return function
  }

  /// What a value says as a condition.
  func condition(_ value: ImportedValue, _ node: TensorFlowNode) throws -> GraphDefCondition {
    let tensor = value.tensor
    guard value.list == nil, tensor.shape.isKnown, tensor.elementCount == 1,
      tensor.dtype.isArithmetic || tensor.dtype == .bool
    else { throw node.unsupported("its condition is \(tensor.spec); one truth value is expected") }
    if tensor.graphValue == nil {
      let isBool = tensor.dtype == .bool
      return .known(isBool ? tensor.array(of: Bool.self)[0] : tensor.item(as: Double.self) != 0)
    }
    if let number = value.knownLengths?.first?.number { return .known(number != 0) }
    let scalar = try node.reshaped(tensor, [])
    let zero = Tensor.full([], 0, dtype: tensor.dtype)
    if tensor.dtype == .bool { return .open(scalar) }
    return .open(try node.binary(.notEqual, scalar, zero))
  }

  private func branched(_ node: TensorFlowNode, depth: Int) throws -> [ImportedValue] {
    guard let first = node.inputs.first else { throw node.invalid("it has no condition") }
    let arguments = Array(node.inputs.dropFirst())
    let (yes, no) = (try function("then_branch", node), try function("else_branch", node))
    switch try condition(first, node) {
    case .known(let truth): return try call(truth ? yes : no, arguments, node, depth: depth)
    case .open(let predicate):
      let (a, b) = (
        try call(yes, arguments, node, depth: depth), try call(no, arguments, node, depth: depth)
      )
      guard a.count == b.count else { throw node.invalid("its branches give \(a.count) and \(b.count) tensors") }
      return try zip(a, b).map { try chosen(predicate, $0, $1, node) }
    }
  }

  /// One of several branches by its number; another number means the last.
  private func cased(_ node: TensorFlowNode, depth: Int) throws -> [ImportedValue] {
    guard let number = node.inputs.first else { throw node.invalid("it has no number of a branch") }
    guard case .list(let list)? = node.proto.attr["branches"]?.value, let last = list.func.last else {
      throw node.invalid("attribute 'branches' is not a list of functions")
    }
    guard number.list == nil, number.tensor.spec.dtype == .int32, number.tensor.rank == 0 else {
      throw node.unsupported("its number of a branch is \(number.tensor.spec); one int32 is expected")
    }
    let arguments = Array(node.inputs.dropFirst())
    func results(_ name: String) throws -> [ImportedValue] {
      try call(function(named: name, node), arguments, node, depth: depth)
    }
    if let known = number.knownLengths?.first?.number {
      return try results((list.func.indices.contains(known) ? list.func[known] : last).name)
    }
    var outputs = try results(last.name)
    for (place, function) in list.func.enumerated().dropLast() {
      let own = try results(function.name)
      guard own.count == outputs.count else {
        throw node.invalid("its branches give \(own.count) and \(outputs.count) tensors")
      }
      let isOwn = try node.binary(.equal, number.tensor, Tensor.full([], place, dtype: .int32))
      outputs = try zip(own, outputs).map { try chosen(isOwn, $0, $1, node) }
    }
    return outputs
  }

  /// One of two values, by a condition that is known when the graph runs.
  func chosen(
    _ predicate: Tensor, _ a: ImportedValue, _ b: ImportedValue, _ node: TensorFlowNode
  ) throws -> ImportedValue {
    if a.isDead || b.isDead { return a.isDead ? b : a }
    if let first = a.list, let second = b.list, first.count == second.count {
      return ImportedValue(list: try zip(first, second).map { try chosen(predicate, $0, $1, node) })
    }
    guard a.list == nil, b.list == nil, a.tensor.spec == b.tensor.spec else {
      throw node.unsupported(
        "its branches give \(a.tensor.spec) and \(b.tensor.spec), and which is taken is known only when the graph runs")
    }
    return ImportedValue(
      try node.chosen(predicate, a.tensor, b.tensor), lengths: a.lengths == b.lengths ? a.lengths : nil)
  }

  /// One of two tensors of lists; where one was never set there are zeros.
  private func chosen(_ predicate: Tensor, _ a: Tensor?, _ b: Tensor?, _ node: TensorFlowNode) throws -> Tensor? {
    guard let given = a ?? b else { return nil }
    func zeros() throws -> Tensor { try node.broadcast(node.scalar(0, given.dtype), to: given.shape) }
    let (first, second) = (try a ?? zeros(), try b ?? zeros())
    return try chosen(predicate, ImportedValue(first), ImportedValue(second), node).tensor
  }

  // MARK: TensorFlow 1

  /// The value for whoever reads the way that is not taken, and for whoever reads the one that is.
  private func switched(_ node: TensorFlowNode) throws -> [ImportedValue] {
    guard node.inputs.count == 2 else { throw node.invalid("it has \(node.inputs.count) inputs, 2 are expected") }
    let value = node.inputs[0]
    switch try condition(node.inputs[1], node) {
    case .known(let truth): return truth ? [.dead, value] : [value, .dead]
    case .open(let predicate):
      // The same condition has one number wherever it is read.
      let place = node.inputs[1].tensor.graphValue?.index
      let number = predicateNumbers[place ?? -1] ?? predicates.count
      if number == predicates.count {
        predicates.append(predicate)
        if let place { predicateNumbers[place] = number }
      }
      return [false, true].map { way -> ImportedValue in
        if let known = value.conditions[number], known != way { return .dead }
        var result = value
        result.conditions[number] = way
        return result
      }
    }
  }

  /// The value that is there, or one of two by the condition that they lie on different ways of; and which it is.
  func merged(_ node: TensorFlowNode) throws -> [ImportedValue] {
    let alive = node.inputs.indices.filter { !node.inputs[$0].isDead }
    guard let first = alive.first else { return [.dead, .dead] }
    func place(_ index: Int) -> Tensor { Tensor.full([], index, dtype: .int32) }
    if alive.count == 1 {
      var which = ImportedValue(place(first))
      which.conditions = node.inputs[first].conditions
      return [node.inputs[first], which]
    }
    guard alive.count == 2 else { throw node.unsupported("\(alive.count) values meet in it") }
    let (a, b) = (node.inputs[first], node.inputs[alive[1]])
    let differing = a.conditions.keys.sorted().first { number in
      b.conditions[number].map { $0 != a.conditions[number] } ?? false
    }
    guard let number = differing, let way = a.conditions[number] else {
      throw node.unsupported("two values meet in it that do not lie on the two ways of one condition")
    }
    let predicate = predicates[number]
    let (yes, no) = way ? (0, 1) : (1, 0)
    let values = [a, b]
    let rest = a.conditions.filter { $0.key != number && b.conditions[$0.key] == $0.value }
    let indices = [ImportedValue(place(first)), ImportedValue(place(alive[1]))]
    return try [values, indices].map { pair -> ImportedValue in
      var result = try chosen(predicate, pair[yes], pair[no], node)
      result.conditions = rest
      return result
    }
  }
}

extension ImportedValue {
  /// The conditions under which all of some values are wanted; `nil` when one of them never is.
  static func combined(_ values: [ImportedValue]) -> [Int: Bool]? {
    var result: [Int: Bool] = [:]
    for value in values {
      if value.isDead { return nil }
      for (number, way) in value.conditions {
        if let known = result.updateValue(way, forKey: number), known != way { return nil }
      }
    }
    return result
  }
}
