import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Products, tables, activations, shapes and normalization.
  static let core: [String: KerasLayerKind] = [
    "Dense": KerasLayerKind(masks: .passed) { context in
      let inputs = try context.lastLength(context.input())
      let units = try context.size("units", "output_dim")
      let useBias = try context.bool("use_bias", "bias", default: true)
      let weights = try context.weights([[inputs, units]] + (useBias ? [[units]] : []))
      let layer = Keras.Layers.Dense(
        units, activation: try context.activation(), useBias: useBias, kernelInitializer: .zeros)
      return KerasLayer(layer, context.state([weights[0].transposed([1, 0])] + weights.dropFirst()))
    },
    "Embedding": KerasLayerKind(masks: .indices) { context in
      guard try (1..<Shape.maximumRank).contains(context.single().shape.rank) else {
        throw context.invalid("its input is \(context.specs[0])")
      }
      let (rows, width) = (try context.size("input_dim"), try context.size("output_dim"))
      let weights = try context.weights([[rows, width]])
      return KerasLayer(Keras.Layers.Embedding(rows, width, initializer: .zeros), ["weight": weights[0]])
    },
    "Activation": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      return KerasLayer(Keras.Layers.Activation(try context.activation()))
    },
    "ReLU": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      let maximum = try context.value(["max_value"]) == nil ? nil : context.double("max_value", default: 0)
      return KerasLayer(
        Keras.Layers.ReLU(
          maximum: maximum, negativeSlope: try context.double("negative_slope", default: 0),
          threshold: try context.double("threshold", default: 0)))
    },
    "LeakyReLU": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      let slope = try context.double("negative_slope", "alpha", default: 0.3)
      return KerasLayer(Keras.Layers.Activation(Keras.Activation("leaky_relu") { $0.leakyRelu(slope: slope) }))
    },
    "ELU": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      let alpha = try context.double("alpha", default: 1)
      return KerasLayer(Keras.Layers.Activation(Keras.Activation("elu") { $0.elu(alpha: alpha) }))
    },
    "PReLU": KerasLayerKind(masks: .passed) { context in
      let lengths = try context.input().shape.dimensions.dropFirst().map(\.known)
      let shared = try context.integers("shared_axes")
      let shape = try lengths.enumerated().map { axis, length -> Int in
        if shared.contains(axis + 1) { return 1 }
        guard let length else { throw context.unsupported("an axis of unknown length has slopes of its own") }
        return length
      }
      let weights = try context.weights([shape])
      return KerasLayer(Keras.Layers.PReLU(sharedAxes: shared), ["slope": weights[0]])
    },
    "Softmax": KerasLayerKind(masks: .softmax) { context in
      let mask = context.specs.dropFirst().first
      guard context.specs.count <= 2, let spec = context.specs.first, spec.dtype.isFloatingPoint else {
        throw context.invalid("it is called with \(context.specs)")
      }
      if let mask, mask.dtype != .bool || mask.shape != spec.shape {
        throw context.unsupported("its mask is \(mask) for \(spec)")
      }
      let rank = spec.shape.rank
      let axes = try context.integers("axis")
      guard axes.count <= 1, (-rank..<rank).contains(axes.first ?? -1) else {
        throw context.unsupported("softmax along the axes \(axes)")
      }
      let axis = axes.first ?? -1
      guard mask != nil else {
        return KerasLayer(Keras.Layers.Activation(Keras.Activation("softmax") { $0.softmax(axis: axis) }))
      }
      return KerasLayer(
        KerasComputed("Softmax") { inputs in
          let low = Tensor.full([], -1e9, dtype: inputs[0].dtype)
          let shares = Tensor.select(inputs[1], inputs[0], low).softmax(axis: axis)
          return Tensor.select(inputs[1], shares, Tensor.zeros([], dtype: inputs[0].dtype))
        })
    },
    "Dropout": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      return KerasLayer(Keras.Layers.Dropout(try context.rate()))
    },
    "GaussianNoise": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      let deviation = try context.double("stddev", "sigma", default: 0)
      guard deviation >= 0 else { throw context.invalid("'stddev' is \(deviation)") }
      return KerasLayer(Keras.Layers.GaussianNoise(deviation))
    },
    "ActivityRegularization": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      return KerasLayer(Keras.Layers.Activation(.linear))
    },
    "Rescaling": KerasLayerKind(masks: .passed) { context in
      _ = try context.input()
      let (scale, offset) = (try context.double("scale", default: 1), try context.double("offset", default: 0))
      return KerasLayer(Keras.Layers.Activation(Keras.Activation("rescaling") { $0 * scale + offset }))
    },
    "Flatten": KerasLayerKind { context in
      let rank = try context.single().shape.rank
      if rank > 2, try context.dataFormat() == .channelsFirst {
        throw context.unsupported("'data_format' is 'channels_first'")
      }
      return KerasLayer(Keras.Layers.Flatten())
    },
    "Reshape": KerasLayerKind { context in
      let spec = try context.single()
      let target = try context.integers("target_shape")
      let open = target.filter { $0 < 0 }.count
      guard open <= 1, target.count < Shape.maximumRank, target.allSatisfy({ $0 == -1 || $0 > 0 }) else {
        throw context.invalid("'target_shape' is \(target)")
      }
      let lengths = spec.shape.dimensions.dropFirst().map(\.known)
      guard let known = lengths as? [Int] else {
        throw context.unsupported("its input is \(spec), with lengths that are not known")
      }
      try context.checkGrowth([])
      let (size, product) = (known.reduce(1, *), target.filter { $0 > 0 }.reduce(1.0) { $0 * Double($1) })
      guard product <= Double(max(size, 1)), open == 1 ? size % Int(product) == 0 : Double(size) == product else {
        throw context.invalid("\(size) elements do not fit 'target_shape' \(target)")
      }
      return KerasLayer(Keras.Layers.Reshape(target))
    },
    "Permute": KerasLayerKind { context in
      let rank = try context.single().shape.rank
      let order = try context.integers("dims")
      guard order.sorted() == Array(1..<max(rank, 1)) else { throw context.invalid("'dims' is \(order)") }
      return KerasLayer(Keras.Layers.Permute(order))
    },
    "RepeatVector": KerasLayerKind { context in
      _ = try context.input(rank: 2)
      let count = try context.size("n")
      try context.checkGrowth([count])
      return KerasLayer(Keras.Layers.RepeatVector(count))
    },
    "BatchNormalization": KerasLayerKind(masks: .passed) { context in
      let spec = try context.input()
      let axes = try context.integers("axis")
      let axis = axes.first ?? -1
      let place = axis < 0 ? axis + spec.shape.rank : axis
      guard axes.count <= 1, (1..<max(spec.shape.rank, 1)).contains(place),
        let length = spec.shape.dimension(place).known
      else { throw context.invalid("axis \(axes) of \(spec), whose length must be known") }
      try context.refuse("renorm")
      let (scale, center) = (try context.bool("scale", default: true), try context.bool("center", default: true))
      let weights = try context.weights(Array(repeating: [length], count: 2 + (scale ? 1 : 0) + (center ? 1 : 0)))
      let layer = Keras.Layers.BatchNormalization(
        momentum: try context.double("momentum", default: 0.99), epsilon: try context.double("epsilon", default: 1e-3),
        axis: axis, scale: scale, center: center)
      return KerasLayer(
        layer,
        [
          "weight": scale ? weights[0] : .ones([length]), "bias": center ? weights[scale ? 1 : 0] : .zeros([length]),
          "running_mean": weights[weights.count - 2], "running_var": weights[weights.count - 1],
          "num_batches_tracked": Tensor.full([], 0, dtype: .int64),
        ])
    },
    "LayerNormalization": KerasLayerKind(masks: .passed) { context in
      let spec = try context.input()
      let length = try context.lastLength(spec)
      let axes = try context.integers("axis")
      guard axes.isEmpty || axes == [-1] || axes == [spec.shape.rank - 1] else {
        throw context.unsupported("normalization along the axes \(axes)")
      }
      let (state, scale, center) = try context.scaleAndCenter(length)
      let layer = Keras.Layers.LayerNormalization(
        epsilon: try context.double("epsilon", default: 1e-3), scale: scale, center: center)
      return KerasLayer(layer, state)
    },
  ]
}

extension KerasLayerContext {
  /// The one input, whatever its type.
  func single() throws -> TensorSpec {
    guard specs.count == 1 else { throw invalid("it is called with \(specs.count) tensors, one is expected") }
    guard specs[0].shape.rank > 0 else { throw unsupported("its input is \(specs[0]), no batch of examples") }
    return specs[0]
  }

  /// A weight and, when there are two, a bias.
  func state(_ weights: [Tensor]) -> [String: Tensor] {
    var state = ["weight": weights[0].contiguous()]
    if weights.count > 1 { state["bias"] = weights[1] }
    return state
  }
}
