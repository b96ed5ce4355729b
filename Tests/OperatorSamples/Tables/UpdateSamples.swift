import DeepSeekOperators
import DeepSeekTensor

/// Optimizers' steps, each as its fused operator and as what that is made of.
func addUpdateSamples(to table: inout SampleTable) {
  func update(
    _ name: String, _ operation: some UpdateOperator, _ shape: [Int] = [3, 4], step: Int = 3, torch: String
  ) {
    let states = operation.states(of: TensorSpec(.float64, Shape(shape)))
    let inputs =
      [
        SampleInput(shape, .plain, isDifferentiable: false), SampleInput(shape, .plain, isDifferentiable: false),
        SampleInput([], .fixed([0.125]), dtype: .float64), SampleInput([], .fixed([0.5]), dtype: .float64),
        SampleInput([], .fixed([Double(step)]), dtype: .int64),
      ]
      + states.map { state in
        let isSquare = state.name.contains("sq") || state.name == "sum"
        return SampleInput((0..<state.spec.shape.rank).map { state.spec.shape[$0] }, isSquare ? .positive : .unit)
          .undifferentiated
      }
    let dtypes: [DType] = [.float64, .float32]
    table.rows(name, inputs, torch: torch, dtypes: dtypes, derivatives: 0, tolerance: 4) { apply(operation, $0) }
    table.rows(name + "/decomposed", inputs, torch: torch, dtypes: dtypes, derivatives: 0, tolerance: 4) {
      operation.decomposition($0)!
    }
  }

  let plain = SGDOperator(momentum: 0, dampening: 0, weightDecay: 0.25, isNesterov: false)
  update("sgd_update", plain, torch: "step(optim.SGD, [a, b, c, d, e], {}, weight_decay=0.25)")
  let momentum = SGDOperator(momentum: 0.75, dampening: 0.25, weightDecay: 0.25, isNesterov: false)
  update(
    "sgd_update/momentum", momentum,
    torch: """
      step(optim.SGD, [a, b, c, d, e], {'momentum_buffer': f}, momentum=0.75, dampening=0.25, weight_decay=0.25)
      """)
  let nesterov = SGDOperator(momentum: 0.75, dampening: 0, weightDecay: 0, isNesterov: true)
  update(
    "sgd_update/nesterov", nesterov, [5],
    torch: "step(optim.SGD, [a, b, c, d, e], {'momentum_buffer': f}, momentum=0.75, nesterov=True)")
  for (name, type, isDecoupled) in [("adam", "Adam", false), ("adamw", "AdamW", true)] {
    let moments = "{'exp_avg': f, 'exp_avg_sq': g"
    let adam = AdamOperator(
      betas: (0.75, 0.9), epsilon: 1e-3, weightDecay: 0.25, isDecoupled: isDecoupled, usesLargestMoment: false)
    update(
      "\(name)_update", adam,
      torch: """
        step(optim.\(type), [a, b, c, d, e], \(moments)}, betas=(0.75, 0.9), eps=1e-3, weight_decay=0.25)
        """)
    let largest = AdamOperator(
      betas: (0.75, 0.9), epsilon: 1e-3, weightDecay: 0, isDecoupled: isDecoupled, usesLargestMoment: true)
    update(
      "\(name)_update/largest moment", largest, step: 1,
      torch: """
        step(optim.\(type), [a, b, c, d, e], \(moments), 'max_exp_avg_sq': h}, betas=(0.75, 0.9), eps=1e-3,
          weight_decay=0, amsgrad=True)
        """)
  }
  for (name, momentum, isCentered) in [("", 0, false), ("/momentum", 0.5, false), ("/centered", 0.5, true)] {
    let operation = RMSpropOperator(
      smoothing: 0.75, epsilon: 1e-3, weightDecay: 0.25, momentum: momentum, isCentered: isCentered)
    let states = [
      "": "'square_avg': f", "/momentum": "'square_avg': f, 'momentum_buffer': g",
      "/centered": "'square_avg': f + 4, 'grad_avg': g, 'momentum_buffer': h",
    ]
    let torch = """
      step(optim.RMSprop, [a, b, c, d, e], {\(states[name]!)}, alpha=0.75, eps=1e-3, weight_decay=0.25,
        momentum=\(momentum), centered=\(isCentered ? "True" : "False"))
      """
    if !isCentered {
      update("rmsprop_update" + name, operation, torch: torch)
      continue
    }
    // A running mean and a mean of squares that belong together: the variance is above zero.
    let shape = [3, 4]
    let inputs =
      [
        SampleInput(shape, .plain), SampleInput(shape, .plain), SampleInput([], .fixed([0.125]), dtype: .float64),
        SampleInput([], .fixed([0.5]), dtype: .float64), SampleInput([], .fixed([3]), dtype: .int64),
        SampleInput(shape, .positive), SampleInput(shape, .unit), SampleInput(shape, .unit),
      ].map(\.undifferentiated)
    for (kind, isFused) in [("", true), ("/decomposed", false)] {
      table.rows(
        "rmsprop_update" + name + kind, inputs, torch: torch, dtypes: [.float64, .float32], derivatives: 0,
        tolerance: 4
      ) {
        var inputs = $0
        inputs[5] = inputs[5] + 4
        return isFused ? apply(operation, inputs) : operation.decomposition(inputs)!
      }
    }
  }
  let adagrad = AdagradOperator(learningRateDecay: 0.25, weightDecay: 0.25, initialSum: 0, epsilon: 1e-3)
  update(
    "adagrad_update", adagrad,
    torch: "step(optim.Adagrad, [a, b, c, d, e], {'sum': f}, lr_decay=0.25, weight_decay=0.25, eps=1e-3)")
  let lion = LionOperator(betas: (0.75, 0.9), weightDecay: 0.25)
  update("lion_update", lion, torch: "paper_step(lion, [a, b, c, d, e], {'m': f}, b1=0.75, b2=0.9, wd=0.25)")
  let lamb = LAMBOperator(betas: (0.75, 0.9), epsilon: 1e-3, weightDecay: 0.25, correctsBias: true)
  update(
    "lamb_update", lamb,
    torch: "paper_step(lamb, [a, b, c, d, e], {'m': f, 'v': g}, b1=0.75, b2=0.9, eps=1e-3, wd=0.25)")
  let lars = LARSOperator(momentum: 0.75, weightDecay: 0.25, trust: 0.5, epsilon: 1e-3)
  update(
    "lars_update", lars,
    torch: "paper_step(lars, [a, b, c, d, e], {'v': f}, momentum=0.75, wd=0.25, trust=0.5, eps=1e-3)")
  let adafactor = AdafactorOperator(
    epsilons: (1e-6, 1e-3), clippingThreshold: 0.5, decayRate: -0.8, momentum: 0.75, weightDecay: 0.25,
    scalesByWeight: true, usesRelativeStep: false, warmsUp: false)
  let numbers = "eps=(1e-6, 1e-3), clip=0.5, wd=0.25"
  update(
    "adafactor_update", adafactor,
    torch: "paper_step(adafactor, [a, b, c, d, e], {'r': f, 'c': g, 'm': h}, b1=0.75, \(numbers))")
  update(
    "adafactor_update/vector", adafactor, [5],
    torch: "paper_step(adafactor, [a, b, c, d, e], {'v': f, 'm': g}, b1=0.75, \(numbers))")
  let relative = AdafactorOperator(
    epsilons: (1e-6, 1e-3), clippingThreshold: 0.5, decayRate: -0.8, momentum: nil, weightDecay: 0.25,
    scalesByWeight: true, usesRelativeStep: true, warmsUp: false)
  update(
    "adafactor_update/relative step", relative, step: 7,
    torch:
      "paper_step(adafactor, [a, b, c * min(1e-2, 7 ** -0.5), d, e], {'r': f, 'c': g}, \(numbers))")
}

extension SampleInput {
  /// The same without a gradient.
  fileprivate var undifferentiated: SampleInput { SampleInput(shape, values, dtype: dtype, isDifferentiable: false) }
}
