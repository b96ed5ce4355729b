import CDeepSeekKernels
public import DeepSeekTensor

/// The distinct elements of a tensor seen as one list, ascending.
///
/// Outputs, with n the number of elements: the distinct elements `[n]`, of which the first `count` mean something and the
/// rest are zero; for each element its place among them, of the input's shape; how often each occurs `[n]`; and the count,
/// a scalar. All but the first are `int64`.
public struct UniqueOperator: Operator {
  /// The operator; it has no attributes.
  public init() {}

  /// `unique`.
  public var name: String { "unique" }
  /// Sorts.
  public var traits: OperatorTraits { [.memoryBound, .nonDifferentiable] }

  /// Lengths that do not depend on the elements.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    let list = Shape([inputs[0].shape.product(0..<inputs[0].shape.rank)])
    return [
      TensorSpec(inputs[0].dtype, list), TensorSpec(.int64, inputs[0].shape), TensorSpec(.int64, list),
      TensorSpec(.int64, []),
    ]
  }

  /// Calls the C kernel: a radix sort.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    for output in [outputs[0], outputs[2]] {
      output.pointer.initializeMemory(
        as: UInt8.self, repeating: 0, count: output.elementCount * output.dtype.byteCount)
    }
    var (inverse, counts) = (outputs[1].kernelView, outputs[2].kernelView)
    let count = outputs[3].pointer.assumingMemoryBound(to: Int64.self)
    let status = withViews(inputs[0], outputs[0]) { ds_unique($0, $1, &inverse, &counts, count) }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }
}

/// Where each of some values belongs in an ascending list.
public struct SearchSortedOperator: Operator {
  /// Whether a value goes behind elements equal to it, rather than before them.
  public let isRight: Bool

  /// Before or behind equal elements.
  public init(isRight: Bool) { self.isRight = isRight }

  /// `search_sorted`.
  public var name: String { "search_sorted" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .nonDifferentiable] }

  /// Inputs: ascending `[n]` and values of any shape, or `[batch…, n]` and `[batch…, m]`, of one type.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let (list, values) = (inputs[0], inputs[1])
    try expectArithmetic(list)
    guard list.dtype == values.dtype else { throw mismatch("element types \(list.dtype) and \(values.dtype) differ") }
    let rank = list.shape.rank
    guard
      rank == 1
        || (rank > 1 && values.shape.rank == rank && list.shape.leading(rank - 1) == values.shape.leading(rank - 1))
    else { throw mismatch("sorted \(list.shape) and values \(values.shape); […, n] and […, m] are expected") }
    return [TensorSpec(.int64, values.shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], inputs[1], outputs[0]) { ds_search_sorted($0, $1, isRight, $2) }, self, inputs)
  }
}

extension Tensor {
  /// The distinct elements, ascending; for each element its place among them; and how often each occurs. How many there are
  /// follows from the elements, so inside a capture ``UniqueOperator`` itself must be used.
  public func unique(
    file: StaticString = #file, line: UInt = #line
  ) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let results = apply(UniqueOperator(), [self], file: file, line: line)
    let count = results[3].item(as: Int.self)
    return (results[0].sliced(0, 0..<count), results[1], results[2].sliced(0, 0..<count))
  }

  /// Where each of `values` belongs in this ascending list: before elements equal to it, or, with `right`, behind them.
  /// `[n]` with values of any shape, or `[batch…, n]` with `[batch…, m]`.
  public func searchSorted(
    _ values: Tensor, right: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let (list, values) = Tensor.promoted(self, values, "search_sorted", file: file, line: line)
    return apply(SearchSortedOperator(isRight: right), list, values, file: file, line: line)
  }
}
