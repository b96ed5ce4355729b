import DeepSeekRecords

/// Writes the course of training into an event file for TensorBoard: `train/loss`, `train/learning_rate`,
/// `train/gradient_norm`, `eval/accuracy` and so on.
public final class TensorBoardLog: TrainingCallback {
  private let writer: EventFileWriter

  /// A new event file in a folder. Throws `CheckpointError` when it cannot be made.
  public init(_ folder: String) throws { writer = try EventFileWriter(folder) }

  /// Notes the entry.
  public func logged(_ entry: TrainingLogEntry, _ run: TrainingRun) throws {
    try writer.scalar("train/loss", entry.loss, step: entry.step)
    try writer.scalar("train/learning_rate", entry.learningRate, step: entry.step)
    try writer.scalar("train/gradient_norm", entry.gradientNorm, step: entry.step)
    try writer.scalar("train/rate", entry.rate, step: entry.step)
    if run.arguments.precision == .float16 {
      try writer.scalar("train/loss_scale", entry.lossScale, step: entry.step)
    }
  }

  /// Notes the scores.
  public func evaluated(_ scores: [String: Double], _ run: TrainingRun) throws {
    for (name, value) in scores.sorted(by: { $0.key < $1.key }) {
      try writer.scalar("eval/\(name)", value, step: run.progress.step)
    }
  }

  /// Notes what happened.
  public func spiked(_ spike: LossSpike, _ run: TrainingRun) throws {
    try writer.text("train/spikes", spike.description, step: spike.step)
  }

  /// Brings all of it into the file.
  public func trainingEnds(_ run: TrainingRun) throws { try writer.flush() }
}
