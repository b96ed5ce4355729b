public import DeepSeekTensor
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
public final class Optimizer: Sendable {
  struct Entry {
    let name: String
    let parameter: Parameter
    var state: UpdateState?
    /// The `float32` copy of a 16-bit weight.
    var master: Tensor?
  }

  struct State {
    var rules: [any UpdateRule]
    var entries: [[Entry]]
    var schedule: Schedule
    var factor = 1.0
    var stepCount = 0
    var stepsDuringBackward = false
  }

  let state: Mutex<State>

  /// An optimizer of several groups. Traps when a weight is in two of them.
  public init(_ groups: [ParameterGroup], schedule: Schedule = .constant) {
    var seen: Set<ObjectIdentifier> = []
    for named in groups.flatMap(\.parameters) where !seen.insert(ObjectIdentifier(named.parameter)).inserted {
      fatalError("Optimizer: '\(named.name)' is in two groups, or twice in one")
    }
    state = Mutex(
      State(
        rules: groups.map(\.rule),
        entries: groups.map { $0.parameters.map { Entry(name: $0.name, parameter: $0.parameter) } },
        schedule: schedule))
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
  public var parameters: [Parameter] { state.withLock { $0.entries.flatMap { $0.map(\.parameter) } } }

  /// The rules, one for each group. Their number cannot be changed.
  public var rules: [any UpdateRule] {
    get { state.withLock { $0.rules } }
    set {
      state.withLock { state in
        if newValue.count != state.rules.count {
          fatalError("Optimizer: \(newValue.count) rules for \(state.rules.count) groups")
        }
        state.rules = newValue
      }
    }
  }

  /// How many steps have been made.
  public var stepCount: Int { state.withLock { $0.stepCount } }

  /// The first group's learning rate at the next step, after schedule and factor.
  public var learningRate: Double {
    state.withLock { state in
      (state.rules.first?.learningRate ?? 0) * state.schedule(state.stepCount) * state.factor
    }
  }

  /// What every learning rate is multiplied by beside the schedule: 1, until something such as ``ReduceOnPlateau`` says
  /// otherwise.
  public var learningRateFactor: Double {
    get { state.withLock { $0.factor } }
    set { state.withLock { $0.factor = newValue } }
  }

  /// Moves every weight by its gathered gradient (``Parameter/gradient``), which stays.
  ///
  /// The gradients count as multiplied by `gradientScale`; with `clippingNorm` besides, as shortened so that the norm of
  /// all of them together does not exceed it. Neither costs a pass that writes. Returns the norm when it was found.
  @discardableResult
  public func step(gradientScale: Double = 1, clippingNorm: Double? = nil) -> Double? {
    step(gradientScale, clippingNorm) { $0.gradient }
  }

  /// Moves every weight by these gradients; see ``step(gradientScale:clippingNorm:)``.
  @discardableResult
  public func step(
    _ gradients: ParameterGradients, gradientScale: Double = 1, clippingNorm: Double? = nil
  ) -> Double? {
    step(gradientScale, clippingNorm) { gradients[$0] }
  }

  private func step(
    _ gradientScale: Double, _ clippingNorm: Double?, _ gradient: (Parameter) -> Tensor?
  ) -> Double? {
    state.withLock { state in
      var scale = gradientScale
      var norm: Double?
      if let clippingNorm {
        if state.stepsDuringBackward {
          fatalError("Optimizer: the norm of all gradients is not known when weights move during the backward walk")
        }
        let found = gradientNorm(state.entries.joined().compactMap { gradient($0.parameter) }) * abs(gradientScale)
        norm = found
        scale *= clippingFactor(norm: found, maximum: clippingNorm)
      }
      let factor = state.schedule(state.stepCount) * state.factor
      for group in state.entries.indices {
        let rule = state.rules[group]
        let rate = rule.learningRate * factor
        for index in state.entries[group].indices {
          guard let slope = gradient(state.entries[group][index].parameter) else { continue }
          state.entries[group][index].move(
            by: rule, UpdateStep(gradient: slope, learningRate: rate, gradientScale: scale))
        }
      }
      state.stepCount += 1
      return norm
    }
  }

  /// Forgets the gathered gradients of all weights.
  public func zeroGradients() {
    state.withLock { state in
      for group in state.entries { for entry in group { entry.parameter.clearGradient() } }
    }
  }
}

extension Optimizer.Entry {
  /// Makes one step.
  mutating func move(by rule: any UpdateRule, _ step: UpdateStep) {
    guard parameter.isTrainable else { return }
    let spec = parameter.spec
    if step.gradient.shape != spec.shape {
      fatalError("Optimizer: the gradient of '\(name)' has shape \(step.gradient.shape), the weight \(spec.shape)")
    }
    var current = state ?? rule.makeState(for: prototype)
    state = nil
    current.step += 1
    if spec.dtype == .float32 || spec.dtype == .float64 {
      let ready = step.converted(to: spec.dtype)
      parameter.update { weight in
        if !weight.isContiguous { weight = weight.contiguous() }
        rule.update(&weight, &current, ready)
      }
    } else {
      var wide = master ?? parameter.value.converted(to: .float32).contiguous()
      master = nil
      rule.update(&wide, &current, step.converted(to: .float32))
      parameter.value = wide.converted(to: spec.dtype)
      master = wide
    }
    state = current
  }

  /// The weight as its rule sees it.
  var prototype: Tensor {
    let value = parameter.value
    return value.dtype == .float64 ? value : value.converted(to: .float32)
  }
}

extension UpdateStep {
  func converted(to dtype: DType) -> UpdateStep {
    UpdateStep(
      gradient: gradient.converted(to: dtype).contiguous(), learningRate: learningRate, gradientScale: gradientScale)
  }
}
