import DeepSeekTraining
import Foundation

/// What a training run shows as it goes: progress, loss, throughput.
struct TrainingMeter {
  private var bar = ProgressBar()
  private let totalSteps: Int
  private var start = ContinuousClock.now
  private var examples = 0
  private var lossSum = 0.0
  private var elapsed = 0.0

  init(_ training: ClassifierTraining) { totalSteps = training.totalSteps }

  /// The mean loss of this epoch's examples so far.
  var meanLoss: Double { examples > 0 ? lossSum / Double(examples) : 0 }

  /// Examples trained on in a second, this epoch.
  var examplesPerSecond: Double { elapsed > 0 ? Double(examples) / elapsed : 0 }

  /// Starts the figures anew.
  mutating func beginEpoch() {
    start = .now
    examples = 0
    lossSum = 0
    elapsed = 0
  }

  /// Takes in a step, and shows it on a terminal.
  mutating func show(_ report: ClassifierTraining.StepReport) {
    examples += report.examples
    lossSum += Double(report.loss) * Double(report.examples)
    let time = ContinuousClock.now - start
    elapsed = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    bar.show(
      report.step, of: totalSteps,
      String(
        format: "loss %.4f  lr %.2e  norm %.2f  %.1f examples/s", report.loss, report.learningRate,
        report.gradientNorm, examplesPerSecond))
  }

  /// Clears the line.
  func finish() { bar.finish() }
}
