import CDeepSeekKernels
public import DeepSeekTensor

/// A function of two numbers, applied to the elements at the same place after broadcasting.
///
/// Both inputs have one element type; the methods and operators on `Tensor` promote theirs first.
public struct BinaryOperator: Operator {
  /// Which function.
  public let function: Function

  /// The function.
  public init(_ function: Function) { self.function = function }

  /// The function's name.
  public var name: String { function.rawValue }

  /// Elementwise.
  public var traits: OperatorTraits {
    if function == .power { return [.elementwise, .memoryBound, .fullPrecision] }
    return function.isDifferentiable ? [.elementwise, .memoryBound] : [.elementwise, .memoryBound, .nonDifferentiable]
  }

  /// The broadcast shape; the inputs' type, or `bool` for comparisons and logic.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let (a, b) = (inputs[0], inputs[1])
    guard a.dtype == b.dtype else { throw mismatch("element types \(a.dtype) and \(b.dtype) differ") }
    try expectArithmetic(a)
    switch function.accepts {
    case .any: break
    case .numbers where a.dtype == .bool: throw mismatch("not defined for bool")
    case .numbers: break
    case .floats: try expectFloating(a)
    case .integers where a.dtype.isFloatingPoint: throw mismatch("not defined for \(a.dtype)")
    case .integers: break
    }
    let shape = try Shape.broadcast(a.shape, b.shape, in: name)
    return [TensorSpec(function.givesBool ? .bool : a.dtype, shape)]
  }

  /// Calls the C kernel on the broadcast views.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let out = outputs[0]
    let a = inputs[0].broadcastView(out.shape)
    let b = inputs[1].broadcastView(out.shape)
    try check(withViews(a, b, out) { ds_binary(function.kernel, $0, $1, $2) }, self, inputs)
  }
}

extension Tensor {
  /// A view stretched to `shape`, which must fit: for kernels, after `infer` has checked.
  @inline(__always)
  func broadcastView(_ shape: Shape) -> Tensor {
    if self.shape == shape { return self }
    guard let layout = layout.broadcast(to: shape) else {
      fatalError("broadcast: \(self.shape) does not stretch to \(shape)")
    }
    return viewed(layout)
  }
}
