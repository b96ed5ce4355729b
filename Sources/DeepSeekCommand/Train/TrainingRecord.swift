import DeepSeekJSON
import DeepSeekTraining
import Foundation

/// What a command says of a training run: a line for each epoch, and all of it as JSON.
final class TrainingRecord: TrainingCallback {
  private(set) var losses: [Double] = []
  private(set) var epochs: [JSONValue] = []
  private(set) var step = 0
  private var totalSteps: Int?
  private let json: JSONOutput
  private let unit: String
  private var count = 0.0
  private var seconds = 0.0
  private var total = (count: 0.0, seconds: 0.0)

  /// `unit` is what a batch's weight counts: `examples`, `tokens`.
  init(_ json: JSONOutput, unit: String) {
    self.json = json
    self.unit = unit
  }

  func trainingBegins(_ run: TrainingRun) {
    step = run.progress.step
    totalSteps = run.totalSteps
  }

  func stepEnds(_ report: StepReport, _ run: TrainingRun) {
    step = report.step
    losses.append(report.loss)
    count += report.weight
    seconds += report.seconds
    total.count += report.weight
    total.seconds += report.seconds
  }

  func evaluated(_ scores: [String: Double], _ run: TrainingRun) {
    let rate = seconds > 0 ? count / seconds : 0
    let (epoch, loss) = (run.progress.epoch, run.progress.epochLoss)
    // The training's own loss has the name already.
    let named = scores.map { ($0 == "loss" ? "eval_loss" : $0, $1) }.sorted { $0.0 < $1.0 }
    if !json.ownsStandardOutput {
      ProgressBar().finish()
      let texts = named.map { "  \($0) \(String(format: "%.4f", $1))" }.joined()
      Console.result(
        String(format: "epoch %d  loss %.4f", epoch, loss) + texts + String(format: "  %.1f ", rate) + unit + "/s")
    }
    var object = JSONObject()
    object["epoch"] = .integer(epoch)
    object["loss"] = .double(loss)
    for (name, value) in named { object[name] = value.isFinite ? .double(value) : .null }
    object["seconds"] = .double(seconds)
    object["\(unit)_per_second"] = .double(rate)
    epochs.append(.object(object))
    (count, seconds) = (0, 0)
  }

  /// What a batch counts, in a second, over all steps of this call; evaluations and checkpoints are not in it.
  var rate: Double { total.seconds > 0 ? total.count / total.seconds : 0 }

  /// The members that all of `ds train` has: steps, losses, epochs, and the folder written.
  func result(output: String) -> JSONObject {
    var object = JSONObject()
    object["steps"] = .integer(step)
    object["total_steps"] = totalSteps.map { .integer($0) } ?? .null
    object["losses"] = .array(losses.map { .double($0) })
    object["epochs"] = .array(epochs)
    object["output"] = .string(output)
    return object
  }
}
