// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekStatic
import DeepSeekDynamic
import DeepSeekRecords

extension keras.callbacks {
  /// Ends training when a number no longer gets better.
  @available(*, deprecated, message: "use Keras.EarlyStopping(monitoring:patience:minimumChange:restoresBest:)")
  public static func EarlyStopping(
    monitor: String = "val_loss", minDelta: Double = 0, patience: Int = 0, restoreBestWeights: Bool = false
  ) -> Keras.EarlyStopping {
    Keras.EarlyStopping(
      monitoring: monitor, patience: patience, minimumChange: minDelta, restoresBest: restoreBestWeights)
  }

  /// Writes a checkpoint after each epoch into a folder, the last `keeping` of which stay.
  @available(*, deprecated, message: "use Keras.ModelCheckpoint(Saver(folder, every: steps))")
  public static func ModelCheckpoint(_ folder: String, keeping: Int = 5) -> any Keras.Callback {
    EpochCheckpoint(saver: Saver(folder, keeping: keeping))
  }

  /// Writes loss and metrics to a folder of event files.
  @available(*, deprecated, message: "use Keras.TensorBoard(EventFileWriter(folder))")
  public static func TensorBoard(logDir: String = "./logs") throws -> Keras.TensorBoard {
    Keras.TensorBoard(try EventFileWriter(logDir))
  }

  /// Sets the learning rate before each epoch, counted from 0.
  @available(*, deprecated, message: "use Keras.LearningRateScheduler, whose function gives a factor, or a Schedule")
  public static func LearningRateScheduler(
    _ rate: @escaping @Sendable (_ epoch: Int) -> Double
  ) -> any Keras.Callback {
    EpochRate(rate: rate)
  }

  /// Calls a function after each epoch.
  @available(*, deprecated, message: "use Keras.LambdaCallback, whose function says whether training goes on")
  public static func LambdaCallback(
    onEpochEnd: @escaping @Sendable (_ epoch: Int, _ logs: [String: Double]) throws -> Void
  ) -> Keras.LambdaCallback {
    Keras.LambdaCallback { epoch, logs in
      try onEpochEnd(epoch, logs)
      return true
    }
  }
}

/// Writes a checkpoint after each epoch.
private struct EpochCheckpoint: Keras.Callback {
  let saver: Saver

  func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Keras.Model) throws -> Bool {
    try saver.save(model, model.optimizer, step: model.optimizer?.stepCount ?? epoch + 1, epoch: epoch + 1)
    return true
  }
}

/// Sets the learning rate itself, where today's scheduler sets a factor of it.
private struct EpochRate: Keras.Callback {
  let rate: @Sendable (Int) -> Double

  func epochBegins(_ epoch: Int, _ model: Keras.Model) throws {
    guard let optimizer = model.optimizer else { return }
    optimizer.learningRateFactor = rate(epoch) / optimizer.rules[0].learningRate
  }
}
