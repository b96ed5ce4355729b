import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Layers of several inputs.
  static let merging: [String: KerasLayerKind] = [
    "Add": merged { Keras.Layers.Add() }, "Multiply": merged { Keras.Layers.Multiply() },
    "Average": merged { Keras.Layers.Average() }, "Maximum": merged { Keras.Layers.Maximum() },
    "Minimum": merged { Keras.Layers.Minimum() }, "Subtract": merged(2...2) { Keras.Layers.Subtract() },
    "Concatenate": KerasLayerKind { context in
      guard let first = context.specs.first else { throw context.invalid("it has no inputs") }
      let axes = try context.integers("axis")
      let axis = axes.first ?? -1
      let place = axis < 0 ? axis + first.shape.rank : axis
      guard axes.count <= 1, first.shape.dimensions.indices.contains(place) else {
        throw context.invalid("axis \(axes) of \(first)")
      }
      _ = try ConcatenateOperator(place).infer(context.specs)
      return KerasLayer(Keras.Layers.Concatenate(axis: axis))
    },
  ]

  /// Element by element, of tensors of one type that broadcast.
  private static func merged(
    _ counts: ClosedRange<Int> = 1...Int.max, _ make: @escaping @Sendable () -> any Keras.Layer
  ) -> KerasLayerKind {
    KerasLayerKind { context in
      guard counts.contains(context.specs.count), let first = context.specs.first, first.dtype.isArithmetic else {
        throw context.invalid("it is called with \(context.specs)")
      }
      _ = try context.specs.dropFirst().reduce(first) { try BinaryOperator(.add).infer([$0, $1])[0] }
      return KerasLayer(make())
    }
  }
}
