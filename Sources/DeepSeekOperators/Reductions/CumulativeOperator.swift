import CDeepSeekKernels
public import DeepSeekTensor

/// Running sums, products, maxima or minima along an axis.
public struct CumulativeOperator: Operator {
  /// What runs along.
  public enum Function: String, Sendable, Hashable, Codable, CaseIterable {
    /// The sum so far.
    case sum
    /// The product so far.
    case product
    /// The largest so far.
    case max
    /// The smallest so far.
    case min

    var kernel: ds_cumulative_op {
      switch self {
      case .sum: DS_CUMULATIVE_SUM
      case .product: DS_CUMULATIVE_PRODUCT
      case .max: DS_CUMULATIVE_MAX
      case .min: DS_CUMULATIVE_MIN
      }
    }
  }

  /// What runs along.
  public let function: Function
  /// The axis, counted from the start.
  public let axis: Int

  /// Along `axis`.
  public init(_ function: Function, _ axis: Int) {
    self.function = function
    self.axis = axis
  }

  /// `cumulative_` and the function's name.
  public var name: String { "cumulative_" + function.rawValue }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// The input's shape; integers sum and multiply to `int64`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectArithmetic(inputs[0])
    _ = try inputs[0].shape.checkedIndex(of: axis, in: name)
    let widens = (function == .sum || function == .product) && !inputs[0].dtype.isFloatingPoint
    return [TensorSpec(widens ? .int64 : inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], outputs[0]) { ds_cumulative(function.kernel, $0, Int32(axis), $1) }, self, inputs)
  }

  /// What each rule below reads.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    function == .sum ? Residuals() : Residuals(inputs: [0], outputs: [0])
  }

  /// The gradient; for maxima and minima it goes to the element that set each record, the last of equals.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    switch function {
    case .sum: return [g.reversedCumulativeSum(axis)]
    case .product: return [productGradient(context.input(0), g)]
    case .max, .min:
      // Every place takes its value from the last place so far that equals the running record.
      let (x, y) = (context.input(0), context.output(0))
      let length = x.shape[axis]
      var places = [1, 1, 1, 1, 1, 1, 1, 1].prefix(x.rank).map { $0 }
      places[axis] = length
      let positions = Tensor.range(length).reshaped(places).broadcast(to: x.shape)
      let records = Tensor.select(x.equal(to: y), positions, Tensor.zeros([], dtype: .int64))
      let source = apply(CumulativeOperator(.max, axis), records)
      return [Tensor.zeros(like: g).scatteringSum(axis: axis, source, g)]
    }
  }

  /// Each product without one factor, summed over the places behind it: by products from both sides, so that zeros need no
  /// division. Quadratic in the axis' length.
  private func productGradient(_ x: Tensor, _ g: Tensor) -> Tensor {
    let length = x.shape[axis]
    let one = Tensor.ones(like: x.sliced(axis, 0..<Swift.min(1, length)))
    let parts = (0..<length).map { place -> Tensor in
      let before = place > 0 ? x.sliced(axis, 0..<place).product(axis: axis, keepAxes: true) : one
      let after = Tensor.concatenate([one, x.sliced(axis, place + 1..<length)], axis: axis)
      let products = apply(CumulativeOperator(.product, axis), after) * before
      return (products * g.sliced(axis, place..<length)).sum(axis: axis, keepAxes: true)
    }
    return parts.isEmpty ? g : Tensor.concatenate(parts, axis: axis)
  }
}

extension Tensor {
  fileprivate func reversedCumulativeSum(_ axis: Int) -> Tensor {
    apply(CumulativeOperator(.sum, axis), flipped([axis])).flipped([axis])
  }

  private func cumulative(
    _ function: CumulativeOperator.Function, _ axis: Int, file: StaticString, line: UInt
  ) -> Tensor {
    apply(CumulativeOperator(function, shape.index(of: axis)), self, file: file, line: line)
  }

  /// The sums of each element and those before it along an axis; integers sum to `int64`.
  public func cumulativeSum(axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    cumulative(.sum, axis, file: file, line: line)
  }

  /// The products of each element and those before it along an axis; integers multiply to `int64`.
  public func cumulativeProduct(axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    cumulative(.product, axis, file: file, line: line)
  }

  /// The largest element so far along an axis.
  public func cumulativeMax(axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    cumulative(.max, axis, file: file, line: line)
  }

  /// The smallest element so far along an axis.
  public func cumulativeMin(axis: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    cumulative(.min, axis, file: file, line: line)
  }
}
