import DeepSeekTensor
import Synchronization

extension Optimizer {
  /// Moves each weight as soon as the backward walk has its gradient, and forgets the gradient at once: never more than a
  /// layer's gradients are alive, which saves the memory of a copy of all weights.
  ///
  /// Training code stays as it is: ``step(gradientScale:clippingNorm:)`` after the walk counts the step. A walk is one
  /// step, so gradients cannot be gathered over several, nor clipped by the norm of all. `gradientScale` multiplies every
  /// gradient.
  public func beginSteppingDuringBackward(gradientScale: Double = 1) {
    let scale = Tensor([], [gradientScale])
    stepsDuringBackward.store(true, ordering: .relaxed)
    for (group, entries) in entries.enumerated() {
      for (index, entry) in entries.enumerated() {
        entry.parameter.gradientHook = { [weak self] parameter in self?.move(group, index, parameter, scale) }
      }
    }
  }

  /// Goes back to moving weights in ``step(gradientScale:clippingNorm:)`` alone.
  public func endSteppingDuringBackward() {
    stepsDuringBackward.store(false, ordering: .relaxed)
    for parameter in parameters { parameter.gradientHook = nil }
  }

  private func move(_ group: Int, _ index: Int, _ parameter: Parameter, _ gradientScale: Tensor) {
    guard let gradient = parameter.gradient else { return }
    parameter.clearGradient()
    let rule = rules[group]
    let rate = learningRates[group].value
    stepByStep { entries[group][index].move(by: rule, gradient, rate, gradientScale) }
  }
}
