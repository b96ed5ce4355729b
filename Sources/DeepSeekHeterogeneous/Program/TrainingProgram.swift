public import DeepSeekDynamic
public import DeepSeekGraph
public import DeepSeekTensor

/// A training step made ready to run: forward pass, backward walk and optimizer in one graph.
///
/// ```swift
/// let step = try TrainingProgram(model, optimizer, [("x", x.spec), ("labels", labels.spec)]) { inputs in
///   model(inputs["x"]!).crossEntropy(inputs["labels"]!)
/// }
/// let loss = try step(["x": x, "labels": labels])
/// ```
///
/// Weights and optimizer state stay where they are and are replaced in place: eager code sees them move, and eager and
/// compiled steps may take turns. One thread trains at a time.
public final class TrainingProgram: Sendable {
  /// What is run.
  public let graph: Graph
  private let executor: CPUExecutor

  /// The step that `loss`, a scalar, is lessened by.
  ///
  /// - Parameters:
  ///   - model: What is trained; in training mode if its dropout is to act.
  ///   - optimizer: Moves the weights.
  ///   - inputs: Names, types and shapes of what a step is fed.
  ///   - clippingNorm: The most that all gradients together may measure.
  ///   - precision: In which type products run, forward and backward. Weights and what the optimizer remembers keep theirs.
  ///   - loss: What is to become less.
  public init(
    _ model: any Module, _ optimizer: Optimizer, _ inputs: [(name: String, spec: TensorSpec)],
    clippingNorm: Double? = nil, precision: CompileOptions.Precision = .float32,
    loss: ([String: Tensor]) throws -> Tensor
  ) throws {
    let naming = model.namedParameters().map { (name: $0.name, parameter: $0.parameter) } + optimizer.namedState()
    let captured = try withGradient {
      try capture(inputs, naming: naming) { places in
        let loss = try precision.scope { try loss(places) }
        loss.backward()
        optimizer.step(clippingNorm: clippingNorm)
        optimizer.zeroGradients()
        return [("loss", loss.detached())]
      }
    }
    graph = try captured.optimized(GraphPass.standard + [.elementwiseFusion, .deadCode])
    executor = try CPUExecutor(graph)
  }

  /// Makes one step and returns the loss before it. Throws `GraphError` when an input does not fit or an operator fails.
  public func callAsFunction(_ inputs: [String: Tensor]) throws -> Tensor {
    try executor.run(inputs)["loss"]!
  }

  /// What a step with inputs of these shapes does with memory beside weights and state.
  public func memoryReport(_ shapes: [Shape]) throws -> MemoryReport { try executor.memoryReport(shapes) }
}
