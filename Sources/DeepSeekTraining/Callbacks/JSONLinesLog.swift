import DeepSeekCheckpoints
import DeepSeekJSON

/// Appends a line of JSON to a file for each entry of the log, each evaluation, each spike and the beginning of each run.
///
/// `{"event":"log","step":10,"epoch":0.1,"loss":0.69,…}`; an evaluation's scores are its members beside `event`, `step` and
/// `epoch`. A number that is not finite is `null`. A run that is resumed goes on at the file's end.
public final class JSONLinesLog: TrainingCallback {
  private let file: AppendedFile

  /// A log in this file. Throws `CheckpointError` when it cannot be written.
  public init(_ path: String) throws {
    file = try AppendedFile(continuing: path)
    // A run that was killed may have left half a line.
    let isWhole = try MappedFile(path: path).withBytes { $0.last.map { $0 == UInt8(ascii: "\n") } ?? true }
    if !isWhole { try [UInt8(ascii: "\n")].withUnsafeBytes { try file.write($0) } }
  }

  /// Notes where the run begins.
  public func trainingBegins(_ run: TrainingRun) throws {
    try write(
      "begin", run.progress.step, run.epochsDone, [("total_steps", run.totalSteps.map { .integer($0) } ?? .null)])
  }

  /// Notes the entry.
  public func logged(_ entry: TrainingLogEntry, _ run: TrainingRun) throws {
    try write(
      "log", entry.step, entry.epoch,
      [
        ("loss", .number(entry.loss)), ("learning_rate", .number(entry.learningRate)),
        ("gradient_norm", .number(entry.gradientNorm)), ("loss_scale", .number(entry.lossScale)),
        ("rate", .number(entry.rate)),
      ])
  }

  /// Notes the scores.
  public func evaluated(_ scores: [String: Double], _ run: TrainingRun) throws {
    let members = scores.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number($0.value)) }
    try write("evaluation", run.progress.step, run.epochsDone, members)
  }

  /// Notes what happened.
  public func spiked(_ spike: LossSpike, _ run: TrainingRun) throws {
    try write(
      "spike", spike.step, run.epochsDone,
      [("loss", .number(spike.loss)), ("description", .string(spike.description))])
  }

  private func write(_ event: String, _ step: Int, _ epoch: Double, _ members: [(String, JSONValue)]) throws {
    var object = JSONObject()
    object["event"] = .string(event)
    object["step"] = .integer(step)
    object["epoch"] = .number(epoch)
    for (key, value) in members { object[key] = value }
    let line = try JSONValue.object(object).serialized() + [UInt8(ascii: "\n")]
    try line.withUnsafeBytes { try file.write($0) }
  }
}

extension JSONValue {
  /// A number, or `null` for one that JSON has not.
  static func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }
}
