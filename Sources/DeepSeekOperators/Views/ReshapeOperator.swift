public import DeepSeekTensor

/// The same elements in the same row-major order under another shape. Shares storage where the layout permits.
public struct ReshapeOperator: Operator {
  /// The lengths; `nil` stands for the one that follows from the others.
  public let target: [Dimension?]

  /// A reshape to these lengths, at most one of them `nil`.
  public init(_ target: [Dimension?]) { self.target = target }

  /// `reshape`.
  public var name: String { "reshape" }
  /// A view.
  public var traits: OperatorTraits { [.view] }

  /// The target, with the open length filled in.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let source = inputs[0].shape
    // Written out only for an error: an expression may be long.
    var described: String { "[" + target.map { $0.map(\.description) ?? "-1" }.joined(separator: ", ") + "]" }
    guard target.count <= Shape.maximumRank else { throw mismatch("\(described) has more axes than are supported") }
    let open = target.indices.filter { target[$0] == nil }
    guard open.count <= 1 else { throw mismatch("\(described) leaves more than one length open") }
    let total = source.product(0..<source.rank)
    let given = target.reduce(Dimension(1)) { product, length in length.map { product * $0 } ?? product }
    var lengths = target.map { $0 ?? 0 }
    if let axis = open.first {
      if let known = given.known, let whole = total.known, known == 0 || whole % known != 0 {
        throw mismatch("\(source) has \(whole) elements, which do not fill \(described)")
      }
      lengths[axis] = Dimension.quotient(of: source, by: target.compactMap { $0 })
    } else if let known = given.known, let whole = total.known, known != whole {
      throw mismatch("\(source) has \(whole) elements, \(described) has \(known)")
    }
    return [TensorSpec(inputs[0].dtype, Shape(lengths))]
  }

  /// A view, unless the strides forbid it.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { input.layout.reshaped(output.shape) }

  /// Copies the elements in order.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].copyElements(to: outputs[0].viewed(Layout(inputs[0].shape)))
  }

  /// Back to the input's shape.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [context.gradient.reshaped(context.inputSpec(0).shape)]
  }

  /// With the symbols among the lengths replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> ReshapeOperator {
    ReshapeOperator(target.map { $0?.resolved(bindings) })
  }
}

extension Dimension {
  /// The length left when a shape is divided by some lengths; equal symbols cancel.
  static func quotient(of shape: Shape, by divisors: [Dimension]) -> Dimension {
    var numerator = shape.dimensions
    var denominator: [Dimension] = []
    for divisor in divisors where divisor != 1 {
      if let index = numerator.firstIndex(of: divisor) {
        numerator.remove(at: index)
      } else {
        denominator.append(divisor)
      }
    }
    // Numbers first, so that they divide exactly before symbols join.
    let product = { (lengths: [Dimension]) -> Dimension in
      let known = lengths.filter { $0.known != nil }.reduce(Dimension(1)) { $0 * $1 }
      return lengths.filter { $0.known == nil }.reduce(known) { $1 * $0 }
    }
    return product(numerator) / product(denominator)
  }
}

extension Tensor {
  /// The same elements under another shape, whose lengths may be symbols.
  public func reshaped(_ shape: Shape, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if shape == self.shape { return self }
    return apply(ReshapeOperator(shape.dimensions), self, file: file, line: line)
  }

  /// The same elements under another shape; one length may be -1, which then follows from the others.
  public func reshaped(_ lengths: [Int], file: StaticString = #file, line: UInt = #line) -> Tensor {
    let target: [Dimension?] = lengths.map { length in
      if length < -1 { fatalError("reshape: length \(length) in \(lengths)", file: file, line: line) }
      return length == -1 ? nil : Dimension(length)
    }
    return apply(ReshapeOperator(target), self, file: file, line: line)
  }

  /// The same elements under another shape; one length may be -1, which then follows from the others.
  public func reshaped(_ lengths: Int..., file: StaticString = #file, line: UInt = #line) -> Tensor {
    reshaped(lengths, file: file, line: line)
  }

  /// The same elements under another shape, some of whose lengths may be symbols.
  public func reshaped(_ dimensions: [Dimension], file: StaticString = #file, line: UInt = #line) -> Tensor {
    reshaped(Shape(dimensions), file: file, line: line)
  }

  /// With an axis of length 1 inserted before `axis`; a negative axis counts from the end of the result.
  public func expanded(_ axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let position = axis < 0 ? axis + rank + 1 : axis
    if position < 0 || position > rank {
      fatalError("expand: axis \(axis) is outside rank \(rank + 1)", file: file, line: line)
    }
    var lengths = shape.dimensions
    lengths.insert(1, at: position)
    return reshaped(Shape(lengths), file: file, line: line)
  }

  /// Without one axis of length 1, or, with no axis given, without any.
  public func squeezed(_ axis: Int? = nil, file: StaticString = #file, line: UInt = #line) -> Tensor {
    guard let axis else { return reshaped(Shape(shape.dimensions.filter { $0 != 1 }), file: file, line: line) }
    if shape.dimension(axis) != 1 {
      fatalError("squeeze: axis \(axis) of \(shape) has a length other than 1", file: file, line: line)
    }
    return reshaped(shape.removing(axis), file: file, line: line)
  }

  /// An axis and all behind it joined into one: `x.flattened(1...)` of a batch.
  public func flattened(_ range: PartialRangeFrom<Int>, file: StaticString = #file, line: UInt = #line) -> Tensor {
    flattened(shape.index(of: range.lowerBound)...rank - 1, file: file, line: line)
  }

  /// Axes `range` joined into one; all of them when no range is given.
  public func flattened(_ range: ClosedRange<Int>? = nil, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if rank == 0 { return reshaped([1] as Shape, file: file, line: line) }
    let axes = range ?? 0...(rank - 1)
    if axes.upperBound >= rank || axes.lowerBound < 0 {
      fatalError("flatten: axes \(axes) are outside rank \(rank)", file: file, line: line)
    }
    var lengths = shape.dimensions
    lengths.replaceSubrange(axes, with: [shape.product(axes.lowerBound..<axes.upperBound + 1)])
    return reshaped(Shape(lengths), file: file, line: line)
  }
}
