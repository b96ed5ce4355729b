public import DeepSeekTensor

/// Activations that are made of others.
extension Tensor {
  /// λ x, or λ α (eˣ - 1) for negative x, with the λ and α that keep mean 0 and variance 1 (Klambauer et al.,
  /// arXiv:1706.02515).
  public func selu(file: StaticString = #file, line: UInt = #line) -> Tensor {
    elu(alpha: 1.6732632423543772848170429916717, file: file, line: line) * 1.0507009873554804934193349852946
  }

  /// x, or α (e^(x / α) - 1) for negative x (Barron, arXiv:1704.07483).
  public func celu(alpha: Double = 1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if alpha == 0 { fatalError("celu: alpha 0", file: file, line: line) }
    return (self * (1 / alpha)).elu(file: file, line: line) * alpha
  }

  /// x / (1 + |x|).
  public func softsign(file: StaticString = #file, line: UInt = #line) -> Tensor {
    self / (abs(file: file, line: line) + 1)
  }

  /// x moved towards zero by `limit`, and zero within it.
  public func softshrink(_ limit: Double = 0.5, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if limit < 0 { fatalError("softshrink: limit \(limit); 0 or more is expected", file: file, line: line) }
    return self - clamp(-limit, limit, file: file, line: line)
  }

  /// x, but zero within `limit` of zero.
  public func hardshrink(_ limit: Double = 0.5, file: StaticString = #file, line: UInt = #line) -> Tensor {
    Tensor.select(abs().greater(than: limit), self, Tensor.zeros([], dtype: dtype), file: file, line: line)
  }

  /// x - tanh(x).
  public func tanhshrink(file: StaticString = #file, line: UInt = #line) -> Tensor {
    self - tanh(file: file, line: line)
  }

  /// x where it is above `limit`, else `value`.
  public func threshold(
    _ limit: Double, value: Double, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    Tensor.select(greater(than: limit), self, Tensor.full([], value, dtype: dtype), file: file, line: line)
  }

  /// x, or a learned slope times x for negative x: one slope, or one for each channel of `[batch, channels, …]` (He et al.,
  /// arXiv:1502.01852).
  public func prelu(_ slope: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let isSingle = slope.rank == 0 || slope.shape == [1]
    if !isSingle && (slope.rank != 1 || rank < 2 || slope.dimension(0) != dimension(1)) {
      fatalError(
        "prelu: slope \(slope.shape) for \(shape); one number, or one for each channel, is expected",
        file: file, line: line)
    }
    let slopes = isSingle ? slope.reshaped([] as Shape) : slope.perChannel(rank: rank)
    return Tensor.select(greater(than: 0), self, slopes * self, file: file, line: line)
  }

  /// The first half along an axis times the sigmoid of the second (Dauphin et al., arXiv:1612.08083).
  public func glu(axis: Int = -1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let halves = chunked(2, axis: shape.index(of: axis), file: file, line: line)
    return halves[0] * halves[1].sigmoid()
  }

  /// silu of this gate times `value`, as in gated feed-forward layers (Shazeer, arXiv:2002.05202).
  public func swiglu(_ value: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    silu(file: file, line: line).multiplied(by: value, file: file, line: line)
  }

  /// A soft sample of the distribution softmax(logits) along an axis (Jang et al., arXiv:1611.01144).
  ///
  /// With `isHard` the value is one-hot, while the gradient is the soft sample's. The key says which sample; without one, the
  /// next of the current ``RandomGenerator``.
  public func gumbelSoftmax(
    temperature: Double = 1, isHard: Bool = false, axis: Int = -1, key: Tensor? = nil, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    if temperature <= 0 {
      fatalError("gumbel_softmax: temperature \(temperature); more than 0 is expected", file: file, line: line)
    }
    // Away from 0 and 1, whose double logarithms are infinite.
    let edge = dtype == .float64 ? 0x1p-53 : 0x1p-24
    let uniform = Tensor.randomUniform(
      shape, edge, 1 - edge, dtype: dtype == .float64 ? .float64 : .float32, key: key, file: file, line: line)
    let noise = -((-uniform.log()).log())
    let soft = ((self + noise.cast(to: dtype)) * (1 / temperature)).softmax(axis: axis, file: file, line: line)
    if !isHard { return soft }
    let position = shape.index(of: axis)
    let largest = soft.detached().argmax(axis: position, keepAxes: true)
    let places = Tensor.range(shape[position]).reshaped(
      [shape[position]] + Array(repeating: 1, count: rank - 1 - position))
    let hard = largest.equal(to: places).cast(to: dtype)
    return hard - soft.detached() + soft
  }
}
