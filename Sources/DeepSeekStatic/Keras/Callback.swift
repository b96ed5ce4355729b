import DeepSeekCheckpoints
import DeepSeekTensor
public import DeepSeekDynamic
import DeepSeekRecords
import Synchronization

extension Keras {
  /// Something that is told how training goes, and may end it.
  public protocol Callback: Sendable {
    /// Before the first epoch.
    func trainingBegins(_ model: Model) throws
    /// Before an epoch, counted from 0.
    func epochBegins(_ epoch: Int, _ model: Model) throws
    /// After a step, counted from 1 over all epochs, with the batch's loss and metrics.
    func stepEnds(_ step: Int, _ logs: [String: Double], _ model: Model) throws
    /// After an epoch, with its means. Whether training goes on.
    func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Model) throws -> Bool
    /// After the last epoch.
    func trainingEnds(_ model: Model) throws
  }
}

extension Keras.Callback {
  /// Does nothing.
  public func trainingBegins(_ model: Keras.Model) throws {}
  /// Does nothing.
  public func epochBegins(_ epoch: Int, _ model: Keras.Model) throws {}
  /// Does nothing.
  public func stepEnds(_ step: Int, _ logs: [String: Double], _ model: Keras.Model) throws {}
  /// Goes on.
  public func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Keras.Model) throws -> Bool { true }
  /// Does nothing.
  public func trainingEnds(_ model: Keras.Model) throws {}
}

extension Keras {
  /// Ends training when a number no longer gets better.
  public final class EarlyStopping: Callback {
    private struct State {
      var best: Double?
      var weights: StateDictionary?
      var waited = 0
    }

    private let name: String
    private let patience: Int
    private let minimumChange: Double
    private let restoresBest: Bool
    private let isLargerBetter: Bool
    private let state = Mutex(State())

    /// Watches a number of the logs; larger is better when its name ends in `accuracy`.
    ///
    /// - Parameters:
    ///   - name: The number: `val_loss`.
    ///   - patience: After how many epochs without improvement training ends; the first one when 0.
    ///   - minimumChange: What counts as one.
    ///   - restoresBest: Whether the best epoch's weights are put back at the end.
    public init(
      monitoring name: String = "val_loss", patience: Int = 0, minimumChange: Double = 0, restoresBest: Bool = false
    ) {
      self.name = name
      self.patience = patience
      self.minimumChange = minimumChange
      self.restoresBest = restoresBest
      isLargerBetter = name.hasSuffix("accuracy")
    }

    /// Forgets an earlier training.
    public func trainingBegins(_ model: Model) throws { state.withLock { $0 = State() } }

    /// Ends training when there was no improvement for longer than is put up with. Traps when nothing has the name.
    public func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Model) throws -> Bool {
      guard let value = logs[name] else {
        fatalError(
          "EarlyStopping: nothing is named '\(name)'; there are: \(logs.keys.sorted().joined(separator: ", "))")
      }
      return state.withLock { state in
        let change = state.best.map { isLargerBetter ? value - $0 : $0 - value } ?? .infinity
        if change > minimumChange {
          state.best = value
          state.waited = 0
          if restoresBest { state.weights = model.stateDictionary() }
        } else {
          state.waited += 1
        }
        return state.waited == 0 || state.waited < patience
      }
    }

