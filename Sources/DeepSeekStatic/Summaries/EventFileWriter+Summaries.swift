public import DeepSeekRecords

/// A TensorBoard event file as the place where summaries go.
extension EventFileWriter: SummarySink {
  /// Writes a value down under a tag, for a step. Throws `CheckpointError` when the disk is full or fails.
  public func write(_ value: SummaryValue, tag: String, step: Int) throws {
    switch value {
    case .scalar(let number): try scalar(tag, number, step: step)
    case .histogram(let distribution): try histogram(tag, distribution, step: step)
    }
  }
}
