import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// The exponential moving average of a model's weights: smoother than the weights themselves, and often better.
///
/// After each step: average = decay × average + (1 - decay) × weight. Buffers, such as running statistics, are taken as they
/// are. Costs the memory of the trainable weights once more.
public final class WeightAverage: Sendable {
  /// How much of the average stays at a step.
  public let decay: Double
  private let weights: [NamedParameter]
  private let averages: Mutex<[Tensor]>

  /// The average of a model's trainable weights, from where they stand. Traps when the decay is not from 0 to below 1.
  public init(_ model: any Module, decay: Double) {
    if !(0..<1).contains(decay) { fatalError("WeightAverage: the decay \(decay) is not from 0 to below 1") }
    self.decay = decay
    weights = model.namedParameters().filter(\.parameter.isTrainable)
    averages = Mutex(weights.map { WeightAverage.wide($0.parameter.value) })
  }

  /// Takes the weights in as they stand after a step.
  public func update() {
    noGradient {
      averages.withLock { averages in
        for (index, weight) in weights.enumerated() {
          averages[index] = averages[index] * decay + WeightAverage.wide(weight.parameter.value) * (1 - decay)
        }
      }
    }
  }

  /// Runs `body` with the averages in the model, then puts the weights back.
  public func withAveragedWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
    let own = weights.map(\.parameter.value)
    apply()
    defer { for (weight, value) in zip(weights, own) { weight.parameter.value = value } }
    return try body()
  }

  /// Puts the averages into the model for good.
  public func apply() {
    for (weight, average) in zip(weights, averages.withLock { $0 }) {
      weight.parameter.value = average.converted(to: weight.parameter.spec.dtype)
    }
  }

  /// The averages under the weights' keys.
  public func stateDictionary() -> StateDictionary {
    var state = StateDictionary()
    for (weight, average) in zip(weights, averages.withLock { $0 }) { state[weight.name] = average }
    return state
  }

  /// Restores what ``stateDictionary()`` gave. Throws ``StateLoadingError`` that names every key that does not fit; nothing
  /// is changed then.
  public func load(_ state: StateDictionary) throws {
    var report = StateLoadingReport()
    let current = averages.withLock { $0 }
    var loaded = current
    for (index, weight) in weights.enumerated() {
      guard let tensor = state[weight.name] else {
        report.missing.append(weight.name)
        continue
      }
      if tensor.shape == current[index].shape {
        loaded[index] = tensor.converted(to: current[index].dtype)
      } else {
        report.mismatched.append(.init(key: weight.name, expected: current[index].shape, found: tensor.shape))
      }
    }
    let known = Set(weights.map(\.name))
    report.unused = state.keys.filter { !known.contains($0) }
    if !report.isComplete { throw StateLoadingError(report: report, module: "WeightAverage") }
    averages.withLock { $0 = loaded }
  }

  /// 16-bit weights are averaged in `float32`: small changes would be lost.
  private static func wide(_ value: Tensor) -> Tensor {
    value.dtype == .float64 ? value : value.converted(to: .float32)
  }
}