    /// Puts the best weights back when that was asked for.
    public func trainingEnds(_ model: Model) throws {
      if let weights = state.withLock({ $0.weights }) { try model.load(weights) }
    }
  }

  /// Writes checkpoints while training; see ``Saver``.
  public struct ModelCheckpoint: Callback {
    /// Where they go, and how often, counted in steps.
    public let saver: Saver

    /// Checkpoints by a saver.
    public init(_ saver: Saver) { self.saver = saver }

    /// Writes one when it is due.
    public func stepEnds(_ step: Int, _ logs: [String: Double], _ model: Model) throws {
      try saver.saveIfDue(model, model.optimizer, step: model.optimizer?.stepCount ?? step)
    }
  }

  /// Goes back to a checkpoint when the loss leaps. A loss that is no number stops `fit` before, unless
  /// ``CompileOptions/checksNumerics`` is off; then it counts as a leap.
  ///
  /// A step's loss is that of the weights before it, so a checkpoint may hold what the next step finds to be ruined: when the
  /// loss leaps again right after going back, that checkpoint is removed and the one before it taken.
  public final class SpikeRollback: Callback {
    private let saver: Saver
    private let guardian: Mutex<LossGuard>
    private let count = Mutex(0)
    private let hasJustGoneBack = Mutex(false)

    /// Goes back to what `saver` wrote last. A checkpoint is written after each step that is no spike and due.
    public init(_ saver: Saver, _ guardian: LossGuard = LossGuard()) {
      self.saver = saver
      self.guardian = Mutex(guardian)
    }

    /// How often training went back.
    public var rollbackCount: Int { count.withLock { $0 } }

    /// Goes back when this step's loss is a spike. Throws `CheckpointError` when there is nothing to go back to.
    public func stepEnds(_ step: Int, _ logs: [String: Double], _ model: Model) throws {
      if guardian.withLock({ $0.isSpike(logs["loss"] ?? .nan) }) {
        if hasJustGoneBack.withLock({ $0 }) { try saver.removeLatest() }
        guard try saver.restoreLatest(into: model, model.optimizer) != nil else {
          throw CheckpointError(
            .missingFile, file: saver.folder,
            "the loss leapt at step \(step), and there is no checkpoint to go back to",
            advice: "lower the learning rate, or write checkpoints more often")
        }
        count.withLock { $0 += 1 }
        hasJustGoneBack.withLock { $0 = true }
      } else {
        hasJustGoneBack.withLock { $0 = false }
        try saver.saveIfDue(model, model.optimizer, step: model.optimizer?.stepCount ?? step)
      }
    }
  }

  /// Sets what the learning rate is multiplied by before each epoch.
  public struct LearningRateScheduler: Callback {
    private let factor: @Sendable (Int) -> Double

    /// The factor of an epoch, counted from 0.
    public init(_ factor: @escaping @Sendable (_ epoch: Int) -> Double) { self.factor = factor }

    /// Sets the factor.
    public func epochBegins(_ epoch: Int, _ model: Model) throws { model.optimizer?.learningRateFactor = factor(epoch) }
  }

  /// Writes loss and metrics down after each epoch, and the spread of each weight.
  public struct TensorBoard: Callback {
    private let sink: any SummarySink
    private let writesHistograms: Bool

    /// Writes to a sink.
    public init(_ sink: any SummarySink, histograms: Bool = false) {
      self.sink = sink
      writesHistograms = histograms
    }

    /// Writes the epoch's numbers.
    public func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Model) throws -> Bool {
      for (name, value) in logs.sorted(by: { $0.key < $1.key }) {
        try sink.write(.scalar(value), tag: "epoch_\(name)", step: epoch)
      }
      if writesHistograms {
        for named in model.namedParameters() {
          let elements = named.parameter.value.converted(to: .float64).array(of: Double.self)
          try sink.write(.histogram(Histogram(elements)), tag: named.name, step: epoch)
        }
      }
      return true
    }
  }

  /// Functions as a callback.
  public struct LambdaCallback: Callback {
    private let onEpochEnd: @Sendable (Int, [String: Double]) throws -> Bool

    /// Calls a function after each epoch; training goes on when it says true.
    public init(onEpochEnd: @escaping @Sendable (_ epoch: Int, _ logs: [String: Double]) throws -> Bool) {
      self.onEpochEnd = onEpochEnd
    }

    /// Calls the function.
    public func epochEnds(_ epoch: Int, _ logs: [String: Double], _ model: Model) throws -> Bool {
      try onEpochEnd(epoch, logs)
    }
  }
}
