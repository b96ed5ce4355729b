import DeepSeekGraph
public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

extension StaticGraph {
  /// The gradients of a tensor with respect to others (placeholders, variables, anything on the way), as tensors of the
  /// graph, from the operators' own rules; `nil` where none flows.
  public func gradients(of result: Tensor, withRespectTo tensors: [Tensor]) -> [Tensor?] {
    var options = BackwardOptions()
    options.retainGraph = true
    // A walk ends at what it was asked for, so that what lies on the way to others has one of its own.
    let between = tensors.indices.filter { tensors[$0].gradientNode?.operation != nil }
    let ends = tensors.indices.filter { !between.contains($0) }
    return building {
      nameScope("gradients") {
        var found = [Tensor?](repeating: nil, count: tensors.count)
        for places in [ends] + between.map({ [$0] }) where !places.isEmpty {
          let part = DeepSeekOperators.gradients(
            of: [result], withRespectTo: places.map { tensors[$0] }, options: options)
          for (place, gradient) in zip(places, part) { found[place] = gradient }
        }
        return found
      }
    }
  }
}

extension Optimizer {
  /// An operation that makes a step down the gradient of a loss of a ``StaticGraph``. What layers noted to be updated while
  /// the graph was built (running statistics of batch normalization) runs with it.
  ///
  /// - Parameters:
  ///   - loss: A scalar.
  ///   - clippingNorm: What the norm of all gradients together is shortened to.
  public func minimize(_ loss: Tensor, clippingNorm: Double? = nil) -> StaticOperation {
    minimize(meanOf: [loss], clippingNorm: clippingNorm)
  }

  /// An operation that makes a step down the gradients' mean of several losses, one for each replica of a model placed by
  /// hand: with shards of equal size, the step that one batch of all of them makes, but for rounding.
  public func minimize(meanOf losses: [Tensor], clippingNorm: Double? = nil) -> StaticOperation {
    let graph = StaticGraph.owner(of: losses, "minimize")
    return graph.operation("minimize") {
      gather(losses)
      step(gradientScale: 1 / Double(losses.count), clippingNorm: clippingNorm)
    }
  }

  /// Walks back from losses, so that the capture's gradients of all parameters are the sums over them.
  func gather(_ losses: [Tensor]) {
    for loss in losses { loss.backward(retainGraph: true) }
  }
}

extension StaticGraph {
  /// The one graph of some losses. Traps for none, or one through which no gradient flows.
  static func owner(of losses: [Tensor], _ who: String) -> StaticGraph {
    guard let first = losses.first else { fatalError("\(who): no loss is given") }
    let graph = StaticGraph.of(first, who)
    for loss in losses where !loss.tracksGradient {
      fatalError("\(who): this \(loss.spec) depends on no variable that is trained")
    }
    return graph
  }

  /// An operation that assigns what `body` assigns to parameters, and runs after the layers' updates when it is told to.
  func operation(_ name: String, runsUpdates: Bool = true, _ body: () throws -> Void) rethrows -> StaticOperation {
    // Inside a scope that is still open, what layers assigned in it has not been noted yet.
    if CaptureScope.current === builder {
      let waiting = StaticGraph.controls
      let given = StaticGraph.checked { try StaticOperation.merged(StaticOperation.withDependencies(waiting)) }
      note(StaticGraph.added(builder.currentAssignments, to: given.map(\.assignment)))
    }
    let before = runsUpdates ? updates : StaticOperation("updates", self, [])
    let unique = builder.uniqueName(name)
    let made = try StaticGraph.$controls.withValue([]) {
      try nameScope(name) { try builder.assignments(body).assigned }
    }
    return StaticOperation(
      unique, self, made, after: StaticGraph.controls + (before.assignments.isEmpty ? [] : [before]))
  }
}
