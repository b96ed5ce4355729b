import CDeepSeekKernels
public import DeepSeekTensor

/// Axes grown at both ends, or cropped where a width is negative.
public struct PadOperator: Operator {
  /// What stands in the new places.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// One number.
    case constant
    /// The elements mirrored at the border, without the border itself.
    case reflect
    /// The border element.
    case replicate
    /// The elements of the other side.
    case circular

    var kernel: ds_pad_mode {
      switch self {
      case .constant: DS_PAD_CONSTANT
      case .reflect: DS_PAD_REFLECT
      case .replicate: DS_PAD_REPLICATE
      case .circular: DS_PAD_CIRCULAR
      }
    }
  }

  /// How many places each axis grows at its start.
  public let before: [Int]
  /// How many places each axis grows at its end.
  public let after: [Int]
  /// What stands there.
  public let mode: Mode
  /// The number, for ``Mode/constant``.
  public let value: Double

  /// Each axis grown by these widths.
  public init(_ before: [Int], _ after: [Int], mode: Mode = .constant, value: Double = 0) {
    self.before = before
    self.after = after
    self.mode = mode
    self.value = value
  }

  /// `pad`.
  public var name: String { "pad" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// The grown lengths. Reflections are shorter than the axis, circular widths no longer than it.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let shape = inputs[0].shape
    guard before.count == shape.rank, after.count == shape.rank else {
      throw mismatch("\(before.count) and \(after.count) widths for the \(shape.rank) axes of \(shape)")
    }
    try expectWithinReach(before + after)
    var lengths: [Dimension] = []
    for axis in 0..<shape.rank {
      let (first, last) = (before[axis], after[axis])
      if let length = shape.dimension(axis).known { try checkWidths(first, last, length, axis) }
      let grown = shape.dimension(axis) + Dimension(Swift.max(first, 0)) + Dimension(Swift.max(last, 0))
      lengths.append(grown - Dimension(Swift.max(-first, 0) + Swift.max(-last, 0)))
    }
    return [TensorSpec(inputs[0].dtype, Shape(lengths))]
  }

  private func checkWidths(_ first: Int, _ last: Int, _ length: Int, _ axis: Int) throws {
    let most = Swift.max(first, last)
    guard length + first + last >= 0 else {
      throw mismatch("axis \(axis) of length \(length) is cropped below nothing")
    }
    let fits =
      switch mode {
      case .constant: true
      case .reflect: most <= 0 || most < length
      case .replicate: most <= 0 || length > 0
      case .circular: most <= length
      }
    guard fits else { throw mismatch("\(mode.rawValue) by \(most) does not fit axis \(axis) of length \(length)") }
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let element = Tensor.full([], value, dtype: inputs[0].dtype)
    let status = withViews(inputs[0], outputs[0]) { x, out in
      ds_pad(x, before.map(Int64.init), after.map(Int64.init), mode.kernel, element.pointer, out)
    }
    try withExtendedLifetime(element) { try check(status, self, inputs) }
  }

  /// The upstream gradient added up where each element was shown.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let target = context.inputSpec(0).shape
    return [apply(PadGradientOperator(before, after, mode: mode, target), context.gradient)]
  }
}

/// Each element the sum of the places that padding shows it in: the gradient of ``PadOperator``.
public struct PadGradientOperator: Operator {
  /// How many places each axis grew at its start.
  public let before: [Int]
  /// How many places each axis grew at its end.
  public let after: [Int]
  /// What stood there.
  public let mode: PadOperator.Mode
  /// The shape before padding.
  public let target: Shape

  /// Undoes a padding of a tensor of shape `target`.
  public init(_ before: [Int], _ after: [Int], mode: PadOperator.Mode, _ target: Shape) {
    self.before = before
    self.after = after
    self.mode = mode
    self.target = target
  }

  /// `pad_gradient`.
  public var name: String { "pad_gradient" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// One input, of the padded shape.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectFloating(inputs[0])
    let padded = try PadOperator(before, after, mode: mode).infer([TensorSpec(inputs[0].dtype, target)])[0]
    guard inputs[0] == padded else { throw mismatch("input \(inputs[0]); \(padded) is expected") }
    return [TensorSpec(inputs[0].dtype, target)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let status = withViews(inputs[0], outputs[0]) {
      ds_pad_backward($0, before.map(Int64.init), after.map(Int64.init), mode.kernel, $1)
    }
    try check(status, self, inputs)
  }

  /// Padded again, with zeros for the constant.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(PadOperator(before, after, mode: mode), context.gradient)]
  }

  /// With the symbols in the target replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> PadGradientOperator {
    PadGradientOperator(before, after, mode: mode, target.resolved(bindings))
  }
}

extension Tensor {
  /// Axes grown at both ends: one pair of widths for each axis, or, with fewer, for the last axes. Negative widths crop.
  /// `value` is what ``PadOperator/Mode/constant`` puts there.
  public func padded(
    _ widths: [(before: Int, after: Int)], mode: PadOperator.Mode = .constant, value: Double = 0,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if widths.count > rank { fatalError("pad: \(widths.count) pairs of widths for \(shape)", file: file, line: line) }
    let untouched = Array(repeating: 0, count: rank - widths.count)
    let operation = PadOperator(
      untouched + widths.map(\.before), untouched + widths.map(\.after), mode: mode, value: value)
    return apply(operation, self, file: file, line: line)
  }
}
