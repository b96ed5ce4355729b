import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Convolutions and pooling: by slices, by products, and by matrices of weights that each axis has.
  static let windows: [(ObjectIdentifier, Rule)] = [
    entry(UnfoldOperator.self) { operation, inputs, _ in [unfolded(inputs[0], operation.window)] },
    entry(FoldOperator.self) { operation, inputs, _ in
      [folded(inputs[0], operation.window, operation.size.map { $0.known! })]
    },
    entry(ConvolutionOperator.self) { operation, inputs, _ in
      let columns = Columns(apply(UnfoldOperator(operation.window), inputs[0]), operation.window, operation.groups)
      let y = columns.matrices(inputs[1]).matmul(columns.tensor)
      return [biased(columns.places(y, channels: inputs[1].shape[0]), inputs)]
    },
    entry(ConvolutionTransposedOperator.self) { operation, inputs, _ in
      let (y, weight, groups) = (inputs[0], inputs[1], operation.groups)
      let window = operation.window
      let (batch, places) = (y.shape[0], y.shape.dropFirst(2).reduce(1, *))
      let outputs = weight.shape[0] / groups
      let taps = weight.shape[1] * window.kernel.reduce(1, *)
      let matrices = weight.reshaped([1, groups, outputs, taps] as Shape).matrixTransposed
      let columns = matrices.matmul(y.reshaped([batch, groups, outputs, places] as Shape))
      let shape = Shape([batch, weight.shape[1] * groups] + window.kernel + Array(y.shape.dropFirst(2)))
      return [biased(apply(FoldOperator(window, size: operation.size), columns.reshaped(shape)), inputs)]
    },
    entry(ConvolutionWeightGradientOperator.self) { operation, inputs, _ in
      let (x, g, groups) = (inputs[0], inputs[1], operation.groups)
      let columns = Columns(apply(UnfoldOperator(operation.window), x), operation.window, groups)
      let places = g.shape.dropFirst(2).reduce(1, *)
      let flat = g.reshaped([g.shape[0], groups, g.shape[1] / groups, places] as Shape)
      let products = flat.matmul(columns.tensor.matrixTransposed).sum(axis: 0)
      return [products.reshaped(Shape([g.shape[1], x.shape[1] / groups] + operation.window.kernel))]
    },
    entry(MaxPoolOperator.self) { operation, inputs, _ in maxPool(operation, inputs[0]) },
    entry(MaxPoolGradientOperator.self) { operation, inputs, builder in
      let (g, indices) = (inputs[0], inputs[1])
      let size = operation.size.map { $0.known! }
      let places = g.shape.dropFirst(2).reduce(1, *)
      let flat = indices.reshaped([g.shape[0], g.shape[1], places] as Shape)
      let zero = Tensor([], [Int64(0)])
      // -1, a window wholly in the padding, gives nothing.
      let counted = Tensor.select(
        flat.less(than: zero), Tensor.zeros([], dtype: g.dtype), g.reshaped(flat.shape))
      let target = flat.maximum(zero)
      builder.noteCountsFromStart(target)
      let zeros = Tensor.full([g.shape[0], g.shape[1], size.reduce(1, *)], 0, dtype: g.dtype)
      let sums = apply(ScatterOperator(.add, 2), zeros, target, counted)
      return [sums.reshaped(Shape([g.shape[0], g.shape[1]] + size))]
    },
    entry(AveragePoolOperator.self) { operation, inputs, _ in
      [
        alongAxes(
          inputs[0], averages(operation, Array(inputs[0].shape.dropFirst(2)), inputs[0].dtype), transposed: false)
      ]
    },
    entry(AveragePoolGradientOperator.self) { operation, inputs, _ in
      let size = operation.size.map { $0.known! }
      return [alongAxes(inputs[0], averages(operation.pooling, size, inputs[0].dtype), transposed: true)]
    },
    entry(ResizeOperator.self) { operation, inputs, _ in
      [
        alongAxes(
          inputs[0], weights(operation, Array(inputs[0].shape.dropFirst(2)), inputs[0].dtype), transposed: false)
      ]
    },
    entry(ResizeGradientOperator.self) { operation, inputs, _ in
      let source = operation.source.map { $0.known! }
      return [alongAxes(inputs[0], weights(operation.resize, source, inputs[0].dtype), transposed: true)]
    },
  ]

  /// What windows see, as matrices: `[batch, groups, channels / groups · kernel, places]`.
  private struct Columns {
    let tensor: Tensor
    private let groups: Int
    private let spatial: [Int]

    init(_ unfolded: Tensor, _ window: Window, _ groups: Int) {
      self.groups = groups
      spatial = Array(unfolded.shape.suffix(window.spatial))
      let taps = unfolded.shape[1] / groups * window.kernel.reduce(1, *)
      tensor = unfolded.reshaped([unfolded.shape[0], groups, taps, spatial.reduce(1, *)] as Shape)
    }

    func matrices(_ weight: Tensor) -> Tensor {
      weight.reshaped([1, groups, weight.shape[0] / groups, weight.shape.dropFirst().reduce(1, *)] as Shape)
    }

    func places(_ y: Tensor, channels: Int) -> Tensor { y.reshaped(Shape([tensor.shape[0], channels] + spatial)) }
  }

  private static func biased(_ y: Tensor, _ inputs: [Tensor]) -> Tensor {
    guard inputs.count == 3 else { return y }
    return y + inputs[2].reshaped([1, inputs[2].shape[0]] + Array(repeating: 1, count: y.rank - 2))
  }

  /// The places that each tap of a window sees, as slices of the padded input.
  private static func tapExtents(_ window: Window, _ tap: Int, _ places: [Int]) -> [SliceOperator.Extent] {
    var rest = tap
    var starts = Array(repeating: 0, count: window.spatial)
    for axis in (0..<window.spatial).reversed() {
      starts[axis] = rest % window.kernel[axis] * window.dilation[axis]
      rest /= window.kernel[axis]
    }
    return (0..<window.spatial).map {
      .init(axis: $0 + 2, start: starts[$0], count: places[$0], step: window.stride[$0])
    }
  }

  private static func unfolded(_ x: Tensor, _ window: Window) -> Tensor {
    let places = (0..<window.spatial).map { axis in
      let reach = window.dilation[axis] * (window.kernel[axis] - 1)
      return (x.shape[axis + 2] + window.before[axis] + window.after[axis] - reach - 1) / window.stride[axis] + 1
    }
    let padded = apply(PadOperator([0, 0] + window.before, [0, 0] + window.after), x)
    let taps = (0..<window.kernel.reduce(1, *)).map { tap in
      apply(SliceOperator(tapExtents(window, tap, places)), padded)
    }
    return Tensor.stack(taps, axis: 2).reshaped(Shape([x.shape[0], x.shape[1]] + window.kernel + places))
  }

  private static func folded(_ x: Tensor, _ window: Window, _ size: [Int]) -> Tensor {
    let places = Array(x.shape.suffix(window.spatial))
    let count = window.kernel.reduce(1, *)
    let taps = x.reshaped(Shape([x.shape[0], x.shape[1], count] + places))
    let padded = Shape(
      [x.shape[0], x.shape[1]] + size.indices.map { size[$0] + window.before[$0] + window.after[$0] })
    var sum: Tensor?
    for tap in 0..<count {
      let spread = apply(SliceGradientOperator(tapExtents(window, tap, places), padded), taps.selected(2, tap))
      sum = sum.map { $0 + spread } ?? spread
    }
    let inside = size.indices.map {
      SliceOperator.Extent(axis: $0 + 2, start: Dimension(window.before[$0]), count: Dimension(size[$0]))
    }
    return apply(SliceOperator(inside), sum!)
  }

  /// A product with one matrix for each spatial axis.
  private static func alongAxes(_ x: Tensor, _ matrices: [Tensor], transposed: Bool) -> Tensor {
    var result = x
    for (axis, matrix) in matrices.enumerated() {
      let last = result.swappedAxes(axis + 2, -1)
      result = last.matmul(transposed ? matrix.transposed() : matrix).swappedAxes(axis + 2, -1)
    }
    return result
  }

  /// What a function of one spatial axis does, as a matrix `[length, places]`: each row is what it makes of a one.
  private static func matrix(_ length: Int, _ dtype: DType, _ function: (Tensor) -> Tensor) -> Tensor {
    let rows = function(Tensor.eye(length, dtype: dtype).reshaped([length, 1, length] as Shape))
    return rows.reshaped([length, rows.shape[2]] as Shape)
  }

  private static func averages(_ operation: AveragePoolOperator, _ size: [Int], _ dtype: DType) -> [Tensor] {
    size.indices.map { axis in
      let places: PoolPlaces =
        switch operation.places {
        case .adaptive(let lengths): .adaptive([lengths[axis]])
        case .windows(let window, let ceiling): .windows(window.axis(axis), ceiling: ceiling)
        }
      return matrix(size[axis], dtype) {
        apply(AveragePoolOperator(places, includesPadding: operation.includesPadding), $0)
      }
    }
  }

  private static func weights(_ operation: ResizeOperator, _ size: [Int], _ dtype: DType) -> [Tensor] {
    size.indices.map { axis in
      let scales = operation.scales.isEmpty ? [] : [operation.scales[axis]]
      let along = ResizeOperator(operation.mode, operation.coordinates, size: [operation.size[axis]], scales: scales)
      return matrix(size[axis], dtype) { apply(along, $0) }
    }
  }

  /// The maximum over what each window sees, and where it is: each window's places are a table.
  private static func maxPool(_ operation: MaxPoolOperator, _ x: Tensor) -> [Tensor]? {
    let size = Array(x.shape.dropFirst(2))
    let elements = size.reduce(1, *)
    guard let shape = try? operation.infer([x.spec])[0].shape else { return nil }
    let places = Array(shape.dropFirst(2))
    let windows = (0..<size.count).map { axis in operation.places.seen(axis, size[axis], places[axis]) }
    let taps = windows.map { $0.map(\.count).max() ?? 0 }
    // For each tap and place: which element of the plane is seen, or `elements`, an extra one that is never the largest.
    let (tapCount, placeCount) = (taps.reduce(1, *), places.reduce(1, *))
    var table = Array(repeating: Int64(elements), count: tapCount * placeCount)
    for tap in 0..<tapCount {
      for place in 0..<placeCount {
        if let index = seenElement(tap, place, windows, taps, places, size) {
          table[tap * placeCount + place] = Int64(index)
        }
      }
    }
    let planes = x.reshaped([x.shape[0], x.shape[1], elements] as Shape)
    let lowest = Tensor.full([x.shape[0], x.shape[1], 1], -Double.infinity, dtype: x.dtype)
    let extended = table.contains(Int64(elements)) ? Tensor.concatenate([planes, lowest], axis: 2) : planes
    let seen = extended.indexSelect(axis: 2, Tensor([table.count], table))
      .reshaped([x.shape[0], x.shape[1], tapCount, placeCount] as Shape)
    let best = seen.argmax(axis: 2)
    let origins = Tensor([table.count], table.map { $0 == Int64(elements) ? -1 : $0 })
    let indices = origins.take(best * Tensor([], [Int64(placeCount)]) + Tensor.range(placeCount), axis: 0)
    return [seen.max(axis: 2).reshaped(shape), indices.reshaped(shape)]
  }

  private static func seenElement(
    _ tap: Int, _ place: Int, _ windows: [[[Int]]], _ taps: [Int], _ places: [Int], _ size: [Int]
  ) -> Int? {
    var (tap, place, result, stride) = (tap, place, 0, 1)
    for axis in (0..<size.count).reversed() {
      let seen = windows[axis][place % places[axis]]
      let number = tap % taps[axis]
      if number >= seen.count || seen[number] < 0 { return nil }
      result += seen[number] * stride
      stride *= size[axis]
      tap /= taps[axis]
      place /= places[axis]
    }
    return result
  }
}

extension Window {
  /// The window along one spatial axis.
  fileprivate func axis(_ axis: Int) -> Window {
    Window(
      kernel: [kernel[axis]], stride: [stride[axis]], dilation: [dilation[axis]], before: [before[axis]],
      after: [after[axis]])
  }
}

extension PoolPlaces {
  /// The elements of an axis that each place sees; -1 for one in the padding.
  fileprivate func seen(_ axis: Int, _ length: Int, _ places: Int) -> [[Int]] {
    (0..<places).map { place in
      switch self {
      case .windows(let window, _):
        let start = place * window.stride[axis] - window.before[axis]
        return (0..<window.kernel[axis]).map { tap in
          let element = start + tap * window.dilation[axis]
          return (0..<length).contains(element) ? element : -1
        }
      case .adaptive:
        return Array(place * length / places..<((place + 1) * length + places - 1) / places)
      }
    }
  }
}
