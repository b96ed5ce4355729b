public import DeepSeekTensor

/// Pairs of elements of the last axis turned by angles (Su et al., "RoFormer", arXiv:2104.09864).
///
/// Inputs: x `[…, sequence, width]`, and the cosines and sines of the angles, `[sequence, width / 2]` or of any shape that
/// broadcasts to x' pairs, in `float32` (`float64` for `float64`). The gradient is a turn by the opposite angles.
public struct RotaryOperator: Operator {
  /// Which elements make a pair.
  public enum Pairing: String, Sendable, Hashable, Codable, CaseIterable {
    /// 2i and 2i + 1, as in the paper and GPT-J.
    case interleaved
    /// i and i + width / 2, as in GPT-NeoX and Llama.
    case halves
  }

  /// Which elements make a pair.
  public let pairing: Pairing
  /// Whether the turn is by the opposite angles.
  public let isInverse: Bool

  /// A turn of such pairs.
  public init(_ pairing: Pairing, isInverse: Bool = false) {
    self.pairing = pairing
    self.isInverse = isInverse
  }

  /// `rotary`.
  public var name: String { "rotary" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// x' type and shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let x = inputs[0]
    try expectFloating(x)
    guard x.shape.rank >= 1, (x.shape.dimension(-1).known ?? 0) % 2 == 0 else {
      throw mismatch("input \(x.shape); an even length of the last axis is expected")
    }
    let pairs = x.shape.replacing(-1, with: x.shape.dimension(-1) / 2)
    for angles in inputs.dropFirst() {
      guard angles.dtype == x.dtype.statistics, try Shape.broadcast(angles.shape, pairs, in: name) == pairs else {
        throw mismatch("cosines or sines \(angles) do not broadcast to the pairs \(pairs) in \(x.dtype.statistics)")
      }
    }
    return [x.withoutValue]
  }

  /// One pass over the rows. Halves are computed in `float32` and rounded once.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    if out.elementCount == 0 { return }
    let type = out.dtype.statistics
    let x = RotaryRows(inputs[0].converted(to: type))
    let target = out.dtype == type ? out : Tensor(uninitialized: type, out.shape)
    let pairs = out.shape.replacing(-1, with: out.dimension(-1) / 2)
    let (cosines, sines) = (inputs[1].broadcastView(pairs), inputs[2].broadcastView(pairs))
    if type == .float64 {
      turn(Double.self, x, RotaryRows(cosines), RotaryRows(sines), target)
    } else {
      turn(Float.self, x, RotaryRows(cosines), RotaryRows(sines), target)
    }
    if target.dtype != out.dtype { target.copyElements(to: out) }
  }

  /// A few thousand elements for each piece of work.
  private static let grain = 1 << 13

  private func turn<Element: BinaryFloatingPoint & Sendable>(
    _ type: Element.Type, _ x: RotaryRows, _ cosines: RotaryRows, _ sines: RotaryRows, _ out: Tensor
  ) {
    let width = out.shape[-1]
    let half = width / 2
    // In the halves' pairing partners lie `half` apart, in the interleaved one next to each other.
    let (step, gap) = pairing == .halves ? (1, half) : (2, 1)
    let sign: Element = isInverse ? -1 : 1
    nonisolated(unsafe) let source = x.tensor.pointer.assumingMemoryBound(to: type)
    nonisolated(unsafe) let target = out.pointer.assumingMemoryBound(to: type)
    nonisolated(unsafe) let cosine = cosines.tensor.pointer.assumingMemoryBound(to: type)
    nonisolated(unsafe) let sine = sines.tensor.pointer.assumingMemoryBound(to: type)
    Parallel.forEach(out.elementCount / width, grain: Swift.max(1, RotaryOperator.grain / width)) { rows in
      for row in rows {
        let (from, to) = (source + x.start(row), target + row * width)
        let (c, s) = (cosine + cosines.start(row), sine + sines.start(row))
        for pair in 0..<half {
          let (a, b) = (from[pair * step], from[pair * step + gap])
          let turned = sign * s[pair]
          to[pair * step] = a * c[pair] - b * turned
          to[pair * step + gap] = b * c[pair] + a * turned
        }
      }
    }
    withExtendedLifetime((x, cosines, sines, out)) {}
  }

  /// The cosines and sines; x too when their gradients are wanted, which is rare.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    gradients.contains(1) || gradients.contains(2) ? Residuals(inputs: .all) : Residuals(inputs: [1, 2])
  }

  /// The opposite turn.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    if context.wants(1) || context.wants(2) { return gradientThroughDecomposition(context) }
    let inverse = RotaryOperator(pairing, isInverse: !isInverse)
    return [apply(inverse, context.gradient, context.input(1), context.input(2)), nil, nil]
  }

  /// Two products and a sum for each side of the pairs.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let type = inputs[0].dtype.statistics
    let x = inputs[0].cast(to: type)
    let half = x.dimension(-1) / 2
    let leading = Array(x.shape.dimensions.dropLast())
    let isInterleaved = pairing == .interleaved
    let axis = isInterleaved ? x.rank : x.rank - 1
    let pairs = x.reshaped(leading + (isInterleaved ? [half, 2] : [2, half]))
    let (a, b) = (pairs.selected(axis, 0), pairs.selected(axis, 1))
    let (cosine, sine) = (inputs[1], isInverse ? -inputs[2] : inputs[2])
    let turned = Tensor.stack([a * cosine - b * sine, b * cosine + a * sine], axis: axis)
    return [turned.reshaped(x.shape).cast(to: inputs[0].dtype)]
  }
}

/// Where each row of a tensor begins, whatever the strides of its other axes.
private struct RotaryRows: Sendable {
  let tensor: Tensor
  private let lengths: [Int]
  private let strides: [Int]

  /// The rows of a view; one whose rows have gaps is copied.
  init(_ view: Tensor) {
    tensor = view.shape[-1] <= 1 || view.layout.stride(view.rank - 1) == 1 ? view : view.contiguous()
    lengths = Array(tensor.shape.dropLast())
    strides = Array(tensor.layout.strides.dropLast())
  }

  func start(_ row: Int) -> Int {
    var (rest, start, axis) = (row, 0, lengths.count - 1)
    while axis >= 0 {
      start += rest % lengths[axis] * strides[axis]
      rest /= lengths[axis]
      axis -= 1
    }
    return start
  }
}
