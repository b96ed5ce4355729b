import DeepSeekProtocols

/// Puts the bodies of a library's functions in the place of their calls, so that all of a SavedModel's variables stand in one
/// graph; what branches and loops call stays in the library.
struct FunctionInlining {
  private let file: String
  private let functions: [String: Tensorflow_FunctionDef]
  private var nodes: [Tensorflow_NodeDef] = []
  /// What each output of a call is, by the call's name; it may be another call's.
  private var results: [String: [Reference]] = [:]
  /// What must have run when a call has, by the call's name.
  private var endings: [String: [String]] = [:]

  /// A tensor: a node of the result, and which of its outputs.
  private struct Reference {
    var node: String
    var output: Int
    var text: String { output == 0 ? node : "\(node):\(output)" }
  }

  /// Calls within calls: deeper than this is a function that calls itself.
  private static let largestDepth = 64
  /// More nodes than any model has.
  private static let largestCount = 1 << 20
  private static let calls: Set<String> = ["PartitionedCall", "StatefulPartitionedCall"]

  /// Operators with outputs of several names, in order; those of others count through.
  static let outputNames: [String: [String]] = [
    "FusedBatchNorm": ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
    "FusedBatchNormV2": ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
    "FusedBatchNormV3": ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"],
    "TopKV2": ["values", "indices"], "TopK": ["values", "indices"], "Unique": ["y", "idx"],
    "UniqueWithCounts": ["y", "idx", "count"], "Switch": ["output_false", "output_true"],
    "RefSwitch": ["output_false", "output_true"], "RefMerge": ["output", "value_index"],
    "Merge": ["output", "value_index"], "MaxPoolWithArgmax": ["output", "argmax"],
    "SoftmaxCrossEntropyWithLogits": ["loss", "backprop"],
    "SparseSoftmaxCrossEntropyWithLogits": ["loss", "backprop"], "Svd": ["s", "u", "v"], "Qr": ["q", "r"],
  ]

  /// The graph without calls of its library's functions, and what each of `outputs` is in it.
  /// - Throws: ``InterchangeError`` when a function is missing or calls itself.
  static func inlined(
    _ graph: Tensorflow_GraphDef, outputs: [String], file: String
  ) throws -> (graph: Tensorflow_GraphDef, outputs: [String]) {
    var inlining = FunctionInlining(graph, file: file)
    try inlining.expand(graph.node, scope: Scope(), depth: 0)
    var result = Tensorflow_GraphDef()
    result.versions = graph.versions
    // Branches and loops name functions that are called from no node.
    result.library = graph.library
    result.node = try inlining.nodes.map { try inlining.resolved($0) }
    let found = try outputs.map { try inlining.chased(Scope().reference($0), $0).text }
    return (result, found)
  }

