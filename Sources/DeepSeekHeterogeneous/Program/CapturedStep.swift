public import DeepSeekTensor

/// A run recorded once and repeated on new inputs of the same shapes: no Swift code of the model, no dispatch, and no memory
/// but for the results. What `ds.cudaGraph` gives: on the CPU a planned arena is run through again.
///
/// ```swift
/// let step = try CapturedStep(x) { model($0) }
/// let y = try step(new)
/// ```
public final class CapturedStep: Sendable {
  /// What is repeated.
  public let program: Program

  /// Records `body` for an input of this type and shape.
  public init(_ example: Tensor, options: CompileOptions = CompileOptions(), _ body: (Tensor) throws -> Tensor) throws {
    program = try Program([("input", example.spec)], options: options) { [("output", try body($0["input"]!))] }
    // Planned now: the first repetition costs what every other does.
    _ = try program.memoryReport([example.shape])
  }

  /// Repeats the run. Throws `GraphError` when the input is of another type or shape than the recorded one.
  public func callAsFunction(_ input: Tensor) throws -> Tensor { try program.run([input])[0] }
}
