import DeepSeekOperators
public import DeepSeekTensor
import Foundation
import Synchronization

/// Moves weights along their gradients.
///
/// ```swift
/// let optimizer = Optimizer(model, AdamW(learningRate: 1e-3), schedule: .cosine(warmupSteps: 100, totalSteps: 1000))
/// for batch in batches {
///   loss(model(batch.x), batch.y).backward()
///   optimizer.step()
///   optimizer.zeroGradients()
/// }
/// ```
///
/// Weights without a gradient, and frozen ones, stay as they are. 16-bit weights are moved in `float32`: a copy of each at
/// that precision is part of the state, so that small steps add up.
///
/// The same code inside a capture makes a training step of a graph: weights, state and the number of steps become its
/// variables, and the learning rates variables that each run reads anew from schedule and ``learningRateFactor``. Captured
/// and eager steps may take turns; both give the same bits.
public final class Optimizer: Sendable {
  /// Group by group.
  let entries: [[OptimizerEntry]]
  let stepsDuringBackward = Atomic(false)
  /// Held during a step, so that steps of several threads go one after another; a rule's own code may ask the optimizer
  /// anything meanwhile.
  private let stepping = NSRecursiveLock()
  private let isStepping = Atomic(false)
  let pace: Pace
  /// Each group's learning rate at the next step, `float64[]`.
  let learningRates: [Parameter]

  /// An optimizer of several groups. Traps when a weight is in two of them.
  public init(_ groups: [ParameterGroup], schedule: Schedule = .constant) {
    var seen: Set<ObjectIdentifier> = []
    for named in groups.flatMap(\.parameters) where !seen.insert(ObjectIdentifier(named.parameter)).inserted {
      fatalError("Optimizer: '\(named.name)' is in two groups, or twice in one")
    }
    let pace = Pace(groups.map(\.rule), schedule)
    self.pace = pace
    learningRates = groups.indices.map { group in
      Parameter(TensorSpec(.float64, [])) { Tensor([], [pace.learningRate(group)]) }
    }
    entries = groups.map { $0.parameters.map { OptimizerEntry(name: $0.name, parameter: $0.parameter) } }
  }

  /// An optimizer of all weights of a model.
  public convenience init(_ module: any Module, _ rule: any UpdateRule, schedule: Schedule = .constant) {
    self.init([ParameterGroup(module, rule)], schedule: schedule)
  }

  /// An optimizer of some weights, whose state is saved under their index.
  public convenience init(_ parameters: [Parameter], _ rule: any UpdateRule, schedule: Schedule = .constant) {
    let named = parameters.enumerated().map { NamedParameter(name: String($0), parameter: $1) }
    self.init([ParameterGroup(named, rule)], schedule: schedule)
  }

  /// The weights, group by group.
  public var parameters: [Parameter] { entries.joined().map(\.parameter) }

  /// The rules, one for each group. Their number cannot be changed.
  ///
  /// A captured step has its rules' other numbers in it; learning rates alone it reads before each run.
  public var rules: [any UpdateRule] {
    get { pace.settings.withLock { $0.rules } }
    set {
      pace.settings.withLock { settings in
        if newValue.count != settings.rules.count {
          fatalError("Optimizer: \(newValue.count) rules for \(settings.rules.count) groups")
        }
        settings.rules = newValue
      }
    }
  }

  /// How many steps have been made.
  public var stepCount: Int { pace.stepCount }

  /// The first group's learning rate at the next step, after schedule and factor.
  public var learningRate: Double { pace.learningRate(0) }

  /// What every learning rate is multiplied by beside the schedule: 1, until something such as ``ReduceOnPlateau`` says
  /// otherwise.
  public var learningRateFactor: Double {
    get { pace.settings.withLock { $0.factor } }
    set { pace.settings.withLock { $0.factor = newValue } }
  }

  /// What the optimizer remembers, with a name for each: the names that variables of a captured step are to have.
  ///
  /// State of weights that have not moved yet is made.
  public func namedState() -> [(name: String, parameter: Parameter)] {
    let rules = rules
    var result = [(name: "optimizer.step", parameter: pace.count)]
    for (group, rate) in learningRates.enumerated() { result.append(("optimizer.learning_rate.\(group)", rate)) }
    for (group, entries) in entries.enumerated() {
      for entry in entries where entry.parameter.isTrainable {
        let memory = entry.remembering(rules[group])
        let prefix = "optimizer.state.\(entry.name)."
        result.append((prefix + "step", memory.step))
        for (name, tensor) in zip(memory.names, memory.tensors) { result.append((prefix + name, tensor)) }
        if let master = memory.master { result.append((prefix + "master", master)) }
      }
    }
    return result
  }

