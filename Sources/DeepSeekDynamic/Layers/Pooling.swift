public import DeepSeekOperators
public import DeepSeekTensor

/// The largest under each window of `[batch, channels, spatial…]`.
public final class MaxPool: Layer {
  /// The window's size.
  public let kernel: PerAxis
  /// From one window to the next; the window's size when `nil`.
  public let stride: PerAxis?
  /// What lies beyond the ends, never chosen.
  public let padding: Padding
  /// From one element of the window to the next.
  public let dilation: PerAxis

  /// Windows of this size.
  public init(_ kernel: PerAxis, stride: PerAxis? = nil, padding: Padding = .valid, dilation: PerAxis = 1) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// `[batch, channels, spatial…]` to `[batch, channels, windows…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.maxPool(kernel: kernel, stride: stride, padding: padding, dilation: dilation)
  }
}

/// The mean under each window of `[batch, channels, spatial…]`.
public final class AveragePool: Layer {
  /// The window's size.
  public let kernel: PerAxis
  /// From one window to the next; the window's size when `nil`.
  public let stride: PerAxis?
  /// What lies beyond the ends.
  public let padding: Padding
  /// Whether padding counts as zeros, rather than not at all.
  public let includesPadding: Bool

  /// Windows of this size.
  public init(_ kernel: PerAxis, stride: PerAxis? = nil, padding: Padding = .valid, includesPadding: Bool = true) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.includesPadding = includesPadding
  }

  /// `[batch, channels, spatial…]` to `[batch, channels, windows…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.averagePool(kernel: kernel, stride: stride, padding: padding, includesPadding: includesPadding)
  }
}

/// The mean of each of the windows that split the spatial axes evenly.
public final class AdaptiveAveragePool: Layer {
  /// How many windows along each axis.
  public let size: PerAxis

  /// So many windows.
  public init(_ size: PerAxis) { self.size = size }

  /// `[batch, channels, spatial…]` to `[batch, channels, size…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.adaptiveAveragePool(size) }
}

/// The largest of each of the windows that split the spatial axes evenly.
public final class AdaptiveMaxPool: Layer {
  /// How many windows along each axis.
  public let size: PerAxis

  /// So many windows.
  public init(_ size: PerAxis) { self.size = size }

  /// `[batch, channels, spatial…]` to `[batch, channels, size…]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.adaptiveMaxPool(size) }
}
