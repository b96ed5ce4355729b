import CoreMetrics

/// What a ``DynamicBatchModel`` reports through swift-metrics, each under `deepseek.batching.` and with the model's name as
/// the dimension `model`: timers `queue_time` (from arrival to the batch) and `latency` (from arrival to the answer), the
/// recorder `batch_size`, and the counters `answered`, `refused`, `cancelled`, `expired` and `failed`.
struct BatchingMetrics: Sendable {
  let queueTime, latency: Timer
  let batchSize: Recorder
  let answered, refused, cancelled, expired, failed: Counter

  init(model: String) {
    let dimensions = [("model", model)]
    func label(_ name: String) -> String { "deepseek.batching.\(name)" }
    queueTime = Timer(label: label("queue_time"), dimensions: dimensions)
    latency = Timer(label: label("latency"), dimensions: dimensions)
    batchSize = Recorder(label: label("batch_size"), dimensions: dimensions)
    answered = Counter(label: label("answered"), dimensions: dimensions)
    refused = Counter(label: label("refused"), dimensions: dimensions)
    cancelled = Counter(label: label("cancelled"), dimensions: dimensions)
    expired = Counter(label: label("expired"), dimensions: dimensions)
    failed = Counter(label: label("failed"), dimensions: dimensions)
  }
}
