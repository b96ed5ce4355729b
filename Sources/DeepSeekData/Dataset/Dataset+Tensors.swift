import DeepSeekCheckpoints
public import DeepSeekTensor

extension Dataset where Example == [String: Tensor] {
  /// The slices of tensors along their first dimension, which all must have with the same length; traps otherwise.
  ///
  /// ```swift
  /// let digits = Dataset.fromTensors(["image": images, "label": labels])   // [N, 28, 28], [N]
  /// ```
  public static func fromTensors(_ tensors: [String: Tensor]) -> Dataset<[String: Tensor]> {
    let count = tensors.values.first.map { $0.rank > 0 ? $0.shape[0] : 0 } ?? 0
    for (name, tensor) in tensors where tensor.rank == 0 || tensor.shape[0] != count {
      fatalError("Dataset.fromTensors: '\(name)' has the shape \(tensor.shape); its first dimension must be \(count)")
    }
    let whole = tensors.mapValues { $0.contiguous() }
    return Dataset<[String: Tensor]>(count: count) { index in whole.mapValues { $0.slice(index, of: count) } }
  }

  /// The arrays of a NumPy archive (`.npz`), sliced along their first dimension: `x` and `y` of one length, say.
  /// - Throws: ``DataError`` when it cannot be read, or the arrays have different lengths.
  public static func fromNPZ(_ path: String) throws(DataError) -> Dataset<[String: Tensor]> {
    let tensors: [String: Tensor]
    do {
      tensors = try Npz.open(path).tensors()
    } catch let error as CheckpointError {
      throw DataError(error)
    } catch {
      throw DataError(.malformed, file: path, "\(error)")
    }
    let counts = tensors.mapValues { $0.rank > 0 ? $0.shape[0] : -1 }
    guard Set(counts.values).count <= 1, !counts.values.contains(-1) else {
      let shapes = tensors.keys.sorted().map { "\($0) \(tensors[$0]!.shape)" }.joined(separator: ", ")
      throw DataError(
        .typeMismatch, file: path, "its arrays differ in their first dimension: \(shapes)",
        advice: "save arrays with one row for each example")
    }
    return fromTensors(tensors)
  }
}

extension Tensor {
  /// A copy of one of `count` slices along the first dimension of a contiguous tensor.
  fileprivate func slice(_ index: Int, of count: Int) -> Tensor {
    let inner = (1..<max(rank, 1)).map { shape[$0] }
    let result = Tensor(uninitialized: dtype, Shape(inner))
    let byteCount = elementCount / count * dtype.byteCount
    withUnsafeBytes { source in
      if let base = source.baseAddress, byteCount > 0 {
        result.pointer.copyMemory(from: base + index * byteCount, byteCount: byteCount)
      }
    }
    return result
  }
}
