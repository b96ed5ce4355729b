public import DeepSeekDynamic
import DeepSeekTensor

/// How a ``Trainer`` goes about it: everything but model, data and loss.
///
/// ```swift
/// var arguments = TrainingArguments(learningRate: 2e-5)
/// arguments.epochs = 3
/// arguments.warmup = .ratio(0.1)
/// arguments.evaluation = .epochs
/// arguments.earlyStopping = EarlyStopping(patience: 2)
/// ```
public struct TrainingArguments: Sendable {
  /// Passes over the data; ``maximumSteps`` goes before.
  public var epochs = 3
  /// Optimizer steps after which training ends, over as many passes as that takes.
  public var maximumSteps: Int?
  /// How weights move; the usual AdamW. Its learning rate and weight decay are ``learningRate`` and ``weightDecay``.
  public var rule: any WeightDecaying
  /// Weights without decay beside vectors and scalars, by name.
  public var isExemptFromDecay: @Sendable (String) -> Bool = { _ in false }
  /// The learning rate's course after the warm-up.
  public var schedule = LearningRateCourse.linear
  /// How the learning rate rises at first.
  public var warmup = Warmup.steps(0)
  /// The norm to which the gradients of all weights together are shortened; `nil` for none.
  public var clippingNorm: Double? = 1
  /// How much of a target's probability is spread over all classes; for objectives by cross-entropy.
  public var labelSmoothing = 0.0
  /// The decay of an exponential moving average of the weights, which is then what is evaluated and kept; `nil` for none.
  public var averagingDecay: Double?
  /// How many batches make a step.
  public var accumulation = Accumulation.batches(1)
  /// In which types the model computes.
  public var precision = TrainingPrecision.float32
  /// Bytes that the activations of the model's blocks and the gradients of their weights may take; `nil` for as many as they
  /// like. Blocks are computed again in the backward walk as far as that asks for, to the same bits. They are chosen with the
  /// first batch, and anew after a larger one; see `planRecomputation`.
  public var activationBudget: Int?
  /// What all randomness of the model follows from. The order of the data follows from the data set's own seeds.
  public var seed: UInt64 = 42
  /// When the model is evaluated, if there is something to evaluate it by.
  public var evaluation = TrainingMoment.epochs
  /// Which score says what is better.
  public var bestBy = BestScore("loss", isLargerBetter: false)
  /// Whether training ends with the weights of the best evaluation rather than the last.
  public var keepsBest = false
  /// When training ends early.
  public var earlyStopping: EarlyStopping?
  /// Where and when checkpoints are written; `nil` for none.
  public var checkpoints: CheckpointSettings?
  /// Where the course of training is written down.
  public var logging = TrainingLogging()
  /// What becomes of a loss that leaps or is no number.
  public var spikes = SpikeResponse()
  /// Steps after which this run stops as if interrupted, to be resumed later; schedules do not know of it.
  public var interruptsAfterStep: Int?

  /// The usual course with AdamW.
  public init(learningRate: Double = 5e-5, weightDecay: Double = 0.01) {
    rule = AdamW(learningRate: learningRate, weightDecay: weightDecay)
  }

  /// The highest learning rate.
  public var learningRate: Double {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// How strongly matrices are pulled towards zero; vectors and scalars (biases, normalizations) are not.
  public var weightDecay: Double {
    get { rule.weightDecay }
    set { rule.weightDecay = newValue }
  }
}

/// The course of a learning rate between its warm-up and the last step.
public enum LearningRateCourse: Sendable {
  /// Stays.
  case constant
  /// Falls in a line to 0.
  case linear
  /// Falls along a cosine to a share of the highest.
  case cosine(floor: Double = 0)
  /// Falls along cosines of equal length, each of which starts again at the highest.
  case cosineWithRestarts(cycles: Int)
  /// Falls as a power of what is left.
  case polynomial(power: Double, floor: Double = 0)
  /// Falls as the inverse square root of the step; see `Schedule.inverseSquareRoot`.
  case inverseSquareRoot
  /// Stays, and falls along a cosine to a share of the highest over the last steps.
  case warmupStableDecay(decaySteps: Int, floor: Double = 0)
  /// One's own.
  case custom(@Sendable (_ warmupSteps: Int, _ totalSteps: Int) -> Schedule)

  /// What it is called in a checkpoint; a function has no name of its own.
  var name: String {
    if case .custom = self { return "custom" }
    return String(describing: self)
  }

  /// The factor of each step.
  public func schedule(warmupSteps: Int, totalSteps: Int) -> Schedule {
    switch self {
    case .constant: .warmup(steps: warmupSteps)
    case .linear: .linear(warmupSteps: warmupSteps, totalSteps: totalSteps)
    case .cosine(let floor): .cosine(warmupSteps: warmupSteps, totalSteps: totalSteps, floor: floor)
    case .cosineWithRestarts(let cycles):
      .cosineWithHardRestarts(warmupSteps: warmupSteps, totalSteps: totalSteps, cycles: cycles)
    case .polynomial(let power, let floor):
      .polynomial(warmupSteps: warmupSteps, totalSteps: totalSteps, power: power, floor: floor)
    case .inverseSquareRoot: .inverseSquareRoot(warmupSteps: warmupSteps)
    case .warmupStableDecay(let decaySteps, let floor):
      .warmupStableDecay(
        warmupSteps: warmupSteps, totalSteps: totalSteps, decaySteps: decaySteps, floor: floor)
    case .custom(let make): make(warmupSteps, totalSteps)
    }
  }
}

/// How long a learning rate rises from zero.
public enum Warmup: Sendable, Hashable {
  /// So many steps.
  case steps(Int)
  /// This share of all steps.
  case ratio(Double)

