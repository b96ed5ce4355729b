import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// One weight of an optimizer, and what is remembered about it. All state is in parameters, so that a captured step has it
/// as variables.
///
/// No lock is held while a rule of a person's own runs. The framework's fused ones work in place, on what is locked meanwhile.
final class OptimizerEntry: Sendable {
  /// What is remembered about a weight.
  struct Memory: Sendable {
    /// How many steps the weight has made, `int64[]`.
    let step = Parameter(Tensor([], [Int64(0)]), isTrainable: false)
    let names: [String]
    let tensors: [Parameter]
    /// The `float32` copy of a 16-bit weight.
    let master: Parameter?
    /// What a step changes: the weight, or its precise copy, and the tensors.
    let moved: [Parameter]

    init(_ state: UpdateState, _ parameter: Parameter, master: Parameter?) {
      names = state.names
      tensors = state.tensors.map { Parameter($0, isTrainable: false) }
      self.master = master
      moved = [master ?? parameter] + tensors
    }
  }

  let name: String
  let parameter: Parameter
  private let kept = Mutex<Memory?>(nil)

  init(name: String, parameter: Parameter) {
    self.name = name
    self.parameter = parameter
  }

  /// What is remembered; `nil` before anyone asked.
  var memory: Memory? { kept.withLock { $0 } }

  /// The type that the weight is moved in.
  var dtype: DType { parameter.spec.dtype == .float64 ? .float64 : .float32 }

  /// What is remembered, made the first time: as before the first step.
  func remembering(_ rule: any UpdateRule) -> Memory {
    if let memory { return memory }
    let made = RandomGenerator.outsideCapture {
      let value = parameter.value
      let wide = value.converted(to: dtype).contiguous()
      let state = rule.makeState(for: wide)
      return Memory(state, parameter, master: value.dtype == dtype ? nil : Parameter(wide, isTrainable: false))
    }
    return kept.withLock { memory in
      if let memory { return memory }
      memory = made
      return made
    }
  }

  /// Makes one step.
  func move(by rule: any UpdateRule, _ gradient: Tensor, _ learningRate: Tensor, _ gradientScale: Tensor) {
    guard parameter.isTrainable else { return }
    let spec = parameter.spec
    if gradient.shape != spec.shape {
      fatalError("Optimizer: the gradient of '\(name)' has shape \(gradient.shape), the weight \(spec.shape)")
    }
    let memory = remembering(rule)
    memory.step.increment()
    let step = UpdateStep(
      gradient: gradient.cast(to: dtype), learningRate: learningRate, gradientScale: gradientScale,
      number: memory.step.value)
    func change(_ tensors: inout [Tensor]) {
      var state = UpdateState(names: memory.names, tensors: Array(tensors[1...]))
      // With them still in `tensors` each would have two owners, and be copied.
      tensors.removeLast(tensors.count - 1)
      rule.update(&tensors[0], &state, step)
      tensors += state.tensors
    }
    if rule is any FusedUpdateRule {
      Parameter.update(memory.moved, change)
    } else {
      var tensors = memory.moved.map(\.value)
      change(&tensors)
      for (slot, tensor) in zip(memory.moved, tensors) { slot.value = tensor }
    }
    if let master = memory.master { parameter.value = master.value.cast(to: spec.dtype) }
  }

  /// Sets what is remembered, and `nil` back to what it is before the first step.
  func remember(_ tensors: [Tensor]?, step: Int64, master: Tensor?, _ rule: any UpdateRule) {
    guard let memory else { return }
    let values =
      tensors ?? rule.makeState(for: RandomGenerator.outsideCapture { parameter.value.converted(to: dtype) }).tensors
    memory.step.value = Tensor([], [step])
    for (slot, value) in zip(memory.tensors, values) { slot.value = value }
    memory.master?.value = master ?? parameter.value.converted(to: dtype).contiguous()
  }
}
