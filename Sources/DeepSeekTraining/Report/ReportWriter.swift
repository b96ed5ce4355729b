import DeepSeekCheckpoints
import DeepSeekDynamic
public import DeepSeekJSON

/// Writes a web page with the curves of a training run, anew at each evaluation and at the end: one file that needs no other.
public final class ReportWriter: TrainingCallback {
  private let path: String
  private var history = TrainingHistory()

  /// A page in this file.
  public init(_ path: String) { self.path = path }

  /// The curves so far, so that a resumed run's page has all of them.
  public var state: JSONValue? { get throws { try JSONValue(encoding: history) } }

  /// Takes up the curves.
  public func restore(_ state: JSONValue) throws {
    history = try state.decoded(as: TrainingHistory.self, "the report's curves")
  }

  /// Notes the entry.
  public func logged(_ entry: TrainingLogEntry, _ run: TrainingRun) {
    history.add("loss", entry.step, entry.loss)
    history.add("learning rate", entry.step, entry.learningRate)
    history.add("gradient norm", entry.step, entry.gradientNorm)
    if run.arguments.precision == .float16 { history.add("loss scale", entry.step, entry.lossScale) }
  }

  /// Notes the scores, and writes the page.
  public func evaluated(_ scores: [String: Double], _ run: TrainingRun) throws {
    for (name, value) in scores { history.add("evaluation \(name)", run.progress.step, value) }
    try write(run)
  }

  /// Notes what happened.
  public func spiked(_ spike: LossSpike, _ run: TrainingRun) { history.add(spike.description, spike.step) }

  /// Writes the page.
  public func trainingEnds(_ run: TrainingRun) throws { try write(run) }

  private func write(_ run: TrainingRun) throws {
    var facts = [
      ("Steps", run.totalSteps.map { "\(run.progress.step) of \($0)" } ?? String(run.progress.step)),
      ("Epochs", String(run.progress.epoch)),
      ("Parameters", String(run.model.parameterCount())),
      ("Learning rate", String(run.arguments.learningRate)),
      ("Precision", run.arguments.precision.rawValue),
      ("Seed", String(run.arguments.seed)),
    ]
    if let best = run.progress.bestScore, let step = run.progress.bestStep {
      facts.append(("Best \(run.arguments.bestBy.name)", "\(best) at step \(step)"))
    }
    let page = TrainingReport.page(history, title: String(describing: type(of: run.model)), facts: facts)
    try AtomicFile.write(Array(page.utf8), to: path)
  }
}
