import DeepSeekOperators
import DeepSeekTensor

/// One weight of an optimizer, and what is remembered about it. All state is in parameters, so that a captured step has it
/// as variables.
struct OptimizerEntry {
  /// What is remembered about a weight.
  struct Memory {
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
  private(set) var memory: Memory?

  init(name: String, parameter: Parameter) {
    self.name = name
    self.parameter = parameter
  }

  /// The type that the weight is moved in.
  var dtype: DType { parameter.spec.dtype == .float64 ? .float64 : .float32 }

  /// What is remembered, made the first time: as before the first step.
  mutating func remembering(_ rule: any UpdateRule) -> Memory {
    if let memory { return memory }
    let made = RandomGenerator.outsideCapture {
      let value = parameter.value
      let wide = value.converted(to: dtype).contiguous()
      let state = rule.makeState(for: wide)
      return Memory(state, parameter, master: value.dtype == dtype ? nil : Parameter(wide, isTrainable: false))
    }
    memory = made
    return made
  }

  /// Makes one step.
  mutating func move(by rule: any UpdateRule, _ gradient: Tensor, _ learningRate: Tensor, _ gradientScale: Tensor) {
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
    Parameter.update(memory.moved) { tensors in
      var state = UpdateState(names: memory.names, tensors: Array(tensors[1...]))
      // With them still in `tensors` each would have two owners, and be copied.
      tensors.removeLast(tensors.count - 1)
      rule.update(&tensors[0], &state, step)
      tensors += state.tensors
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