  /// Moves every weight by its gathered gradient (``Parameter/gradient``), which stays.
  ///
  /// The gradients count as multiplied by `gradientScale`; with `clippingNorm` besides, as shortened so that the norm of
  /// all of them together does not exceed it. Neither costs a pass that writes. Returns the norm when it was found,
  /// `float64[]`.
  @discardableResult
  public func step(gradientScale: Double = 1, clippingNorm: Double? = nil) -> Tensor? {
    step(gradientScale: Tensor([], [gradientScale]), clippingNorm: clippingNorm)
  }

  /// As above with a scale that may be a place in a graph or a parameter's value, `float64[]`: one that changes from run to
  /// run of a captured step.
  @discardableResult
  public func step(gradientScale: Tensor, clippingNorm: Double? = nil) -> Tensor? {
    step(gradientScale, clippingNorm) { $0.gradient }
  }

  /// Moves every weight by these gradients; see ``step(gradientScale:clippingNorm:)-(Double,_)``.
  @discardableResult
  public func step(
    _ gradients: ParameterGradients, gradientScale: Double = 1, clippingNorm: Double? = nil
  ) -> Tensor? {
    step(Tensor([], [gradientScale]), clippingNorm) { gradients[$0] }
  }

  /// Moves every weight by its gathered gradient when all of these are finite, and nothing otherwise. Outside captures.
  ///
  /// Returns the norm of all gradients together, times `gradientScale`, and whether the step was made.
  public func stepIfFinite(gradientScale: Double = 1, clippingNorm: Double? = nil) -> (norm: Double, isMade: Bool) {
    let norm = noGradient {
      gradientNorm(entries.joined().compactMap(\.parameter.gradient)).item(as: Double.self) * Swift.abs(gradientScale)
    }
    guard norm.isFinite else { return (norm, false) }
    var scale = gradientScale
    if let clippingNorm {
      scale *= clippingFactor(norm: Tensor([], [norm]), maximum: clippingNorm).item(as: Double.self)
    }
    _ = step(Tensor([], [scale]), nil) { $0.gradient }
    return (norm, true)
  }

  private func step(_ gradientScale: Tensor, _ clippingNorm: Double?, _ gradient: (Parameter) -> Tensor?) -> Tensor? {
    let rules = rules
    return stepByStep {
      var scale = gradientScale
      var norm: Tensor?
      if let clippingNorm {
        if stepsDuringBackward.load(ordering: .relaxed) {
          fatalError("Optimizer: the norm of all gradients is not known when weights move during the backward walk")
        }
        let found = gradientNorm(entries.joined().compactMap { gradient($0.parameter) }) * scale.abs()
        norm = found
        scale = scale * clippingFactor(norm: found, maximum: clippingNorm)
      }
      for (group, entries) in entries.enumerated() {
        let rate = learningRates[group].value
        let gathers = rules[group] is any FusedUpdateRule && CaptureScope.current == nil
        var small: [(entry: OptimizerEntry, slope: Tensor)] = []
        for entry in entries {
          guard let slope = gradient(entry.parameter) else { continue }
          if gathers && entry.parameter.spec.shape.elementCount <= Optimizer.smallElementCount {
            small.append((entry, slope))
          } else {
            entry.move(by: rules[group], slope, rate, scale)
          }
        }
        Optimizer.move(small, by: rules[group], rate, scale)
      }
      pace.count.increment()
      return norm
    }
  }

  /// Weights of up to so many elements are moved several at a time, each by one thread; larger ones one after another, each by
  /// all threads. The fused rules' loops do not split a weight of this size.
  private static let smallElementCount = 32 * 1024
  /// How many small weights a thread takes at least.
  private static let smallGrain = 4

  private static func move(
    _ weights: [(entry: OptimizerEntry, slope: Tensor)], by rule: any UpdateRule, _ rate: Tensor, _ scale: Tensor
  ) {
    Parallel.forEach(weights.count, grain: smallGrain) { range in
      noGradient {
        for weight in weights[range] { weight.entry.move(by: rule, weight.slope, rate, scale) }
      }
    }
  }

  /// Runs a step, or the part of one, alone. Traps when a rule steps the optimizer that is calling it.
  func stepByStep<Result>(_ body: () -> Result) -> Result {
    stepping.lock()
    defer { stepping.unlock() }
    if isStepping.exchange(true, ordering: .relaxed) {
      fatalError("Optimizer: a rule steps the optimizer that is calling it")
    }
    defer { isStepping.store(false, ordering: .relaxed) }
    return noGradient(body)
  }

  /// Forgets the gathered gradients of all weights.
  public func zeroGradients() {
    for entry in entries.joined() { entry.parameter.clearGradient() }
  }
}

extension Optimizer: CustomStringConvertible {
  /// The rules with their numbers, how many weights each moves, and the steps made.
  public var description: String {
    let groups = zip(rules, entries).map { "\($0.0), \($0.1.count) weights" }
    return "Optimizer(\(groups.joined(separator: "; ")); \(stepCount) steps)"
  }
}
