extension LegacyName {
  /// TensorFlow 1's arithmetic, comparisons, reductions and products.
  static let tensorFlowMath: [LegacyName] = binary + unary + comparisons + reductions + products

  private static let binary: [LegacyName] =
    [
      ("add", "+"), ("subtract", "-"), ("sub", "-"), ("multiply", "*"), ("mul", "*"), ("divide", "/"), ("div", "/"),
    ].map { LegacyName("tf.\($0)", "Tensor.\($1)", line: "1.x", .exact, .byHand, note: "a \($1) b") } + [
      LegacyName("tf.pow", "Tensor.power", line: "1.x", .exact, .method([:])),
      LegacyName("tf.maximum", "Tensor.maximum", line: "1.x", .exact, .method([:])),
      LegacyName("tf.minimum", "Tensor.minimum", line: "1.x", .exact, .method([:])),
      LegacyName("tf.floormod", "Tensor.remainder", line: "1.x", .exact, .method([:])),
      LegacyName(
        "tf.squared_difference", "Tensor.square", line: "1.x", .adapted, .byHand, note: "(a - b).square()"),
      LegacyName("tf.add_n", "Tensor.+", line: "1.x", .adapted, .byHand, note: "a + b + c"),
      LegacyName(
        "tf.clip_by_value", "Tensor.clamp", line: "1.x", .exact, .method(["clip_value_min": "", "clip_value_max": ""])),
    ]

  private static let unary: [LegacyName] =
    [
      ("abs", "abs"), ("sign", "sign"), ("square", "square"), ("sqrt", "sqrt"), ("rsqrt", "rsqrt"), ("exp", "exp"),
      ("log", "log"), ("log1p", "log1p"), ("floor", "floor"), ("ceil", "ceil"), ("round", "round"), ("sin", "sin"),
      ("cos", "cos"), ("erf", "erf"), ("sigmoid", "sigmoid"), ("tanh", "tanh"), ("logical_not", "logicalNot"),
      ("is_nan", "isNaN"), ("is_inf", "isInfinite"), ("is_finite", "isFinite"),
    ].map { LegacyName("tf.\($0)", "Tensor.\($1)", line: "1.x", .exact, .method([:])) } + [
      LegacyName("tf.negative", "Tensor.-", line: "1.x", .exact, .byHand, note: "-x"),
      LegacyName("tf.reciprocal", "Tensor.reciprocal", line: "1.x", .exact, .method([:])),
    ]

  private static let comparisons: [LegacyName] =
    [
      ("equal", "equal(to: b)"), ("not_equal", "notEqual(to: b)"), ("less", "less(than: b)"),
      ("less_equal", "lessOrEqual(to: b)"), ("greater", "greater(than: b)"), ("greater_equal", "greaterOrEqual(to: b)"),
    ].map { old, call in
      let method = call.prefix { $0 != "(" }
      return LegacyName("tf.\(old)", "Tensor.\(method)", line: "1.x", .exact, .byHand, note: "a.\(call)")
    } + [
      LegacyName("tf.logical_and", "Tensor.logicalAnd", line: "1.x", .exact, .method([:])),
      LegacyName("tf.logical_or", "Tensor.logicalOr", line: "1.x", .exact, .method([:])),
    ]

  private static let reductions: [LegacyName] =
    [
      ("reduce_sum", "sum"), ("reduce_mean", "mean"), ("reduce_max", "max"), ("reduce_min", "min"),
      ("reduce_prod", "product"), ("reduce_all", "all"), ("reduce_any", "any"), ("reduce_logsumexp", "logSumExp"),
    ].map {
      LegacyName(
        "tf.\($0)", "Tensor.\($1)", line: "1.x", .exact,
        .method(["keep_dims": "keepAxes", "keepdims": "keepAxes", "reduction_indices": "axis"]),
        note: "Several axes are axes: [0, 1].")
    } + [
      LegacyName(
        "tf.argmax", "Tensor.argmax", line: "1.x", .exact, .method(["dimension": "axis", "1": "axis"]),
        note: "The axis has a label."
      ),
      LegacyName(
        "tf.argmin", "Tensor.argmin", line: "1.x", .exact, .method(["dimension": "axis", "1": "axis"]),
        note: "The axis has a label."
      ),
      LegacyName("tf.cumsum", "Tensor.cumulativeSum", line: "1.x", .exact, .method([:]), note: "The axis is given."),
      LegacyName(
        "tf.cumprod", "Tensor.cumulativeProduct", line: "1.x", .exact, .method([:]), note: "The axis is given."),
    ]

  private static let products: [LegacyName] = [
    LegacyName(
      "tf.matmul", "Tensor.matmul", line: "1.x", .exact, .method([:]),
      note: "For transpose_a and transpose_b write a.swappedAxes(-1, -2)."),
    LegacyName("tf.tensordot", "Tensor.tensorDot", line: "1.x", .exact, .method([:])),
    LegacyName("tf.einsum", "Tensor.einsum", line: "1.x", .exact, .rename),
  ]
}
