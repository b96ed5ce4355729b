import DeepSeekOperators
import DeepSeekTensor

/// TensorFlow's images have their channels last, ours second. An image that one of our operators made is kept so, beside the
/// turned view that others read; who understands images takes it as it is.
extension TensorFlowNode {
  /// Whether the attribute says that channels are last, which is the default.
  func channelsLastFormat() throws -> Bool {
    let format = try string("data_format", default: "NHWC")
    guard format.hasPrefix("N"), format.hasSuffix("C") || format.hasPrefix("NC") else {
      throw unsupported("data_format '\(format)'")
    }
    return format.hasSuffix("C")
  }

  /// An input with its channels second.
  func channelsSecond(_ index: Int) throws -> Tensor {
    try channelsLastFormat() ? transposedToChannelsSecond(index) : tensor(index)
  }

  /// An input whose channels are last, with its channels second.
  func transposedToChannelsSecond(_ index: Int) throws -> Tensor {
    let x = try tensor(index)
    if let image = inputs[index].channelsSecond { return image }
    guard x.rank >= 2 else { throw invalid("\(x.spec) is no image") }
    return try transposed(x, [0, x.rank - 1] + Array(1..<x.rank - 1))
  }

  /// The value for an image with its channels second, where the attribute says how they are to be.
  func imageResult(_ image: Tensor) throws -> ImportedValue {
    try channelsLastFormat() ? channelsLast(image) : ImportedValue(image)
  }

  /// The value, channels last, for an image with its channels second.
  func channelsLast(_ image: Tensor) throws -> ImportedValue {
    let turned = try transposed(image, [0] + Array(2..<image.rank) + [1])
    return ImportedValue(turned, channelsSecond: image.rank > 2 ? image : nil)
  }

  /// Both inputs with their channels second, where one is kept so and the other can be seen so: another such image, a scalar,
  /// or a number for each channel.
  func imagePair() throws -> (Tensor, Tensor)? {
    func partner(_ index: Int, of image: Tensor) throws -> Tensor? {
      let other = inputs[index].tensor
      if let kept = inputs[index].channelsSecond { return kept.rank == image.rank ? kept : nil }
      if other.rank == 0 { return other }
      return other.rank == 1 ? try perChannel(other, rank: image.rank) : nil
    }
    if let image = inputs[0].channelsSecond {
      return try partner(1, of: image).map { (image, $0) }
    }
    if let image = inputs[1].channelsSecond {
      return try partner(0, of: image).map { ($0, image) }
    }
    return nil
  }
}
