import CDeepSeekKernels
import DeepSeekTensor

/// Turns what a C kernel returned into an error of the operator that called it.
func check(_ status: ds_status, _ operation: any Operator, _ inputs: [Tensor]) throws {
  guard status != DS_OK else { return }
  let given = inputs.map(\.spec.description).joined(separator: ", ")
  let reason =
    switch status {
    case DS_UNSUPPORTED_DTYPE: "no kernel for these element types"
    case DS_INVALID_SHAPE: "these shapes do not fit"
    case DS_INDEX_OUT_OF_RANGE: "an index is out of range" + extent(ofIndicesIn: inputs)
    case DS_OUT_OF_MEMORY: "not enough memory for the kernel's work space"
    default: "kernel status \(status.rawValue)"
    }
  throw OperatorError(operation.name, "\(reason); inputs: \(given)")
}

/// How far the indices among an operator's inputs reach.
private func extent(ofIndicesIn inputs: [Tensor]) -> String {
  let indices = inputs.filter { ($0.dtype == .int64 || $0.dtype == .int32) && $0.elementCount > 0 }
  let extents = indices.map { index in
    let numbers = index.array(of: Int.self)
    return "\(numbers.min() ?? 0) to \(numbers.max() ?? 0)"
  }
  return extents.isEmpty ? "" : " (they reach from \(extents.joined(separator: ", and ")))"
}

extension Operator {
  /// Checks the number of inputs.
  func expect(_ inputs: [TensorSpec], _ counts: ClosedRange<Int>) throws {
    guard counts.contains(inputs.count) else {
      let wanted = counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw OperatorError(name, "\(inputs.count) inputs given, \(wanted) expected")
    }
  }

  /// Checks that an input is of a floating type.
  func expectFloating(_ spec: TensorSpec, _ what: String = "input") throws {
    guard spec.dtype.isFloatingPoint else {
      throw OperatorError(name, "\(what) is \(spec); a floating-point type is expected")
    }
  }

  /// Checks that an input is of a type that arithmetic is defined on.
  func expectArithmetic(_ spec: TensorSpec) throws {
    guard spec.dtype.isArithmetic else {
      throw OperatorError(name, "input is \(spec), a storage-only type; cast it first")
    }
  }

  /// Checks that an input holds indices.
  func expectIndices(_ spec: TensorSpec, _ what: String) throws {
    guard spec.dtype == .int64 || spec.dtype == .int32 else {
      throw OperatorError(name, "\(what) is \(spec); int64 or int32 is expected")
    }
  }

  /// Computes the outputs by the decomposition, for element types that the fused kernel lacks.
  func evaluateDecomposition(_ inputs: [Tensor], into outputs: [Tensor]) {
    guard let results = noGradient({ decomposition(inputs.map { $0.detached() }) }) else {
      fatalError("\(name): no decomposition")
    }
    for (result, output) in zip(results, outputs) { result.copyElements(to: output) }
  }

  /// Checks that numbers among the attributes, which may come from a damaged file, are no larger than any tensor's axis, so
  /// that sums of them cannot overflow.
  func expectWithinReach(_ numbers: [Int]) throws {
    for number in numbers where number.magnitude > 1 << 48 { throw mismatch("\(number) is beyond any axis") }
  }

  /// An error of this operator.
  func mismatch(_ message: String) -> OperatorError { OperatorError(name, message) }
}

/// Calls `body` with the kernel views of some tensors, which stay alive meanwhile.
@inline(__always)
func withViews<Result>(_ a: Tensor, _ out: Tensor, _ body: (UnsafePointer<ds_view>, UnsafePointer<ds_view>) -> Result)
  -> Result
{
  var first = a.kernelView
  var output = out.kernelView
  return withExtendedLifetime((a, out)) { body(&first, &output) }
}

/// Calls `body` with the kernel views of some tensors, which stay alive meanwhile.
@inline(__always)
func withViews<Result>(
  _ a: Tensor, _ b: Tensor, _ out: Tensor,
  _ body: (UnsafePointer<ds_view>, UnsafePointer<ds_view>, UnsafePointer<ds_view>) -> Result
) -> Result {
  var first = a.kernelView
  var second = b.kernelView
  var output = out.kernelView
  return withExtendedLifetime((a, b, out)) { body(&first, &second, &output) }
}
