public import DeepSeekJSON

/// Something that is told how training goes, and may ask for an end, an evaluation or a checkpoint (``TrainingRun``).
///
/// ```swift
/// final class Patience: TrainingCallback {
///   func stepEnds(_ report: StepReport, _ run: TrainingRun) { if report.loss < 0.01 { run.stop() } }
/// }
/// ```
///
/// What one remembers goes into every checkpoint when it says so by ``state``.
public protocol TrainingCallback: AnyObject {
  /// Under which its state is kept; the type's name unless said otherwise. Two of one run must differ when they have state.
  var name: String { get }
  /// What it remembers; `nil` for nothing. Throws when it cannot be written down: the checkpoint then fails.
  var state: JSONValue? { get throws }
  /// Takes up what ``state`` gave. Throws when it cannot be.
  func restore(_ state: JSONValue) throws

  /// Before the first step of this run, also of one that is resumed.
  func trainingBegins(_ run: TrainingRun) throws
  /// Before an epoch's first step.
  func epochBegins(_ run: TrainingRun) throws
  /// After a step.
  func stepEnds(_ report: StepReport, _ run: TrainingRun) throws
  /// After a step whose loss leapt or was no number; see ``SpikeResponse``.
  func spiked(_ spike: LossSpike, _ run: TrainingRun) throws
  /// When an entry is due.
  func logged(_ entry: TrainingLogEntry, _ run: TrainingRun) throws
  /// After an evaluation.
  func evaluated(_ scores: [String: Double], _ run: TrainingRun) throws
  /// When a checkpoint was taken; it may still be on its way to the disk.
  func saved(_ path: String, _ run: TrainingRun) throws
  /// After an epoch, its evaluation and its checkpoint.
  func epochEnds(_ run: TrainingRun) throws
  /// After the last step, its evaluation and its checkpoint; also when training stops early or is interrupted.
  func trainingEnds(_ run: TrainingRun) throws
}

extension TrainingCallback {
  /// The type's name.
  public var name: String { String(describing: Self.self) }
  /// Nothing.
  public var state: JSONValue? { nil }
  /// Does nothing.
  public func restore(_ state: JSONValue) throws {}
  /// Does nothing.
  public func trainingBegins(_ run: TrainingRun) throws {}
  /// Does nothing.
  public func epochBegins(_ run: TrainingRun) throws {}
  /// Does nothing.
  public func stepEnds(_ report: StepReport, _ run: TrainingRun) throws {}
  /// Does nothing.
  public func spiked(_ spike: LossSpike, _ run: TrainingRun) throws {}
  /// Does nothing.
  public func logged(_ entry: TrainingLogEntry, _ run: TrainingRun) throws {}
  /// Does nothing.
  public func evaluated(_ scores: [String: Double], _ run: TrainingRun) throws {}
  /// Does nothing.
  public func saved(_ path: String, _ run: TrainingRun) throws {}
  /// Does nothing.
  public func epochEnds(_ run: TrainingRun) throws {}
  /// Does nothing.
  public func trainingEnds(_ run: TrainingRun) throws {}
}

/// One step's outcome.
public struct StepReport: Sendable, Hashable {
  /// The step's number, from 1; that of the last step made when this one was not.
  public let step: Int
  /// The mean loss over all batches of the step.
  public let loss: Double
  /// The norm of all gradients together, before clipping.
  public let gradientNorm: Double
  /// The learning rate.
  public let learningRate: Double
  /// What the batches counted together: examples or tokens.
  public let weight: Double
  /// How many batches made the step.
  public let batches: Int
  /// What the loss was multiplied by in `float16`; 1 otherwise.
  public let lossScale: Double
  /// Whether the weights moved.
  public let isMade: Bool
  /// Whether it was its epoch's last.
  public let endsEpoch: Bool
  /// Seconds that the step took.
  public let seconds: Double
}

/// An entry of the log: means since the one before.
public struct TrainingLogEntry: Sendable, Hashable {
  /// The step.
  public let step: Int
  /// Epochs made, with the part of the present one.
  public let epoch: Double
  /// The mean loss.
  public let loss: Double
  /// The last step's learning rate.
  public let learningRate: Double
  /// The last step's gradient norm.
  public let gradientNorm: Double
  /// The last step's loss scale.
  public let lossScale: Double
  /// Examples or tokens in a second.
  public let rate: Double
}

/// A loss that leapt or was no number.
public struct LossSpike: Sendable, Hashable, CustomStringConvertible {
  /// The step in which it arose, from 1.
  public let step: Int
  /// The loss.
  public let loss: Double
  /// The operator that first made a NaN or an infinity, and where; `nil` when all numbers were finite.
  public let anomaly: String?
  /// What was done.
  public let action: SpikeResponse.Action
  /// The step that training went back to; `nil` when it did not.
  public let rolledBackTo: Int?

  /// One line.
  public var description: String {
    var text = "step \(step): "
    text += anomaly.map { "\($0) (the loss is \(loss))" } ?? "the loss leapt to \(loss)"
    if let rolledBackTo { text += "; went back to step \(rolledBackTo)" }
    return text
  }
}
