import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Normalization by statistics of the data, of groups and of root mean squares.
  static let normalization: [String: KerasLayerKind] = [
    "Normalization": KerasLayerKind(masks: .passed) { context in
      let spec = try context.input()
      let rank = spec.shape.rank
      let axes = try context.integers("axis").map { $0 < 0 ? $0 + rank : $0 }
      guard Set(axes).count == axes.count, axes.allSatisfy({ (1..<max(rank, 1)).contains($0) }) else {
        throw context.unsupported("'axis' is \(axes)")
      }
      var lengths = [Int](repeating: 1, count: rank)
      for axis in axes {
        guard let length = spec.shape.dimension(axis).known else {
          throw context.invalid("axis \(axis) of \(spec), whose length must be known")
        }
        lengths[axis] = length
      }
      let (mean, variance) = try context.normalization(lengths)
      let deviation = variance.sqrt().maximum(1e-7)
      let inverts = try context.bool("invert", default: false)
      let layer = KerasComputed("Normalization") { inputs in
        inverts ? inputs[0] * deviation + mean : (inputs[0] - mean) / deviation
      }
      return KerasLayer(layer)
    },
    "GroupNormalization": KerasLayerKind(masks: .passed) { context in
      let spec = try context.input()
      let axis = try context.integers("axis").first ?? -1
      guard axis == -1 || axis == spec.shape.rank - 1, spec.shape.rank > 2 else {
        throw context.unsupported("'axis' \(axis) of \(spec)")
      }
      let channels = try context.lastLength(spec)
      let given = try context.integers("groups").first ?? 32
      let groups = given == -1 ? channels : given
      guard groups > 0, channels % groups == 0 else {
        throw context.invalid("\(groups) groups of \(channels) channels")
      }
      let (state, scale, center) = try context.scaleAndCenter(channels)
      let norm = GroupNorm(groups, channels, epsilon: try context.double("epsilon", default: 1e-3), dtype: spec.dtype)
      if !scale { norm.weight?.isTrainable = false }
      if !center { norm.bias?.isTrainable = false }
      let rank = spec.shape.rank
      let first = [0, rank - 1] + Array(1..<rank - 1)
      let last = [0] + Array(2..<rank) + [1]
      return KerasLayer(
        KerasModule("GroupNormalization", norm) { norm($0[0].transposed(first)).transposed(last) }, state)
    },
    "RMSNormalization": KerasLayerKind { context in
      let spec = try context.input()
      let width = try context.lastLength(spec)
      let axis = try context.integers("axis").first ?? -1
      guard axis == -1 || axis == spec.shape.rank - 1 else { throw context.unsupported("'axis' is \(axis)") }
      let weights = try context.weights([[width]])
      let norm = RMSNorm(width, epsilon: try context.double("epsilon", default: 1e-6), dtype: spec.dtype)
      return KerasLayer(KerasModule("RMSNormalization", norm) { norm($0[0]) }, ["weight": weights[0]])
    },
  ]
}

/// A module of the dynamic graph as a layer, its weights still to be loaded.
struct KerasModule: Keras.Layer {
  let core: Keras.LayerCore

  init(
    _ kind: String, _ module: any Module, activation: Keras.Activation = .linear,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    core = Keras.LayerCore(kind, activation: activation) { _ in Keras.LayerBody(module, function) }
  }
}

extension KerasLayerContext {
  /// Channels that a layer may have whatever its file's size.
  private static let largestFreeLength = 1 << 20

  /// A scale and an offset for each channel, as far as the layer has them.
  func scaleAndCenter(_ length: Int) throws -> (state: [String: Tensor], scale: Bool, center: Bool) {
    let (scale, center) = (try bool("scale", default: true), try bool("center", default: true))
    // Without weights in the file there is nothing else that justifies memory for them.
    guard scale || center || length <= KerasLayerContext.largestFreeLength else {
      throw unsupported("\(length) channels without scale and center")
    }
    let weights = try weights(Array(repeating: [length], count: (scale ? 1 : 0) + (center ? 1 : 0)))
    let state = [
      "weight": scale ? weights[0] : Tensor.ones([length]), "bias": center ? weights[scale ? 1 : 0] : .zeros([length]),
    ]
    return (state, scale, center)
  }

  /// Mean and variance of `Normalization`: what it has seen of data, which stands in its weights, or given to it.
  fileprivate func normalization(_ lengths: [Int]) throws -> (mean: Tensor, variance: Tensor) {
    func given(_ key: String) throws -> Tensor? {
      guard let value = value([key]) else { return nil }
      func numbers(_ value: JSONValue) -> [Double]? {
        if let number = value.double { return [number] }
        guard let items = value.array else { return nil }
        let parts = items.compactMap { numbers($0) }
        return parts.count == items.count ? parts.flatMap { $0 } : nil
      }
      guard let found = numbers(value), found.count == 1 || found.count == lengths.reduce(1, *) else {
        throw invalid("'\(key)' does not fit the shape \(lengths)")
      }
      let tensor = Tensor([found.count], found.map { Float($0) })
      return found.count == 1 ? tensor.reshaped(lengths.map { _ in 1 }) : tensor.reshaped(lengths)
    }
    if let mean = try given("mean"), let variance = try given("variance") { return (mean, variance) }
    let kept = lengths.filter { $0 != 1 }
    guard weights.count >= 2, weights.count <= 3,
      weights.prefix(2).allSatisfy({ $0.shape.filter { $0 != 1 } == kept && $0.dtype.isFloatingPoint })
    else { throw invalid("its mean and variance do not fit the shape \(lengths)") }
    return (weights[0].reshaped(lengths), weights[1].reshaped(lengths))
  }
}