  /// The steps, of so many in all; a part of one counts as one, as in Hugging Face's libraries.
  public func steps(of total: Int) -> Int {
    switch self {
    case .steps(let count): count
    case .ratio(let ratio): Int((ratio * Double(total)).rounded(.up))
    }
  }
}

/// How many batches are gathered before the weights move. Each counts by its weight (``BatchLoss/weight``), so that the step
/// is that of one large batch, to rounding; the last of an epoch may be smaller.
public enum Accumulation: Sendable, Hashable {
  /// So many batches.
  case batches(Int)
  /// Until the batches' weights, their tokens say, come to this many.
  case weight(Double)
  /// As many as the noise of the gradients asks for (``GradientNoise``), within these bounds; at least 2, of which the noise
  /// is learned.
  case adaptive(minimum: Int = 2, maximum: Int)
}

/// In which types a model computes. Weights and their updates are `float32` always.
public enum TrainingPrecision: String, Sendable, Hashable {
  /// Everything in `float32`.
  case float32
  /// Products in `bfloat16`; see `autocast`.
  case bfloat16
  /// Products in `float16`, with a loss scale that adapts; see `LossScaler`.
  case float16

  /// The type of products; `nil` when nothing is cast.
  var autocastType: DType? {
    switch self {
    case .float32: nil
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}

/// Moments of a training run.
public enum TrainingMoment: Sendable, Hashable {
  /// None.
  case never
  /// After every so many steps.
  case steps(Int)
  /// After every epoch.
  case epochs

  /// Whether it is one after this step.
  func isDue(step: Int, endsEpoch: Bool) -> Bool {
    switch self {
    case .never: false
    case .steps(let count): step % Swift.max(count, 1) == 0
    case .epochs: endsEpoch
    }
  }
}

/// A score of the evaluation by which models are compared.
public struct BestScore: Sendable, Hashable {
  /// The score's name: `loss`, `accuracy`.
  public var name: String
  /// Which way it gets better.
  public var isLargerBetter: Bool

  /// A score.
  public init(_ name: String, isLargerBetter: Bool) {
    self.name = name
    self.isLargerBetter = isLargerBetter
  }
}

/// Ends training when evaluations get no better.
public struct EarlyStopping: Sendable, Hashable {
  /// So many evaluations in a row without improvement end it.
  public var patience: Int
  /// By how much a score must be better than the best before it to count. A smaller improvement is the new best all the same.
  public var minimumChange: Double

  /// Stops after so many.
  public init(patience: Int = 1, minimumChange: Double = 0) {
    self.patience = patience
    self.minimumChange = minimumChange
  }
}

/// Where and when a ``Trainer`` writes checkpoints.
public struct CheckpointSettings: Sendable, Hashable {
  /// What the folder holds.
  public enum Layout: Sendable, Hashable {
    /// Folders `step-<number>`, the last so many, and the best when it is kept.
    case series(keeping: Int)
    /// The folder is the checkpoint, replaced each time.
    case single
  }

  /// Where they go.
  public var folder: String
  /// What the folder holds.
  public var layout: Layout
  /// When one is written, apart from the end of the run.
  public var moment: TrainingMoment
  /// Minutes after which another is written.
  public var minutes: Double?
  /// Whether training goes on while the disk writes. A second one waits for the first; an error comes up at the next step.
  public var isAsynchronous = true

  /// Checkpoints in a folder.
  public init(
    _ folder: String, layout: Layout = .series(keeping: 3), moment: TrainingMoment = .epochs, minutes: Double? = nil
  ) {
    self.folder = folder
    self.layout = layout
    self.moment = moment
    self.minutes = minutes
  }
}

/// What becomes of a loss that leaps, or that is no number.
public struct SpikeResponse: Sendable, Hashable {
  /// What is done.
  public enum Action: Sendable, Hashable {
    /// Training fails with a ``TrainingError`` that names the step and the operator.
    case fail
    /// The step is not made; training goes on with the next batch.
    case skip
    /// Weights, optimizer and all counts go back to the last good state; training goes on with the next batch.
    case rollBack
  }

  /// What is done.
  public var action: Action
  /// What counts as a leap; `nil` when only a loss or gradient that is not finite is one.
  public var guardian: LossGuard?
  /// After so many, training fails whatever the action.
  public var limit: Int
  /// A state to go back to is kept in memory at every checkpoint, and every so many steps.
  public var snapshotInterval: Int

  /// A response.
  public init(_ action: Action = .fail, guardian: LossGuard? = nil, limit: Int = 10, snapshotInterval: Int = 100) {
    self.action = action
    self.guardian = guardian
    self.limit = limit
    self.snapshotInterval = snapshotInterval
  }
}

/// Where the course of training is written down, beside the callbacks.
public struct TrainingLogging: Sendable, Hashable {
  /// Steps between two entries.
  public var interval = 10
  /// Whether a terminal shows how far it is: rate, loss, time left.
  public var showsProgress = true
  /// A file that gets a line of JSON for each entry; it grows at its end.
  public var jsonLines: String?
  /// A folder that gets an event file for TensorBoard.
  public var tensorBoard: String?
  /// A web page with the curves, written anew with each evaluation and at the end.
  public var report: String?

  /// The terminal alone, every ten steps.
  public init() {}
}
