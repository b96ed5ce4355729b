package import DeepSeekTensor

/// What a plan is compiled for: which outputs, whether state changes, and the shapes that are fed.
struct PlanRequest: Sendable, Hashable {
  /// Places in ``Graph/outputs``.
  var fetches: [Int]
  /// Whether variables take their updates and effects happen.
  var updatesVariables: Bool
  /// The shape of each input; `nil` for one that is not fed.
  var shapes: [Shape?]
}

extension Graph {
  /// The nodes that a run needs, in order.
  package func neededNodes(fetches: [Int], updatesVariables: Bool) -> [Int] {
    var isNeeded = Array(repeating: false, count: specs.count)
    for fetch in fetches { isNeeded[outputs[fetch].value.index] = true }
    if updatesVariables {
      for case let update? in variables.map(\.update) { isNeeded[update.index] = true }
    }
    var result: [Int] = []
    for (index, node) in nodes.enumerated().reversed() {
      let hasEffect = updatesVariables && node.operation.traits.contains(.effect)
      guard hasEffect || node.outputs.contains(where: { isNeeded[$0.index] }) else { continue }
      for input in node.inputs { isNeeded[input.index] = true }
      result.append(index)
    }
    return result.reversed()
  }

  /// The values of the symbols in the inputs' shapes when tensors of these shapes are fed. Throws
  /// ``GraphError/feed(_:_:)`` when a shape does not fit.
  package func bindings(for shapes: [Shape?]) throws -> [Dimension: Int] {
    var bindings: [Dimension: Int] = [:]
    for (input, shape) in zip(inputs, shapes) {
      guard let shape else { continue }
      let expected = spec(input.value).shape
      guard shape.rank == expected.rank else {
        throw GraphError.feed(input.name, "\(shape) is fed, \(expected) expected")
      }
      for axis in 0..<shape.rank {
        let (dimension, length) = (expected.dimension(axis), shape[axis])
        guard dimension.isPossible(bindings) else {
          throw GraphError.feed(input.name, "\(shape) is fed, but then the length \(dimension) is impossible")
        }
        if let earlier = dimension.resolved(bindings).known {
          guard earlier == length else {
            let meaning = dimension.known == nil ? "; '\(dimension)' is \(earlier) here" : ""
            throw GraphError.feed(input.name, "\(shape) is fed, \(expected) expected: axis \(axis) differs\(meaning)")
          }
        } else {
          bindings[dimension] = length
        }
      }
    }
    for dimension in Set(specs.flatMap(\.shape.dimensions)) where !dimension.isPossible(bindings) {
      let fed = shapes.map { $0.map(\.description) ?? "nothing" }.joined(separator: ", ")
      throw GraphError.feed(
        inputs.map(\.name).joined(separator: "', '"), "\(fed) is fed, but then the length \(dimension) is impossible")
    }
    return bindings
  }

  /// Throws ``GraphError`` unless one tensor or none is fed for each input, with values and of the input's type.
  package func expectPlainTensors(_ feeds: [Tensor?]) throws {
    guard feeds.count == inputs.count else {
      throw GraphError.invalidGraph("\(feeds.count) tensors are fed, the graph has \(inputs.count) inputs")
    }
    if CaptureScope.current != nil {
      throw GraphError.capture("a graph cannot run inside a capture; run it outside and use its results as constants")
    }
    for (feed, input) in zip(feeds, inputs) {
      guard let feed else { continue }
      guard feed.graphValue == nil else { throw GraphError.feed(input.name, "a place in a graph is fed, not a value") }
      let expected = spec(input.value)
      guard feed.dtype == expected.dtype else {
        throw GraphError.feed(input.name, "a \(feed.spec) is fed, \(expected) expected")
      }
    }
  }
}
