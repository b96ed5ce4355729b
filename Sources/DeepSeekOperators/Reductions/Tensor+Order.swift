public import DeepSeekTensor

extension Tensor {
  /// The number below which the part `fraction` of an axis lies, of the flattened tensor when no axis is given: between two
  /// elements, as far from one to the other as the fraction says. NaN where one is. Integers become `float64` first. Traps
  /// for an axis without elements. Cost: a sort.
  public func quantile(
    _ fraction: Double, axis: Int? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    guard let axis else {
      let result = flattened().quantile(fraction, axis: 0, file: file, line: line)
      return keepAxes ? result.reshaped(Array(repeating: 1, count: rank)) : result
    }
    let position = shape.index(of: axis)
    let count = shape[position]
    if !(0...1).contains(fraction) || count == 0 {
      fatalError("quantile: \(fraction) of axis \(axis) of \(shape)", file: file, line: line)
    }
    let x = dtype.isFloatingPoint ? self : cast(to: .float64)
    let sorted = x.sorted(axis: position, file: file, line: line).values
    let place = fraction * Double(count - 1)
    let low = Int(place)
    var result = sorted.sliced(position, low..<low + 1)
    if place > Double(low) { result = result.lerp(sorted.sliced(position, low + 1..<low + 2), place - Double(low)) }
    let hasNaN = x.isNaN().any(axis: position, keepAxes: true)
    result = Tensor.select(hasNaN, Tensor.full([], .nan, dtype: x.dtype), result)
    return keepAxes ? result : result.squeezed(position)
  }

  /// The middle element of an axis, of the flattened tensor when no axis is given; the mean of the two in the middle of an
  /// even count, as NumPy has it (PyTorch takes the lower). NaN where one is.
  public func median(
    axis: Int? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    quantile(0.5, axis: axis, keepAxes: keepAxes, file: file, line: line)
  }

  /// How many elements are not zero, over some axes, all when none are given: `int64`.
  public func countNonzero(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    notEqual(to: 0).sum(axes: axes, keepAxes: keepAxes, file: file, line: line)
  }

  /// The variance over an axis; see ``variance(axes:correction:keepAxes:file:line:)``.
  public func variance(
    axis: Int, correction: Double = 1, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    variance(axes: [axis], correction: correction, keepAxes: keepAxes, file: file, line: line)
  }

  /// The standard deviation over an axis; see ``variance(axes:correction:keepAxes:file:line:)``.
  public func standardDeviation(
    axis: Int, correction: Double = 1, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    standardDeviation(axes: [axis], correction: correction, keepAxes: keepAxes, file: file, line: line)
  }
}
