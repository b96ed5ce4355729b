public import DeepSeekTensor

/// Every `step`-th index of some axes; moves no element.
public struct SliceOperator: Operator {
  /// The indices taken along one axis.
  public struct Extent: Sendable, Hashable, Codable {
    /// The axis.
    public let axis: Int
    /// The first index.
    public let start: Int
    /// How many indices.
    public let count: Int
    /// From one index to the next; negative runs backwards.
    public let step: Int

    /// `count` indices from `start`, `step` apart.
    public init(axis: Int, start: Int, count: Int, step: Int = 1) {
      self.axis = axis
      self.start = start
      self.count = count
      self.step = step
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
      guard (0..<shape.rank).contains(extent.axis), extent.count >= 0 else {
        throw mismatch("axis \(extent.axis), count \(extent.count) do not fit \(inputs[0].shape)")
      }
      if let length = inputs[0].shape.dimension(extent.axis).known, extent.count > 0 {
        // Extents may come from a file: no sum may overflow before it is compared.
        let (reach, overflow) = (extent.count - 1).multipliedReportingOverflow(by: extent.step)
        let (last, isBeyond) = extent.start.addingReportingOverflow(reach)
        guard !overflow, !isBeyond else { throw mismatch("extent \(extent) is outside \(inputs[0].shape)") }
        guard (0..<length).contains(extent.start), (0..<length).contains(last) else {
          throw mismatch("indices \(extent.start) to \(last) are outside axis \(extent.axis) of \(inputs[0].shape)")
        }
      }
      shape = shape.replacing(extent.axis, with: Dimension(extent.count))
    }
    return [TensorSpec(inputs[0].dtype, shape)]
  }

  /// Other strides and another offset.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { cut(input.layout) }

  /// Copies the elements.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].viewed(cut(inputs[0].layout)).copyElements(to: outputs[0])
  }

  private func cut(_ layout: Layout) -> Layout {
    extents.reduce(layout) { $0.sliced(axis: $1.axis, start: $1.start, count: $1.count, step: $1.step) }
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
    let layout = extents.reduce(out.layout) {
      $0.sliced(axis: $1.axis, start: $1.start, count: $1.count, step: $1.step)
    }
    inputs[0].copyElements(to: out.viewed(layout))
  }

  /// The slice.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(SliceOperator(extents), context.gradient)] }

  /// With the symbols in the target replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> SliceGradientOperator {
    SliceGradientOperator(extents, target.resolved(bindings))
  }
}

extension Tensor {
  /// Indices `range` of an axis, as a view.
  public func sliced(
    _ axis: Int, _ range: Range<Int>, step: Int = 1, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if step < 1 { fatalError("slice: step \(step); use `flipped` to run backwards", file: file, line: line) }
    let extent = SliceOperator.Extent(
      axis: shape.index(of: axis), start: range.lowerBound, count: (range.count + step - 1) / step, step: step)
    return apply(SliceOperator([extent]), self, file: file, line: line)
  }

  /// One index of an axis, which disappears; a negative index counts from the end.
  public func selected(_ axis: Int, _ index: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let position = shape.index(of: axis)
    let start = index < 0 ? index + shape[position] : index
    let one = apply(
      SliceOperator([SliceOperator.Extent(axis: position, start: start, count: 1)]), self, file: file, line: line)
    return one.squeezed(position, file: file, line: line)
  }

  /// The order along some axes reversed, as a view.
  public func flipped(_ axes: [Int], file: StaticString = #file, line: UInt = #line) -> Tensor {
    let extents = axes.map { axis in
      let position = shape.index(of: axis)
      return SliceOperator.Extent(
        axis: position, start: Swift.max(shape[position] - 1, 0), count: shape[position], step: -1)
    }
    return apply(SliceOperator(extents), self, file: file, line: line)
  }
}
