import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Convolutions, pooling and what goes with them, on images `[batch, spatial…, channels]`, TensorFlow's default, or
  /// `[batch, channels, spatial…]`.
  static let images: [TensorFlowOperator] = [
    image("Conv2D", 2...2) { node, x in
      let window = try node.window(x, kernel: node.filterSize(1, rank: x.rank))
      let filter = try node.tensor(1)
      // [kernel…, inputs / groups, outputs] becomes [outputs, inputs / groups, kernel…].
      let weight = try node.transposed(filter, [x.rank - 1, x.rank - 2] + Array(0..<x.rank - 2))
      return try node.apply(ConvolutionOperator(window, groups: node.groups(x, weight)), x, weight)
    },
    image("DepthwiseConv2dNative", 2...2) { node, x in
      let window = try node.window(x, kernel: node.filterSize(1, rank: x.rank))
      let filter = try node.tensor(1)
      // [kernel…, channels, multiplier] becomes [channels · multiplier, 1, kernel…].
      let turned = try node.transposed(filter, [x.rank - 2, x.rank - 1] + Array(0..<x.rank - 2))
      let lengths = turned.shape.dimensions
      let weight = try node.reshaped(turned, [lengths[0] * lengths[1], 1] + lengths.dropFirst(2))
      guard let channels = lengths[0].known, channels > 0 else { throw node.invalid("filter \(filter.spec)") }
      return try node.apply(ConvolutionOperator(window, groups: channels), x, weight)
    },
    TensorFlowOperator("Conv2DBackpropInput", 3...3) { node in
      let sizes = try node.lengths(0)
      let (filter, y) = (try node.tensor(1), try node.channelsSecond(2))
      let rank = y.rank
      guard sizes.count == rank, rank >= 3 else {
        throw node.invalid("\(sizes.count) sizes for an image of rank \(rank)")
      }
      let spatial = try node.channelsLastFormat() ? Array(sizes[1..<rank - 1]) : Array(sizes[2...])
      let size = try node.shape(spatial)
      let window = try node.window(y, kernel: node.filterSize(1, rank: rank), lengths: size.dimensions)
      let weight = try node.transposed(filter, [rank - 1, rank - 2] + Array(0..<rank - 2))
      let operation = ConvolutionTransposedOperator(window, groups: 1, size: size.dimensions)
      return [try node.imageResult(node.apply(operation, y, weight))]
    },
    image("MaxPool", 1...1) { node, x in
      let window = try node.window(x, kernel: node.spatial(node.ints("ksize"), "ksize", x.rank))
      return try node.apply(MaxPoolOperator(.windows(window, ceiling: false)), x)
    },
    image("AvgPool", 1...1) { node, x in
      let window = try node.window(x, kernel: node.spatial(node.ints("ksize"), "ksize", x.rank))
      // What lies in the padding does not count, as TensorFlow has it.
      return try node.apply(AveragePoolOperator(.windows(window, ceiling: false), includesPadding: false), x)
    },
    image("BiasAdd", 2...2) { node, x in
      try node.binary(.add, x, node.perChannel(node.tensor(1), rank: x.rank))
    },
    batchNorm("FusedBatchNorm"), batchNorm("FusedBatchNormV2"), batchNorm("FusedBatchNormV3"),
    TensorFlowOperator("ResizeBilinear", 2...2) { try $0.resized(.linear) },
    TensorFlowOperator("ResizeNearestNeighbor", 2...2) { try $0.resized(nil) },
    TensorFlowOperator("DepthToSpace", 1...1) { node in
      let x = try node.tensor(0)
      let block = Dimension(try node.blockSize())
      let (batch, height, width, channels) = try node.imageLengths(x)
      let depth = try node.quotient(channels, block * block)
      let split = try node.reshaped(x, [batch, height, width, block, block, depth])
      let turned = try node.transposed(split, [0, 1, 3, 2, 4, 5])
      return [ImportedValue(try node.reshaped(turned, [batch, height * block, width * block, depth]))]
    },
    TensorFlowOperator("SpaceToDepth", 1...1) { node in
      let x = try node.tensor(0)
      let block = Dimension(try node.blockSize())
      let (batch, height, width, channels) = try node.imageLengths(x)
      let (rows, columns) = (try node.quotient(height, block), try node.quotient(width, block))
      let split = try node.reshaped(x, [batch, rows, block, columns, block, channels])
      let turned = try node.transposed(split, [0, 1, 3, 2, 4, 5])
      return [ImportedValue(try node.reshaped(turned, [batch, rows, columns, block * block * channels]))]
    },
  ]

  /// An operator on an image whose first output is an image.
  private static func image(
    _ name: String, _ inputs: ClosedRange<Int>,
    _ function: @escaping @Sendable (TensorFlowNode, Tensor) throws -> Tensor
  ) -> TensorFlowOperator {
    TensorFlowOperator(name, inputs) { node in
      [try node.imageResult(function(node, node.channelsSecond(0)))]
    }
  }

  /// Inference alone: a graph that still takes its batch's statistics was not frozen for it.
  private static func batchNorm(_ name: String) -> TensorFlowOperator {
    TensorFlowOperator(name, 5...6) { node in
      guard try !node.bool("is_training", default: true) else {
        throw node.unsupported(
          "it takes its statistics from the batch", advice: "freeze the graph for inference, with is_training false")
      }
      let x = try node.channelsSecond(0)
      let operation = BatchNormInferenceOperator(epsilon: try node.float("epsilon", default: 1e-4))
      let parameters = try (1...4).map { try node.tensor($0) }
      let normalized = try node.assembler.apply(operation, [x] + parameters)[0]
      // TensorFlow gives mean and variance on, and for training's sake again.
      let statistics = [2, 3, 2, 3].map { ImportedValue(parameters[$0]) }
      return [try node.imageResult(normalized)] + statistics
    }
  }
}

