import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Layers that act on each element, or on none.
  static let elementwise: [String: KerasLayerKind] = {
    var rows: [String: KerasLayerKind] = [
      "Masking": KerasLayerKind(masks: .values) { context in
        guard try context.input().shape.rank == 3 else { throw context.unsupported("its input is \(context.specs[0])") }
        let value = try context.double("mask_value", default: 0)
        return KerasLayer(
          KerasComputed("Masking") { inputs in
            let counts = inputs[0].notEqual(to: value).any(axis: -1, keepAxes: true)
            return Tensor.select(counts, inputs[0], Tensor.zeros([], dtype: inputs[0].dtype))
          })
      },
      "ThresholdedReLU": KerasLayerKind(masks: .passed) { context in
        _ = try context.input()
        let threshold = try context.double("theta", default: 1)
        return KerasLayer(
          KerasComputed("ThresholdedReLU") { $0[0] * $0[0].greater(than: threshold).cast(to: $0[0].dtype) })
      },
      "GaussianDropout": KerasLayerKind(masks: .passed) { context in
        _ = try context.input()
        return KerasLayer(Keras.Layers.GaussianDropout(try context.rate()))
      },
      "AlphaDropout": KerasLayerKind(masks: .passed) { context in
        _ = try context.input()
        guard context.value(["noise_shape"]) == nil else { throw context.unsupported("'noise_shape' is set") }
        return KerasLayer(Keras.Layers.AlphaDropout(try context.rate()))
      },
      "UnitNormalization": KerasLayerKind(masks: .passed) { context in
        let rank = try context.input().shape.rank
        let axes = try context.integers("axis")
        let places = (axes.isEmpty ? [-1] : axes).map { $0 < 0 ? $0 + rank : $0 }
        guard Set(places).count == places.count, places.allSatisfy({ (0..<rank).contains($0) }) else {
          throw context.invalid("'axis' is \(axes)")
        }
        return KerasLayer(
          KerasComputed("UnitNormalization") { inputs in
            let squares = places.reduce(inputs[0].square()) { $0.sum(axis: $1, keepAxes: true) }
            return inputs[0] / squares.maximum(1e-12).sqrt()
          })
      },
    ]
    // What is drawn at random while training leaves images as they are afterwards.
    for name in [
      "RandomBrightness", "RandomColorJitter", "RandomContrast", "RandomErasing", "RandomFlip", "RandomHue",
      "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom",
    ] {
      rows[name] = KerasLayerKind { context in
        _ = try context.input()
        return KerasLayer(KerasComputed(name) { $0[0] })
      }
    }
    rows["Identity"] = KerasLayerKind(masks: .passed) { context in
      _ = try context.single()
      return KerasLayer(KerasComputed("Identity") { $0[0] })
    }
    return rows
  }()
}
