import CDeepSeekKernels
public import DeepSeekTensor

extension Tensor {
  /// `start`, `start + step`, … up to but without `stop`, as NumPy's `arange`.
  public static func arange(
    _ start: Double, _ stop: Double, step: Double = 1, dtype: DType = .float32, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    if step == 0 || !(stop - start).isFinite {
      fatalError("arange: from \(start) to \(stop) by \(step)", file: file, line: line)
    }
    let count = Int(Swift.max(0, ((stop - start) / step).rounded(.up)))
    let result = Tensor(uninitialized: dtype, [count])
    var view = result.kernelView
    let status = ds_arange(&view, start, step)
    if status != DS_OK { fatalError("arange: not defined for \(dtype)", file: file, line: line) }
    return withExtendedLifetime(result) { result }
  }

  /// `0, 1, …` up to but without `stop`.
  public static func arange(
    _ stop: Double, dtype: DType = .float32, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    arange(0, stop, dtype: dtype, file: file, line: line)
  }

  /// `0, 1, …, count - 1` as `int64`: positions and indices.
  public static func range(_ count: Int) -> Tensor { arange(0, Double(count), dtype: .int64) }

  /// `count` numbers evenly spaced from `start` to `stop`, both included.
  public static func linspace(_ start: Double, _ stop: Double, count: Int, dtype: DType = .float32) -> Tensor {
    if count == 1 { return full([1], start, dtype: dtype) }
    let step = (stop - start) / Double(Swift.max(count - 1, 1))
    return Tensor([count], (0..<count).map { $0 == count - 1 ? stop : start + Double($0) * step }).converted(to: dtype)
  }

  /// The identity matrix `[rows, columns]`, ones on the main diagonal.
  public static func eye(_ rows: Int, _ columns: Int? = nil, dtype: DType = .float32) -> Tensor {
    let row = range(rows).expanded(1)
    return row.equal(to: range(columns ?? rows)).cast(to: dtype)
  }
}