  private init(_ graph: Tensorflow_GraphDef, file: String) {
    self.file = file
    functions = Dictionary(
      graph.library.function.map { ($0.signature.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Where nodes are put: in the graph itself, or for a call of a function.
  private struct Scope {
    /// What their names begin with.
    var prefix = ""
    /// What a function's arguments are; `nil` in the graph itself.
    var arguments: [String: Reference]?
    /// The operators of a function's nodes.
    var operations: [String: String] = [:]

    /// A tensor by its name here: `name:1` in a graph, `argument` or `name:output:1` in a function.
    func reference(_ text: String) -> Reference {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      if let arguments {
        if let argument = arguments[text] { return argument }
        let number = parts.count > 2 ? Int(parts[2]) ?? 0 : 0
        let names = operations[parts[0]].flatMap { FunctionInlining.outputNames[$0] }
        let place = parts.count > 1 ? names?.firstIndex(of: parts[1]) : nil
        return Reference(node: prefix + parts[0], output: place ?? number)
      }
      return Reference(node: parts[0], output: parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    }
  }

  private mutating func expand(_ body: [Tensorflow_NodeDef], scope: Scope, depth: Int) throws {
    for node in body {
      var placed = node
      placed.name = scope.prefix + node.name
      placed.input = node.input.map { input in
        guard input.hasPrefix("^") else { return scope.reference(input).text }
        let name = String(input.dropFirst())
        return "^" + (scope.arguments?[name]?.node ?? scope.prefix + name)
      }
      guard let function = try function(node) else {
        nodes.append(placed)
        if nodes.count > FunctionInlining.largestCount {
          throw failure(.tooLarge, node, "calls put in place make more than \(FunctionInlining.largestCount) nodes")
        }
        continue
      }
      guard depth < FunctionInlining.largestDepth else {
        throw failure(.cycle, node, "the function '\(function.signature.name)' calls itself, or calls too deep")
      }
      let given = placed.input.filter { !$0.hasPrefix("^") }.map { Scope().reference($0) }
      let names = function.signature.inputArg.map(\.name)
      guard given.count == names.count else {
        throw failure(.invalidNode, node, "it gives \(given.count) arguments, the function takes \(names.count)")
      }
      let inner = Scope(
        prefix: placed.name + "/",
        arguments: Dictionary(zip(names, given), uniquingKeysWith: { first, _ in first }),
        operations: Dictionary(function.nodeDef.map { ($0.name, $0.op) }, uniquingKeysWith: { first, _ in first }))
      results[placed.name] = try function.signature.outputArg.map { output in
        guard let source = function.ret[output.name] else {
          throw failure(.malformed, node, "the function does not say what its output '\(output.name)' is")
        }
        return inner.reference(source)
      }
      endings[placed.name] = function.controlRet.values.sorted().map { inner.prefix + $0 }
      try expand(function.nodeDef, scope: inner, depth: depth + 1)
    }
  }

  /// The function that a node calls; `nil` for one that calls none.
  private func function(_ node: Tensorflow_NodeDef) throws -> Tensorflow_FunctionDef? {
    guard FunctionInlining.calls.contains(node.op) else { return functions[node.op] }
    guard case .func(let call)? = node.attr["f"]?.value, let function = functions[call.name] else {
      throw failure(.malformed, node, "the function that it calls is not in the graph's library")
    }
    return function
  }

  /// A node whose inputs are no calls.
  private func resolved(_ node: Tensorflow_NodeDef) throws -> Tensorflow_NodeDef {
    if results.isEmpty { return node }
    var node = node
    node.input = try node.input.flatMap { input -> [String] in
      guard input.hasPrefix("^") else { return [try chased(Scope().reference(input), node.name).text] }
      return try endings(String(input.dropFirst()), node.name)
    }
    return node
  }

  /// What a tensor is when calls are followed to what they give.
  private func chased(_ reference: Reference, _ reader: String) throws -> Reference {
    var (reference, left) = (reference, results.count)
    while let outputs = results[reference.node] {
      guard outputs.indices.contains(reference.output), left > 0 else {
        throw InterchangeError(
          .malformed, file: file, node: reader, "it reads output \(reference.output) of the call '\(reference.node)'")
      }
      reference = outputs[reference.output]
      left -= 1
    }
    return reference
  }

  /// What must have run before a node that waits for `name`.
  private func endings(_ name: String, _ reader: String) throws -> [String] {
    guard let outputs = results[name] else { return ["^" + name] }
    var (found, stack, seen): (Set<String>, [String], Set<String>) = ([], [name], [name])
    for output in outputs.indices {
      found.insert(try chased(Reference(node: name, output: output), reader).node)
    }
    while let next = stack.popLast() {
      guard let inner = endings[next] else {
        found.insert(next)
        continue
      }
      for name in inner where seen.insert(name).inserted { stack.append(name) }
    }
    return found.sorted().map { "^" + $0 }
  }

  private func failure(
    _ kind: InterchangeError.Kind, _ node: Tensorflow_NodeDef, _ message: String
  ) -> InterchangeError {
    InterchangeError(kind, file: file, node: node.name, operation: node.op, message)
  }
}
