import DeepSeekOperators
public import DeepSeekTensor

/// Normalization of each sample's channels in groups, over all positions, then scale and shift by channel (Wu and He, 2018).
///
/// Keys: `weight` and `bias`, `[channels]`.
public final class GroupNorm: Layer {
  /// How many groups the channels are split into.
  public let groupCount: Int
  /// The number of channels.
  public let channelCount: Int
  /// The scale, `[channels]`.
  public let weight: Parameter?
  /// The shift, `[channels]`.
  public let bias: Parameter?
  /// What is added to the variance.
  public let epsilon: Double

  /// A layer for this many groups and channels. Traps when the groups do not divide the channels.
  public init(
    _ groupCount: Int, _ channels: Int, epsilon: Double = 1e-5, affine: Bool = true, dtype: DType = .float32
  ) {
    if groupCount < 1 || channels % groupCount != 0 {
      fatalError("GroupNorm: \(groupCount) groups do not divide \(channels) channels")
    }
    self.groupCount = groupCount
    channelCount = channels
    weight = affine ? Parameter(Tensor.ones([channels], dtype: dtype)) : nil
    bias = affine ? Parameter(Tensor.zeros([channels], dtype: dtype)) : nil
    self.epsilon = epsilon
  }

  /// `[batch, channels, …]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.groupNorm(groups: groupCount, weight: weight?.tensor, bias: bias?.tensor, epsilon: epsilon)
  }
}

/// Normalization of each sample's channels by themselves, over all positions (Ulyanov, Vedaldi, Lempitsky, 2016).
///
/// Keys: `weight` and `bias`, `[channels]`, when it is affine.
public final class InstanceNorm: Layer {
  /// Names as PyTorch's: the weights stand under this layer's own key.
  public static var stateKeys: [String: String] { ["norm": ""] }

  /// A group for each channel.
  public let norm: GroupNorm

  /// A layer for this many channels; without scale and shift unless `affine`, as PyTorch's.
  public init(_ channels: Int, epsilon: Double = 1e-5, affine: Bool = false, dtype: DType = .float32) {
    norm = GroupNorm(channels, channels, epsilon: epsilon, affine: affine, dtype: dtype)
  }

  /// `[batch, channels, …]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { norm(input) }
}

/// ``InstanceNorm`` of `[batch, channels, length]`.
public typealias InstanceNorm1d = InstanceNorm
/// ``InstanceNorm`` of `[batch, channels, height, width]`.
public typealias InstanceNorm2d = InstanceNorm
/// ``InstanceNorm`` of `[batch, channels, depth, height, width]`.
public typealias InstanceNorm3d = InstanceNorm
