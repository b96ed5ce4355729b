import CDeepSeekKernels
public import DeepSeekTensor

/// Tensors one after the other along an axis.
public struct ConcatenateOperator: Operator {
  /// The axis, counted from the start.
  public let axis: Int

  /// One after the other along `axis`.
  public init(_ axis: Int) { self.axis = axis }

  /// `concatenate`.
  public var name: String { "concatenate" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// One or more inputs of one type, equal in every other axis.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    guard let first = inputs.first else { throw mismatch("no inputs") }
    let position = try first.shape.checkedIndex(of: axis, in: name)
    var total: Dimension = 0
    for input in inputs {
      guard input.dtype == first.dtype else { throw mismatch("element types \(first.dtype) and \(input.dtype) differ") }
      guard input.shape.rank == first.shape.rank,
        input.shape.replacing(position, with: 0) == first.shape.replacing(position, with: 0)
      else { throw mismatch("shapes \(first.shape) and \(input.shape) differ beside axis \(axis)") }
      total = total + input.shape.dimension(position)
    }
    return [TensorSpec(first.dtype, first.shape.replacing(position, with: total))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let views = inputs.map(\.kernelView)
    var out = outputs[0].kernelView
    let status = ds_concatenate(Int32(views.count), views, Int32(axis), &out)
    try withExtendedLifetime(inputs) { try check(status, self, inputs) }
  }

  /// Each input's part of the upstream gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    var start: Dimension = 0
    return (0..<context.inputCount).map { index in
      let count = context.inputSpec(index).shape.dimension(axis)
      defer { start = start + count }
      return context.wants(index) ? context.gradient.sliced(axis, start: start, count: count) : nil
    }
  }
}

extension Tensor {
  /// Tensors one after the other along an axis; element types promote.
  public static func concatenate(
    _ tensors: [Tensor], axis: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    guard let first = tensors.first else { fatalError("concatenate: no tensors", file: file, line: line) }
    var common = first.dtype
    for tensor in tensors {
      guard let wider = DType.promote(common, tensor.dtype) else {
        fatalError("concatenate: \(common) and \(tensor.dtype) have no common type", file: file, line: line)
      }
      common = wider
    }
    let operation = ConcatenateOperator(first.shape.index(of: axis))
    return apply(operation, tensors.map { $0.cast(to: common) }, file: file, line: line)[0]
  }

  /// Tensors of one shape along a new axis.
  public static func stack(
    _ tensors: [Tensor], axis: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    guard let first = tensors.first else { fatalError("stack: no tensors", file: file, line: line) }
    let position = axis < 0 ? axis + first.rank + 1 : axis
    return concatenate(tensors.map { $0.expanded(position) }, axis: position, file: file, line: line)
  }

  /// Cut along an axis into parts of these lengths, as views.
  public func split(
    _ lengths: [Int], axis: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> [Tensor] {
    if lengths.reduce(0, +) != shape[axis] {
      fatalError("split: lengths \(lengths) do not add up to axis \(axis) of \(shape)", file: file, line: line)
    }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return sliced(axis, start..<start + length, file: file, line: line)
    }
  }

  /// Cut along an axis into `count` parts of equal length, as views; when that does not come out even, the last is shorter,
  /// and there may be fewer, as `torch.chunk` has it.
  public func chunked(
    _ count: Int, axis: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> [Tensor] {
    if count < 1 { fatalError("chunk: \(count) parts of axis \(axis) of \(shape)", file: file, line: line) }
    let whole = shape[axis]
    let length = Swift.max((whole + count - 1) / count, 1)
    let starts = whole == 0 ? Array(repeating: 0, count: count) : Array(stride(from: 0, to: whole, by: length))
    return starts.map { sliced(axis, $0..<Swift.min($0 + length, whole), file: file, line: line) }
  }
}
