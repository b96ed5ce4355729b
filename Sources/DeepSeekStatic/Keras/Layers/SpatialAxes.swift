import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// How many spatial axes a layer slides over, as part of its type: `ConvND<TwoAxes>` is `Conv2D`.
  public protocol SpatialAxes: Sendable {
    /// Their number.
    static var count: Int { get }
  }

  /// Sequences, `[batch, channels, length]`.
  public enum OneAxis: SpatialAxes {
    /// 1.
    public static var count: Int { 1 }
  }

  /// Images, `[batch, channels, height, width]`.
  public enum TwoAxes: SpatialAxes {
    /// 2.
    public static var count: Int { 2 }
  }

  /// Volumes, `[batch, channels, depth, height, width]`.
  public enum ThreeAxes: SpatialAxes {
    /// 3.
    public static var count: Int { 3 }
  }
}
