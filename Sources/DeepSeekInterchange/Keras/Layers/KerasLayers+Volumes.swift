import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// What is cut off, put around, repeated or brought to another size along sequences, images and volumes.
  static let volumes: [String: KerasLayerKind] = [
    "Cropping1D": borders(1, "cropping", crops: true), "Cropping3D": borders(3, "cropping", crops: true),
    "ZeroPadding3D": borders(3, "padding", crops: false),
    "UpSampling3D": KerasLayerKind { context in
      _ = try context.image(3)
      let size = try context.sizes("size", axes: 3, default: [2, 2, 2])
      try context.checkGrowth(size)
      let first = try context.dataFormat() == .channelsLast ? 1 : 2
      return KerasLayer(
        KerasComputed("UpSampling3D") { inputs in
          size.enumerated().reduce(inputs[0]) { $0.repeated($1.element, axis: first + $1.offset) }
        })
    },
    "SpatialDropout3D": KerasLayerKind(masks: .passed) { context in
      _ = try context.image(3)
      return KerasLayer(Keras.Layers.SpatialDropout2D(try context.rate(), dataFormat: try context.dataFormat()))
    },
    "CenterCrop": KerasLayerKind { context in
      let (_, lengths) = try context.image(2)
      let wanted = [try context.size("height"), try context.size("width")]
      let first = try context.dataFormat() == .channelsLast ? 1 : 2
      var starts: [Int] = []
      for (length, wanted) in zip(lengths, wanted) {
        guard let known = length.known, known >= wanted else {
          throw context.unsupported("\(context.specs[0]) is cropped to \(wanted) elements")
        }
        starts.append((known - wanted) / 2)
      }
      return KerasLayer(
        KerasComputed("CenterCrop") { [starts] inputs in
          starts.indices.reduce(inputs[0]) { $0.sliced(first + $1, starts[$1]..<starts[$1] + wanted[$1]) }
        })
    },
    "Resizing": KerasLayerKind { context in
      _ = try context.image(2)
      let size = [try context.size("height"), try context.size("width")]
      try context.checkGrowth(size)
      try context.refuse("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")
      let name = try context.string("interpolation", default: "bilinear")
      guard name == "bilinear" || name == "nearest" else {
        throw context.unsupported("'interpolation' is '\(name)'")
      }
      let isLast = try context.dataFormat() == .channelsLast
      // The nearest element to a pixel's middle is the one that it lies in.
      let resize = ResizeOperator(
        name == "bilinear" ? .linear : .nearestHalfUp, .halfPixel, size: size.map { Dimension($0) })
      return KerasLayer(
        KerasComputed("Resizing") { inputs in
          guard isLast else { return apply(resize, inputs[0]) }
          return apply(resize, inputs[0].transposed([0, 3, 1, 2])).transposed([0, 2, 3, 1])
        })
    },
  ]

  /// Borders of one axis, `n`, `[before, after]`, or of several, `n`, `[n, …]`, `[[before, after], …]`.
  private static func borders(_ axes: Int, _ key: String, crops: Bool) -> KerasLayerKind {
    KerasLayerKind { context in
      let (_, lengths) = try context.image(axes)
      let value = context.value([key])
      let sides: [[Int]] =
        if axes == 1 {
          [(value?.array ?? value.map { [$0, $0] } ?? []).compactMap(\.integer)]
        } else {
          (value?.array ?? Array(repeating: value, count: axes).compactMap { $0 }).map { side in
            (side.array ?? [side, side]).compactMap(\.integer)
          }
        }
      guard sides.count == axes,
        sides.allSatisfy({ $0.count == 2 && $0.allSatisfy { (0...KerasLayerContext.largestSize).contains($0) } })
      else { throw context.invalid("'\(key)' is not understood") }
      let first = try context.dataFormat() == .channelsLast ? 1 : 2
      guard crops else {
        try context.checkGrowth(sides.map { $0[0] + $0[1] + 1 })
        let none = (before: 0, after: 0)
        let widths =
          Array(repeating: none, count: first) + sides.map { (before: $0[0], after: $0[1]) }
          + Array(repeating: none, count: 2 - first)
        return KerasLayer(KerasComputed("ZeroPadding") { $0[0].padded(widths) })
      }
      var kept: [Range<Int>] = []
      for (length, side) in zip(lengths, sides) {
        guard let known = length.known else { throw context.unsupported("an axis of unknown length is cropped") }
        guard side[0] + side[1] < known else { throw context.invalid("\(side) of \(known) elements are cropped") }
        kept.append(side[0]..<known - side[1])
      }
      return KerasLayer(
        KerasComputed("Cropping") { [kept] inputs in kept.indices.reduce(inputs[0]) { $0.sliced(first + $1, kept[$1]) }
        })
    }
  }
}
