public import DeepSeekTensor

extension BinaryOperator {
  /// What each rule below reads.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    switch function {
    case .multiply:
      var inputs = IndexSet64()
      if gradients.contains(0) { inputs.insert(1) }
      if gradients.contains(1) { inputs.insert(0) }
      return Residuals(inputs: inputs)
    case .divide: return gradients.contains(1) ? Residuals(inputs: [0, 1]) : Residuals(inputs: [1])
    case .remainder, .fmod: return gradients.contains(1) ? Residuals(inputs: [0, 1]) : Residuals()
    case .power: return Residuals(inputs: [0, 1], outputs: gradients.contains(1) ? [0] : [])
    case .maximum, .minimum, .atan2: return Residuals(inputs: [0, 1])
    default: return Residuals()
    }
  }

  /// The gradients, summed over the axes that were broadcast. Where a maximum or minimum ties, each side gets half.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let gradient = context.gradient
    func side(_ index: Int, _ rule: () -> Tensor) -> Tensor? {
      context.wants(index) ? rule().sum(to: context.inputSpec(index).shape) : nil
    }
    switch function {
    case .add: return [side(0) { gradient }, side(1) { gradient }]
    case .subtract: return [side(0) { gradient }, side(1) { -gradient }]
    case .multiply: return [side(0) { gradient * context.input(1) }, side(1) { gradient * context.input(0) }]
    case .divide:
      return [
        side(0) { gradient / context.input(1) },
        side(1) { -gradient * context.input(0) / context.input(1).square() },
      ]
    case .remainder:
      return [side(0) { gradient }, side(1) { -gradient * (context.input(0) / context.input(1)).floor() }]
    case .fmod:
      return [side(0) { gradient }, side(1) { -gradient * (context.input(0) / context.input(1)).trunc() }]
    case .power: return powerGradient(context, side)
    case .maximum, .minimum:
      return [
        side(0) { gradient * winning(context.input(0), context.input(1)) },
        side(1) { gradient * winning(context.input(1), context.input(0)) },
      ]
    case .atan2:
      let norm = { context.input(0).square() + context.input(1).square() }
      return [
        side(0) { gradient * context.input(1) / norm() },
        side(1) { -gradient * context.input(0) / norm() },
      ]
    default: return [nil, nil]
    }
  }

  private func powerGradient(
    _ context: GradientContext, _ side: (Int, () -> Tensor) -> Tensor?
  ) -> [Tensor?] {
    let gradient = context.gradient
    let (base, exponent) = (context.input(0), context.input(1))
    return [
      // An exponent of zero has slope zero, also at base zero, where the formula would give 0 * infinity.
      side(0) {
        Tensor.select(
          exponent.equal(to: 0), Tensor(0.0).cast(to: base.dtype), gradient * exponent * base.power(exponent - 1))
      },
      side(1) {
        Tensor.select(
          base.equal(to: 0), Tensor(0.0).cast(to: base.dtype), gradient * context.output(0) * base.log())
      },
    ]
  }

  /// 1 where `a` wins over `b`, one half where they tie, 0 elsewhere.
  private func winning(_ a: Tensor, _ b: Tensor) -> Tensor {
    let wins = function == .maximum ? a.greater(than: b) : a.less(than: b)
    return wins.cast(to: a.dtype) + a.equal(to: b).cast(to: a.dtype) * 0.5
  }
}
