import CDeepSeekBLAS
import COpenBLAS
import DeepSeekTensor
import Synchronization

/// What the linear algebra operators share: checks, and a loop over stacked matrices in the element type's own precision.
///
/// LAPACK runs on one thread here; a stack of matrices is shared among the pool's threads.
enum Lapack {
  /// Has OpenBLAS keep to one thread, once.
  private static let isReady: Void = ds_blas_initialize()

  /// A stack smaller than this many elements in all is not worth sharing.
  private static let sharedThreshold = 1 << 14

  /// Calls `body` for each index of a stack, on several threads when the work is worth it, and throws what the first index
  /// that failed threw.
  static func forEach(_ count: Int, elements: Int, _ body: @Sendable (Int) -> OperatorError?) throws {
    _ = isReady
    if count <= 1 || count * elements < sharedThreshold {
      for index in 0..<count {
        if let error = body(index) { throw error }
      }
      return
    }
    let failures = FirstFailure()
    Parallel.forEach(count) { range in
      for index in range {
        if let error = body(index) { return failures.note(error, at: index) }
      }
    }
    if let error = failures.first { throw error }
  }

  /// The determinant of a square matrix, which its LU factors then take the place of.
  static func determinant<Scalar: LapackScalar>(_ matrix: inout [Scalar], _ size: Int) -> Scalar {
    signedPivots(&matrix, size).reduce(1, *)
  }

  /// The diagonal of a square matrix' LU factors, which take its place; negative where rows changed places: their product is
  /// the determinant.
  static func signedPivots<Scalar: LapackScalar>(_ matrix: inout [Scalar], _ size: Int) -> [Scalar] {
    var places = [Int32](repeating: 0, count: size)
    if size > 0 { _ = Scalar.getrf(Int32(size), Int32(size), &matrix, &places) }
    return (0..<size).map { row in
      let pivot = matrix[row * size + row]
      return places[row] == Int32(row + 1) ? pivot : -pivot
    }
  }
}

/// The failure with the lowest index, so that the report does not depend on threads.
private final class FirstFailure: Sendable {
  private let found = Mutex<(index: Int, error: OperatorError)?>(nil)

  var first: OperatorError? { found.withLock { $0?.error } }

  func note(_ error: OperatorError, at index: Int) {
    found.withLock { found in
      if index < found?.index ?? .max { found = (index, error) }
    }
  }
}

/// A matrix element that LAPACK computes with.
protocol LapackScalar: TensorElement, BinaryFloatingPoint {
  static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Self>) -> Int32
  static func getrf(_ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>)
    -> Int32
  static func gesv(
    _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Self>
  ) -> Int32
  static func geqrf(_ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafeMutablePointer<Self>) -> Int32
  static func orgqr(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafeMutablePointer<Self>, _ tau: UnsafePointer<Self>
  ) -> Int32
  static func gesdd(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ v: UnsafeMutablePointer<Self>
  ) -> Int32
  static func syevd(_ n: Int32, _ a: UnsafeMutablePointer<Self>, _ w: UnsafeMutablePointer<Self>) -> Int32
  static func gelsd(
    _ m: Int32, _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Self>, _ b: UnsafeMutablePointer<Self>,
    _ s: UnsafeMutablePointer<Self>
  ) -> Int32
  static func trsm(
    _ isUpper: Bool, _ isTransposed: Bool, _ isUnit: Bool, _ n: Int32, _ columns: Int32, _ a: UnsafePointer<Self>,
    _ b: UnsafeMutablePointer<Self>
  )
}
