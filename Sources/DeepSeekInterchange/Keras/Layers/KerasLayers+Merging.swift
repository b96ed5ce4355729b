import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Layers of several inputs.
  static let merging: [String: KerasLayerKind] = [
    "Add": merged { Keras.Layers.Add() }, "Multiply": merged(masks: .joinedUnlessModern) { Keras.Layers.Multiply() },
    "Average": merged { Keras.Layers.Average() },
    "Maximum": merged(masks: .joinedUnlessModern) { Keras.Layers.Maximum() },
    "Minimum": merged(masks: .joinedUnlessModern) { Keras.Layers.Minimum() },
    "Subtract": merged(2...2) { Keras.Layers.Subtract() },
    "Concatenate": KerasLayerKind(masks: .concatenated) { context in
      KerasLayer(Keras.Layers.Concatenate(axis: try context.concatenationAxis(context.specs)))
    },
    "Dot": KerasLayerKind { context in
      guard context.specs.count == 2,
        context.specs.allSatisfy({ $0.dtype.isFloatingPoint && (2...3).contains($0.shape.rank) })
      else { throw context.unsupported("it is called with \(context.specs); two of rank 2 or 3 are expected") }
      let ranks = context.specs.map(\.shape.rank)
      var axes = try context.integers("axes")
      if axes.count == 1 { axes.append(axes[0]) }
      guard axes.count == 2 else { throw context.invalid("'axes' are \(axes)") }
      let places = zip(axes, ranks).map { $0 < 0 ? $0 + $1 : $0 }
      guard zip(places, ranks).allSatisfy({ (1..<$1).contains($0) }) else {
        throw context.invalid("'axes' are \(axes)")
      }
      // To [batch, rows, shared] and [batch, shared, columns], whatever the axes.
      let normalizes = try context.bool("normalize", default: false)
      let body = { @Sendable (inputs: [Tensor]) -> Tensor in
        let parts = inputs.enumerated().map { index, x -> Tensor in
          let whole = normalizes ? x / (x.square().sum(axis: places[index], keepAxes: true)).sqrt().maximum(1e-12) : x
          let three = ranks[index] == 2 ? whole.expanded(1) : whole
          let isLast = ranks[index] == 2 || places[index] == 2
          return isLast == (index == 0) ? three : three.swappedAxes(1, 2)
        }
        let product = parts[0].matmul(parts[1])
        switch (ranks[0], ranks[1]) {
        case (2, 2): return product.squeezed(2)
        case (2, 3): return product.squeezed(1)
        case (3, 2): return product.squeezed(2)
        default: return product
        }
      }
      let shared = zip(context.specs, places).map { $0.shape.dimension($1) }
      guard shared[0] == shared[1], context.specs[0].dtype == context.specs[1].dtype,
        context.specs[0].shape.dimension(0) == context.specs[1].shape.dimension(0)
      else { throw context.invalid("\(context.specs) along the axes \(axes)") }
      return KerasLayer(KerasComputed("Dot", body))
    },
  ]

  /// Element by element, of tensors of one type that broadcast.
  private static func merged(
    _ counts: ClosedRange<Int> = 1...Int.max, masks: KerasMaskRule = .joined,
    _ make: @escaping @Sendable () -> any Keras.Layer
  ) -> KerasLayerKind {
    KerasLayerKind(masks: masks) { context in
      guard counts.contains(context.specs.count), let first = context.specs.first, first.dtype.isArithmetic else {
        throw context.invalid("it is called with \(context.specs)")
      }
      _ = try context.specs.dropFirst().reduce(first) { try BinaryOperator(.add).infer([$0, $1])[0] }
      return KerasLayer(make())
    }
  }
}

extension KerasLayerContext {
  /// The axis, counted from the first, along which `Concatenate` joins tensors of these types and shapes.
  func concatenationAxis(_ specs: [TensorSpec]) throws -> Int {
    guard let first = specs.first else { throw invalid("it has no inputs") }
    let axes = try integers("axis")
    let axis = axes.first ?? -1
    let place = axis < 0 ? axis + first.shape.rank : axis
    guard axes.count <= 1, first.shape.dimensions.indices.contains(place) else {
      throw invalid("axis \(axes) of \(first)")
    }
    _ = try ConcatenateOperator(place).infer(specs)
    return place
  }
}
