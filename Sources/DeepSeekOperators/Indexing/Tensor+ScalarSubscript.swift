public import DeepSeekTensor

extension Tensor {
  /// A number at places by NumPy's rules of indexing:
  ///
  /// ```swift
  /// x[0, 1...] = 0             // one number for a whole part; it takes the tensor's type
  /// x[x .< 0] *= 2             // changed in place of the variable
  /// let first: Double = x[0, 0]
  /// ```
  ///
  /// Reading takes a place of one element, and traps for more. Where the context does not ask for a `Double`, a
  /// tensor's subscript gives a tensor.
  @_disfavoredOverload
  public subscript(
    _ indices: any TensorIndexing..., file file: StaticString = #file, line line: UInt = #line
  ) -> Double {
    get { self[indices.map(\.tensorIndex), file: file, line: line].item(as: Double.self) }
    set {
      let number = dtype.isFloatingPoint ? Tensor.full([], newValue, dtype: dtype) : scalarTensor(newValue)
      self[indices.map(\.tensorIndex), file: file, line: line] = number
    }
  }
}
