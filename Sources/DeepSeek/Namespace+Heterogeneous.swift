public import DeepSeekHeterogeneous
public import DeepSeekTensor

extension ds {
  /// Gathers requests that come at the same time into batches.
  public typealias DynamicBatchModel<Request: Sendable, Response: Sendable> =
    DeepSeekHeterogeneous.DynamicBatchModel<Request, Response>

  /// Records a run for repetition: `let step = try ds.cudaGraph(x) { model($0) }`, then `try step(new)`; see
  /// `CapturedStep`.
  public static func cudaGraph(_ example: Tensor, _ body: (Tensor) throws -> Tensor) throws -> CapturedStep {
    try CapturedStep(example, body)
  }
}
