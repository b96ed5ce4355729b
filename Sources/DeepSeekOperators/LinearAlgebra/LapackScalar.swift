import COpenBLAS
import DeepSeekTensor

// LAPACK's one-letter options.
private let lower = CChar(UInt8(ascii: "L"))
private let vectors = CChar(UInt8(ascii: "V"))
private let some = CChar(UInt8(ascii: "S"))

extension Float: LapackScalar {
  static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Float>) -> Int32 {
    LAPACKE_spotrf(LAPACK_ROW_MAJOR, lower, n, a, n)
  }

  static func getrf(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Float>, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    LAPACKE_sgetrf(LAPACK_ROW_MAJOR, m, n, a, n, pivots)
  }

  static func gesv(
    _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Float>, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Float>
  ) -> Int32 {
    LAPACKE_sgesv(LAPACK_ROW_MAJOR, n, columns, a, n, pivots, b, columns)
  }

  static func geqrf(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Float>, _ tau: UnsafeMutablePointer<Float>
  ) -> Int32 {
    LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, m, n, a, n, tau)
  }

  static func orgqr(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafeMutablePointer<Float>, _ tau: UnsafePointer<Float>
  ) -> Int32 {
    LAPACKE_sorgqr(LAPACK_ROW_MAJOR, m, n, k, a, n, tau)
  }

  static func gesdd(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Float>, _ s: UnsafeMutablePointer<Float>,
    _ u: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>
  ) -> Int32 {
    LAPACKE_sgesdd(LAPACK_ROW_MAJOR, some, m, n, a, n, s, u, Swift.min(m, n), v, n)
  }

  static func syevd(_ n: Int32, _ a: UnsafeMutablePointer<Float>, _ w: UnsafeMutablePointer<Float>) -> Int32 {
    LAPACKE_ssyevd(LAPACK_ROW_MAJOR, vectors, lower, n, a, n, w)
  }

  static func gelsd(
    _ m: Int32, _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ s: UnsafeMutablePointer<Float>
  ) -> Int32 {
    var rank: Int32 = 0
    // A negative threshold stands for the machine's precision.
    return LAPACKE_sgelsd(LAPACK_ROW_MAJOR, m, n, columns, a, n, b, columns, s, -1, &rank)
  }

  static func trsm(
    _ isUpper: Bool, _ isTransposed: Bool, _ isUnit: Bool, _ n: Int32, _ columns: Int32, _ a: UnsafePointer<Float>,
    _ b: UnsafeMutablePointer<Float>
  ) {
    cblas_strsm(
      CblasRowMajor, CblasLeft, isUpper ? CblasUpper : CblasLower, isTransposed ? CblasTrans : CblasNoTrans,
      isUnit ? CblasUnit : CblasNonUnit, n, columns, 1, a, n, b, columns)
  }
}

extension Double: LapackScalar {
  static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Double>) -> Int32 {
    LAPACKE_dpotrf(LAPACK_ROW_MAJOR, lower, n, a, n)
  }

  static func getrf(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafeMutablePointer<Int32>
  ) -> Int32 {
    LAPACKE_dgetrf(LAPACK_ROW_MAJOR, m, n, a, n, pivots)
  }

  static func gesv(
    _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafeMutablePointer<Int32>,
    _ b: UnsafeMutablePointer<Double>
  ) -> Int32 {
    LAPACKE_dgesv(LAPACK_ROW_MAJOR, n, columns, a, n, pivots, b, columns)
  }

  static func geqrf(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Double>, _ tau: UnsafeMutablePointer<Double>
  ) -> Int32 {
    LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, m, n, a, n, tau)
  }

  static func orgqr(
    _ m: Int32, _ n: Int32, _ k: Int32, _ a: UnsafeMutablePointer<Double>, _ tau: UnsafePointer<Double>
  ) -> Int32 {
    LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, n, k, a, n, tau)
  }

  static func gesdd(
    _ m: Int32, _ n: Int32, _ a: UnsafeMutablePointer<Double>, _ s: UnsafeMutablePointer<Double>,
    _ u: UnsafeMutablePointer<Double>, _ v: UnsafeMutablePointer<Double>
  ) -> Int32 {
    LAPACKE_dgesdd(LAPACK_ROW_MAJOR, some, m, n, a, n, s, u, Swift.min(m, n), v, n)
  }

  static func syevd(_ n: Int32, _ a: UnsafeMutablePointer<Double>, _ w: UnsafeMutablePointer<Double>) -> Int32 {
    LAPACKE_dsyevd(LAPACK_ROW_MAJOR, vectors, lower, n, a, n, w)
  }

  static func gelsd(
    _ m: Int32, _ n: Int32, _ columns: Int32, _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>,
    _ s: UnsafeMutablePointer<Double>
  ) -> Int32 {
    var rank: Int32 = 0
    // A negative threshold stands for the machine's precision.
    return LAPACKE_dgelsd(LAPACK_ROW_MAJOR, m, n, columns, a, n, b, columns, s, -1, &rank)
  }

  static func trsm(
    _ isUpper: Bool, _ isTransposed: Bool, _ isUnit: Bool, _ n: Int32, _ columns: Int32, _ a: UnsafePointer<Double>,
    _ b: UnsafeMutablePointer<Double>
  ) {
    cblas_dtrsm(
      CblasRowMajor, CblasLeft, isUpper ? CblasUpper : CblasLower, isTransposed ? CblasTrans : CblasNoTrans,
      isUnit ? CblasUnit : CblasNonUnit, n, columns, 1, a, n, b, columns)
  }
}
