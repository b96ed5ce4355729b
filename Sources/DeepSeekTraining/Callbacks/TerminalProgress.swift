import Foundation

/// Shows on a terminal how far training is: rate, loss, time left, the last scores. Quiet elsewhere.
final class TerminalProgress: TrainingCallback {
  private var bar = ProgressBar()
  private var start = ContinuousClock.now
  private var shareAtStart = 0.0
  private var weight = 0.0
  private var seconds = 0.0
  /// The last evaluation, for the line's end.
  private var lastScores = ""

  func trainingBegins(_ run: TrainingRun) {
    start = .now
    shareAtStart = run.share ?? 0
  }

  func epochBegins(_ run: TrainingRun) {
    weight = 0
    seconds = 0
  }

  func stepEnds(_ report: StepReport, _ run: TrainingRun) {
    weight += report.weight
    seconds += report.seconds
    let rate = seconds > 0 ? weight / seconds : 0
    var text = String(
      format: "loss %.4f  lr %.2e  norm %.2f  %.1f/s", report.loss, report.learningRate, report.gradientNorm, rate)
    if let left = secondsLeft(run) { text += "  \(TerminalProgress.clock(left)) left" }
    text += lastScores
    if let total = run.totalSteps {
      bar.show(report.step, of: total, text)
    } else if let perEpoch = run.batchesPerEpoch {
      bar.show(run.progress.batches, of: perEpoch * run.arguments.epochs, text)
    }
  }

  func evaluated(_ scores: [String: Double], _ run: TrainingRun) {
    lastScores = scores.sorted { $0.key < $1.key }.map { "  \($0.key) " + String(format: "%.4f", $0.value) }.joined()
  }

  func spiked(_ spike: LossSpike, _ run: TrainingRun) {
    bar.finish()
    FileHandle.standardError.write(Data("\(spike)\n".utf8))
  }

  func trainingEnds(_ run: TrainingRun) { bar.finish() }

  /// What is left, at the pace since this run began.
  private func secondsLeft(_ run: TrainingRun) -> Double? {
    guard let share = run.share, share > shareAtStart else { return nil }
    return (ContinuousClock.now - start).seconds / (share - shareAtStart) * (1 - share)
  }

  /// Seconds as `1:02:03` or `2:03`.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(Swift.min(Swift.max(seconds, 0), 1e9).rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60) : String(format: "%d:%02d", minutes, whole % 60)
  }
}
