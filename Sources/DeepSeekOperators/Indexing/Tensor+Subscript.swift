public import DeepSeekTensor

extension Tensor {
  /// Elements by NumPy's rules of indexing, basic and advanced:
  ///
  /// ```swift
  /// x[0]                       // the first row
  /// x[-1, 2...]                // the last row from column 2
  /// x[.ellipsis, .range(nil, nil, by: 2)]
  /// x[.newAxis, 1..<3]
  /// x[rows, columns]           // tensors of indices, which broadcast together
  /// x[x.greater(than: 0)]      // a mask
  /// x[1..<3] = y               // a part replaced; `y` broadcasts
  /// ```
  ///
  /// Integers and slices give a view; tensors copy. Setting replaces this tensor by one with those elements changed, through
  /// which gradients flow; the tensor's type stays. Where an index tensor names a place twice, one of the values stays.
  ///
  /// Cost: reading a view nothing beside the call; setting, one copy of the tensor.
  public subscript(
    _ indices: any TensorIndexing..., file file: StaticString = #file, line line: UInt = #line
  ) -> Tensor {
    get { self[indices.map(\.tensorIndex), file: file, line: line] }
    set { self[indices.map(\.tensorIndex), file: file, line: line] = newValue }
  }

  /// Elements by NumPy's rules, for indices that are computed.
  public subscript(
    _ indices: [TensorIndex], file file: StaticString = #file, line line: UInt = #line
  ) -> Tensor {
    get {
      if let mask = fullMask(indices) { return maskedSelect(mask, file: file, line: line) }
      let plan = IndexPlan(indices, of: self, file: file, line: line)
      let cut = plan.cut(self)
      return plan.isAdvanced ? plan.gathered(cut) : plan.arranged(cut)
    }
    set { self = replacing(indices, with: newValue, file: file, line: line) }
  }

  /// A mask that is the only index and has this tensor's shape.
  private func fullMask(_ indices: [TensorIndex]) -> Tensor? {
    guard indices.count == 1, case .tensor(let mask) = indices[0], mask.dtype == .bool, mask.shape == shape, rank > 0
    else { return nil }
    return mask
  }

  private func replacing(_ indices: [TensorIndex], with value: Tensor, file: StaticString, line: UInt) -> Tensor {
    let value = value.cast(to: dtype, file: file, line: line)
    if let mask = fullMask(indices), value.rank == 0 {
      return Tensor.select(mask, value, self, file: file, line: line)
    }
    let plan = IndexPlan(indices, of: self, file: file, line: line)
    if !plan.isAdvanced {
      let part = plan.cut(self)
      let target = plan.arranged(part).shape
      let source = value.broadcast(to: target, file: file, line: line).reshaped(part.shape)
      return apply(SliceUpdateOperator(plan.extents), self, source, file: file, line: line)
    }
    // The places that reading would read, as positions in the flattened tensor.
    let positions = Tensor.range(elementCount).reshaped(shape)[indices, file: file, line: line]
    let source = value.broadcast(to: positions.shape, file: file, line: line)
    return flattened().scatter(axis: 0, positions.flattened(), source.flattened(), file: file, line: line)
      .reshaped(shape)
  }
}
