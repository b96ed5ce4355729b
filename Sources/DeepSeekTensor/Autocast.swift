import CDeepSeekKernels

/// Mixed precision: inside its scope operators are given inputs of the precision that their traits ask for.
///
/// Products (``OperatorTraits/lowPrecision``) get 16-bit inputs, sums and steep functions (``OperatorTraits/fullPrecision``)
/// `float32`; all others take what comes, and where 16-bit and `float32` meet, `float32`. `float64` and integers stay. It
/// happens in ``applyChecked(_:_:)``, so eager and captured code do the same.
public struct Autocast: Sendable {
  /// The 16-bit type of products.
  public let dtype: DType
  private let cast: @Sendable (Tensor, DType) -> Tensor

  /// The scope of the current task; `nil` outside one.
  @TaskLocal public static var current: Autocast?

  /// Products in `dtype`; `cast` is the operator that changes a type, which lies on a higher floor. Traps unless the type is
  /// `bfloat16` or `float16`.
  public init(_ dtype: DType, cast: @escaping @Sendable (Tensor, DType) -> Tensor) {
    if dtype != .bfloat16 && dtype != .float16 {
      fatalError("autocast: products cannot run in \(dtype); give bfloat16 or float16")
    }
    self.dtype = dtype
    self.cast = cast
  }

  /// Runs `body` in this scope, or, for `nil`, outside any.
  public static func with<Result>(_ scope: Autocast?, _ body: () throws -> Result) rethrows -> Result {
    let context = ds_thread_context_get()!
    let outer = context.pointee.autocast
    if scope == nil && outer == 0 { return try body() }
    context.pointee.autocast = scope == nil ? 0 : 1
    defer { context.pointee.autocast = outer }
    return try $current.withValue(scope, operation: body)
  }

  /// Inputs as an operator with these traits is to have them.
  static func prepared(_ inputs: [Tensor], _ traits: OperatorTraits) -> [Tensor] {
    guard let scope = current else { return inputs }
    let target: DType
    if traits.contains(.lowPrecision) {
      target = scope.dtype
    } else if traits.contains(.fullPrecision) || inputs.contains(where: { $0.dtype == .float32 }) {
      target = .float32
    } else {
      return inputs
    }
    return inputs.map { input in
      let dtype = input.dtype
      let isCast = dtype == .float32 || dtype == .bfloat16 || dtype == .float16
      return isCast && dtype != target ? scope.cast(input, target) : input
    }
  }
}
