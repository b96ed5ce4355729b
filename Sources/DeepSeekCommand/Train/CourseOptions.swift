import ArgumentParser
import DeepSeekTraining

/// How the steps of `ds train` follow one another, and which weights it ends with.
struct CourseOptions: ParsableArguments {
  /// A course of the learning rate, by the names that Hugging Face's libraries have for it.
  enum Schedule: String, CaseIterable, ExpressibleByArgument {
    case linear, constant, cosine
    case inverseSquareRoot = "inverse_sqrt"

    var course: LearningRateCourse {
      switch self {
      case .linear: .linear
      case .constant: .constant
      case .cosine: .cosine()
      case .inverseSquareRoot: .inverseSquareRoot
      }
    }
  }

  @Option(help: "The learning rate's course after the warm-up.")
  var schedule = Schedule.linear

  @Option(name: .customLong("accumulate"), help: "How many batches make a step.")
  var accumulation = 1

  @Option(name: .customLong("clip"), help: "The norm to which gradients are shortened; 0 for none.")
  var clippingNorm = 1.0

  @Option(
    name: .customLong("ema"),
    help: ArgumentHelp("The decay of a moving average of the weights, which is what is kept.", valueName: "decay"))
  var averagingDecay: Double?

  @Option(help: "End after so many evaluations in a row without a smaller loss.")
  var patience: Int?

  @Flag(name: .customLong("keep-best"), help: "End with the weights of the evaluation with the smallest loss.")
  var keepsBest = false

  func validate() throws {
    if accumulation < 1 { throw ValidationError("--accumulate must be at least 1.") }
    if !(clippingNorm >= 0 && clippingNorm.isFinite) { throw ValidationError("--clip must be at least 0 and finite.") }
    if averagingDecay.map({ !(0..<1).contains($0) }) == true {
      throw ValidationError("--ema must be at least 0 and below 1.")
    }
    if patience.map({ $0 < 1 }) == true { throw ValidationError("--patience must be at least 1.") }
  }

  func apply(to arguments: inout TrainingArguments) {
    arguments.schedule = schedule.course
    arguments.accumulation = .batches(accumulation)
    arguments.clippingNorm = clippingNorm > 0 ? clippingNorm : nil
    arguments.averagingDecay = averagingDecay
    arguments.earlyStopping = patience.map { EarlyStopping(patience: $0) }
    arguments.keepsBest = keepsBest
  }
}
