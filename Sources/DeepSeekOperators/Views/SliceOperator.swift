public import DeepSeekTensor

/// Every `step`-th index of some axes; moves no element.
public struct SliceOperator: Operator {
  /// The indices taken along one axis.
  public struct Extent: Sendable, Hashable, Codable {
    /// The axis.
    public let axis: Int
    /// The first index.
    public let start: Dimension
    /// How many indices.
    public let count: Dimension
    /// From one index to the next; negative runs backwards.
    public let step: Int

    /// `count` indices from `start`, `step` apart.
    public init(axis: Int, start: Dimension, count: Dimension, step: Int = 1) {
      self.axis = axis
      self.start = start
      self.count = count
      self.step = step
    }

    /// `count` indices from `start`, `step` apart, known numbers.
    public init(axis: Int, start: Int, count: Int, step: Int = 1) {
      self.init(axis: axis, start: Dimension(start), count: Dimension(count), step: step)
    }

    /// With the symbols replaced; as it is where their values leave no such index.
    func resolved(_ bindings: [Dimension: Int]) -> Extent {
      guard start.isPossible(bindings), count.isPossible(bindings) else { return self }
      return Extent(axis: axis, start: start.resolved(bindings), count: count.resolved(bindings), step: step)
    }
  }

  /// One for each axis that is cut.
  public let extents: [Extent]

  /// These extents.
  public init(_ extents: [Extent]) { self.extents = extents }

  /// `slice`.
  public var name: String { "slice" }
  /// A view.
  public var traits: OperatorTraits { [.view] }

  /// The lengths of the extents.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    var shape = inputs[0].shape
    for extent in extents {
      guard (0..<shape.rank).contains(extent.axis) else {
        throw mismatch("axis \(extent.axis) does not fit \(inputs[0].shape)")
      }
      if let length = inputs[0].shape.dimension(extent.axis).known, let start = extent.start.known,
        let count = extent.count.known, count > 0
      {
        // Extents may come from a file: no sum may overflow before it is compared.
        let (reach, overflow) = (count - 1).multipliedReportingOverflow(by: extent.step)
        let (last, isBeyond) = start.addingReportingOverflow(reach)
        guard !overflow, !isBeyond else { throw mismatch("extent \(extent) is outside \(inputs[0].shape)") }
        guard (0..<length).contains(start), (0..<length).contains(last) else {
          throw mismatch("indices \(start) to \(last) are outside axis \(extent.axis) of \(inputs[0].shape)")
        }
      }
      shape = shape.replacing(extent.axis, with: extent.count)
    }
    return [TensorSpec(inputs[0].dtype, shape)]
  }

  /// Other strides and another offset.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { cut(input.layout) }

  /// Copies the elements.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].viewed(cut(inputs[0].layout)).copyElements(to: outputs[0])
  }

  private func cut(_ layout: Layout) -> Layout { layout.cut(extents) }

  /// With the symbols in the extents replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> SliceOperator {
    SliceOperator(extents.map { $0.resolved(bindings) })
  }

  /// The upstream gradient in its place among zeros.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(SliceGradientOperator(extents, context.inputSpec(0).shape), context.gradient)]
  }
}

/// A tensor put in its place among zeros: what slicing undoes.
public struct SliceGradientOperator: Operator {
  /// Where along each axis.
  public let extents: [SliceOperator.Extent]
  /// The shape of the result.
  public let target: Shape

  /// Placed at these extents of a tensor of shape `target`.
  public init(_ extents: [SliceOperator.Extent], _ target: Shape) {
    self.extents = extents
    self.target = target
  }

  /// `slice_gradient`.
  public var name: String { "slice_gradient" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The target shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let cut = try SliceOperator(extents).infer([TensorSpec(inputs[0].dtype, target)])[0]
    guard cut.shape == inputs[0].shape else {
      throw mismatch("\(inputs[0].shape) is not the shape \(cut.shape) that the extents cut from \(target)")
    }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Zeros, then the elements in their place.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    out.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: out.elementCount * out.dtype.byteCount)
    inputs[0].copyElements(to: out.viewed(out.layout.cut(extents)))
  }

  /// The slice.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(SliceOperator(extents), context.gradient)] }

  /// With the symbols in extents and target replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> SliceGradientOperator {
    SliceGradientOperator(extents.map { $0.resolved(bindings) }, target.resolved(bindings))
  }
}

extension Layout {
  /// The places of some extents, whose numbers are known.
  func cut(_ extents: [SliceOperator.Extent]) -> Layout {
    extents.reduce(self) { $0.sliced(axis: $1.axis, start: $1.start.value, count: $1.count.value, step: $1.step) }
  }
}

extension Tensor {
  /// Indices `range` of an axis, as a view.
  public func sliced(
    _ axis: Int, _ range: Range<Int>, step: Int = 1, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if step < 1 { fatalError("slice: step \(step); use `flipped` to run backwards", file: file, line: line) }
    if range.lowerBound < 0 {
      fatalError("slice: \(range) of axis \(axis) of \(shape) begins before it", file: file, line: line)
    }
    let extent = SliceOperator.Extent(
      axis: shape.index(of: axis), start: Dimension(range.lowerBound),
      count: Dimension((range.count + step - 1) / step), step: step)
    return apply(SliceOperator([extent]), self, file: file, line: line)
  }

  /// `count` indices of an axis from `start`, as a view; either may be a symbol, known when the graph runs.
  public func sliced(
    _ axis: Int, start: Dimension = 0, count: Dimension, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let extent = SliceOperator.Extent(axis: shape.index(of: axis), start: start, count: count)
    return apply(SliceOperator([extent]), self, file: file, line: line)
  }

  /// One index of an axis, which disappears; a negative index counts from the end.
  public func selected(_ axis: Int, _ index: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let position = shape.index(of: axis)
    let length = dimension(position)
    if let known = length.known, !(-known..<known).contains(index) {
      fatalError("slice: index \(index) is outside axis \(axis) of \(shape)", file: file, line: line)
    }
    let start = index < 0 ? length - Dimension(-index) : Dimension(index)
    let one = apply(
      SliceOperator([SliceOperator.Extent(axis: position, start: start, count: 1)]), self, file: file, line: line)
    return one.squeezed(position, file: file, line: line)
  }

  /// The order along some axes reversed, as a view.
  public func flipped(_ axes: [Int], file: StaticString = #file, line: UInt = #line) -> Tensor {
    let extents = axes.map { axis in
      let position = shape.index(of: axis)
      let length = dimension(position)
      return SliceOperator.Extent(axis: position, start: length == 0 ? 0 : length - 1, count: length, step: -1)
    }
    return apply(SliceOperator(extents), self, file: file, line: line)
  }
}