extension TensorFlowNode {
  /// Twice the number of spatial axes numbers at most; a stride or size beyond is no window.
  private static let largestWindow = 1 << 30

  /// Lengths of an image `[batch, height, width, channels]`.
  func imageLengths(_ x: Tensor) throws -> (Dimension, Dimension, Dimension, Dimension) {
    guard x.rank == 4, try channelsLastFormat() else {
      throw unsupported("\(x.spec), \(try string("data_format", default: "NHWC")); [batch, height, width, channels] is")
    }
    return (x.dimension(0), x.dimension(1), x.dimension(2), x.dimension(3))
  }

  func blockSize() throws -> Int {
    let size = try int("block_size")
    guard (1...TensorFlowNode.largestWindow).contains(size) else { throw invalid("block_size \(size)") }
    return size
  }

  /// The kernel's size, from a filter `[kernel…, inputs, outputs]`.
  func filterSize(_ index: Int, rank: Int) throws -> [Int] {
    let filter = try tensor(index)
    guard filter.rank == rank, filter.shape.isKnown else {
      throw invalid("filter \(filter.spec) for an image of rank \(rank)")
    }
    return Array(filter.shape.dropLast(2))
  }

  /// Into how many groups the channels of `x` fall for a weight `[outputs, inputs / groups, kernel…]`.
  func groups(_ x: Tensor, _ weight: Tensor) throws -> Int {
    guard let channels = x.dimension(1).known, let each = weight.dimension(1).known else { return 1 }
    guard each > 0, channels % each == 0 else {
      throw invalid("\(channels) channels do not fit a filter for \(each)")
    }
    return channels / each
  }

  /// The spatial numbers of a list with one for each axis of an image; the others must be 1.
  func spatial(_ numbers: [Int], _ what: String, _ rank: Int) throws -> [Int] {
    let isLast = try channelsLastFormat()
    guard numbers.count == rank, rank >= 3 else {
      throw invalid("attribute '\(what)' \(numbers) for an image of rank \(rank)")
    }
    guard numbers[0] == 1, numbers[isLast ? rank - 1 : 1] == 1 else {
      throw unsupported("attribute '\(what)' \(numbers) reaches beyond the spatial axes")
    }
    let result = Array(isLast ? numbers[1..<rank - 1] : numbers[2...])
    guard result.allSatisfy({ (1...TensorFlowNode.largestWindow).contains($0) }) else {
      throw invalid("attribute '\(what)' \(numbers)")
    }
    return result
  }

  /// The window that the attributes describe, over an image with its channels second (or over `lengths`).
  func window(_ x: Tensor, kernel: [Int], lengths: [Dimension]? = nil) throws -> Window {
    let rank = x.rank
    guard (3...5).contains(rank), kernel.count == rank - 2,
      kernel.allSatisfy({ (1...TensorFlowNode.largestWindow).contains($0) })
    else { throw invalid("a kernel of \(kernel) for \(x.spec)") }
    let ones = Array(repeating: 1, count: rank)
    let stride = try spatial(ints("strides"), "strides", rank)
    let dilation = try spatial(ints("dilations", default: ones), "dilations", rank)
    let lengths = lengths ?? Array(x.shape.dimensions.dropFirst(2))
    var before = Array(repeating: 0, count: rank - 2)
    var after = before
    switch try string("padding", default: "VALID") {
    case "VALID": break
    case "SAME":
      for axis in 0..<rank - 2 {
        let total = try samePadding(lengths[axis], kernel[axis], stride[axis], dilation[axis])
        before[axis] = total / 2
        after[axis] = total - total / 2
      }
    case "EXPLICIT":
      let numbers = try ints("explicit_paddings")
      guard numbers.count == 2 * rank, numbers.allSatisfy({ (0...TensorFlowNode.largestWindow).contains($0) }) else {
        throw invalid("attribute 'explicit_paddings' \(numbers)")
      }
      let first = try channelsLastFormat() ? 1 : 2
      for axis in 0..<rank - 2 {
        before[axis] = numbers[2 * (first + axis)]
        after[axis] = numbers[2 * (first + axis) + 1]
      }
    case let other: throw unsupported("padding '\(other)'")
    }
    return Window(kernel: kernel, stride: stride, dilation: dilation, before: before, after: after)
  }

  /// The spatial axes brought to the size that the second input names.
  func resized(_ mode: ResizeOperator.Mode?) throws -> [ImportedValue] {
    let isAligned = try bool("align_corners")
    let isCentered = try bool("half_pixel_centers")
    guard !(isAligned && isCentered) else { throw invalid("both align_corners and half_pixel_centers") }
    let image = try transposedToChannelsSecond(0)
    let size = try shape(lengths(1))
    guard size.rank == image.rank - 2, image.rank == 4 else { throw invalid("size \(size) for \(image.spec)") }
    let coordinates: ResizeOperator.Coordinates = isAligned ? .alignCorners : isCentered ? .halfPixel : .asymmetric
    let mode = mode ?? (isAligned || isCentered ? .nearestHalfUp : .nearestFloor)
    let source = mode == .linear ? try cast(image, to: image.dtype.isFloatingPoint ? image.dtype : .float32) : image
    return [try channelsLast(apply(ResizeOperator(mode, coordinates, size: size.dimensions), source))]
  }
}
