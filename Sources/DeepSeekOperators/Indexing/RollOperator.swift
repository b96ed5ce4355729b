import CDeepSeekKernels
public import DeepSeekTensor

/// Elements moved along axes, those pushed out at one end coming in at the other.
public struct RollOperator: Operator {
  /// How far along each axis; negative towards the start.
  public let shifts: [Int]

  /// Moved this far along each axis.
  public init(_ shifts: [Int]) { self.shifts = shifts }

  /// `roll`.
  public var name: String { "roll" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The input's shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectWithinReach(shifts)
    guard shifts.count == inputs[0].shape.rank else {
      throw mismatch("\(shifts.count) shifts for the \(inputs[0].shape.rank) axes of \(inputs[0].shape)")
    }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], outputs[0]) { ds_roll($0, shifts.map(Int64.init), $1) }, self, inputs)
  }

  /// Moved back.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(RollOperator(shifts.map { -$0 }), context.gradient)]
  }
}

extension Tensor {
  /// Elements moved by `shift` along an axis, those pushed out at one end coming in at the other; along the flattened tensor
  /// when no axis is given. A negative shift moves towards the start.
  public func rolled(_ shift: Int, axis: Int? = nil, file: StaticString = #file, line: UInt = #line) -> Tensor {
    guard let axis else { return flattened().rolled(shift, axis: 0, file: file, line: line).reshaped(shape) }
    return rolled([shift], axes: [axis], file: file, line: line)
  }

  /// Elements moved along several axes.
  public func rolled(_ shifts: [Int], axes: [Int], file: StaticString = #file, line: UInt = #line) -> Tensor {
    if shifts.count != axes.count {
      fatalError("roll: \(shifts.count) shifts for \(axes.count) axes", file: file, line: line)
    }
    var amounts = Array(repeating: 0, count: rank)
    for (shift, axis) in zip(shifts, axes) { amounts[shape.index(of: axis)] += shift }
    return apply(RollOperator(amounts), self, file: file, line: line)
  }
}
