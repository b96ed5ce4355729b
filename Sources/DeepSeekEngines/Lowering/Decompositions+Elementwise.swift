import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Functions of single elements.
  static let elementwise: [(ObjectIdentifier, Rule)] = [
    entry(UnaryOperator.self) { operation, inputs, _ in try unary(operation, inputs[0]).map { [$0] } },
    entry(BinaryOperator.self) { operation, inputs, _ in try binary(operation, inputs[0], inputs[1]).map { [$0] } },
    entry(LinearOperator.self) { operation, inputs, _ in
      if operation.activation == .none {
        let x = inputs[0]
        let rows = x.elementCount / Swift.max(x.shape[-1], 1)
        let flat = x.reshaped([rows, x.shape[-1]] as Shape).matmul(inputs[1].transposed())
        let shaped = flat.reshaped(x.shape.replacing(-1, with: inputs[1].dimension(0)))
        return [inputs.count == 3 ? shaped + inputs[2] : shaped]
      }
      let product = apply(LinearOperator(), inputs)[0]
      return [operation.activation.operation.map { apply($0, product) } ?? product]
    },
  ]

  private static func unary(_ operation: UnaryOperator, _ x: Tensor) throws -> Tensor? {
    let (first, second) = (operation.parameters[0], operation.parameters[1])
    func scalar(_ value: Double) -> Tensor { Tensor.full([], value, dtype: x.dtype) }
    if !x.dtype.isFloatingPoint { return whole(operation.function, x, first, second) }
    switch operation.function {
    case .exp2: return scalar(2).power(x)
    case .log2: return x.log() * scalar(1.4426950408889634)
    case .log10: return x.log() * scalar(0.4342944819032518)
    case .square: return x * x
    case .addScalar: return x + scalar(first)
    case .multiplyScalar: return x * scalar(first)
    case .trunc: return x.sign() * x.abs().floor()
    case .logicalNot: return x.equal(to: scalar(0))
    case .isNaN: return x.notEqual(to: x)
    case .isInfinite: return x.abs().equal(to: scalar(.infinity))
    case .isFinite: return x.abs().less(than: scalar(.infinity))
    case .logSigmoid: return -softplus(-x)
    case .gelu: return x * scalar(0.5) * ((x * scalar(0.7071067811865476)).erf() + scalar(1))
    case .geluTanh:
      let inner = (x + x * x * x * scalar(0.044715)) * scalar(0.7978845608028654)
      return x * scalar(0.5) * (inner.tanh() + scalar(1))
    case .silu: return x * x.sigmoid()
    case .softplus:
      let scaled = x * scalar(first)
      return Tensor.select(scaled.greater(than: scalar(second)), x, softplus(scaled) / scalar(first))
    case .elu: return Tensor.select(x.greater(than: scalar(0)), x, x.expm1() * scalar(first))
    case .leakyRelu: return Tensor.select(x.greater(than: scalar(0)), x, x * scalar(first))
    case .hardSigmoid:
      return (x * scalar(1.0 / 6) + scalar(0.5)).maximum(scalar(0)).minimum(scalar(1))
    case .hardSwish: return x * (x * scalar(1.0 / 6) + scalar(0.5)).maximum(scalar(0)).minimum(scalar(1))
    case .hardTanh: return x.maximum(scalar(first)).minimum(scalar(second))
    case .mish: return x * softplus(x).tanh()
    default: return nil
    }
  }

  /// log(1 + exp(x)), which does not overflow.
  private static func softplus(_ x: Tensor) -> Tensor {
    x.maximum(Tensor.zeros([], dtype: x.dtype)) + (-x.abs()).exp().log1p()
  }

  /// Functions of integers and of `bool`.
  private static func whole(
    _ function: UnaryOperator.Function, _ x: Tensor, _ first: Double, _ second: Double
  ) -> Tensor? {
    if x.dtype == .bool {
      return function == .bitwiseNot
        ? apply(UnaryOperator(.logicalNot), x)
        : apply(UnaryOperator(function, first, second), x.cast(to: .int64)).cast(
          to: function.givesBool ? .bool : x.dtype)
    }
    func scalar(_ value: Double) -> Tensor { Tensor.full([], value, dtype: x.dtype) }
    switch function {
    case .floor, .ceil, .round, .trunc: return x
    case .square: return x * x
    case .addScalar: return x + scalar(first)
    case .multiplyScalar: return x * scalar(first)
    case .relu: return x.maximum(scalar(0))
    case .hardTanh: return x.maximum(scalar(first)).minimum(scalar(second))
    case .logicalNot: return x.equal(to: scalar(0))
    case .isNaN, .isInfinite: return x.notEqual(to: x)
    case .isFinite: return x.equal(to: x)
    default: return nil
    }
  }

  private static func binary(_ operation: BinaryOperator, _ a: Tensor, _ b: Tensor) throws -> Tensor? {
    let function = operation.function
    func asLogic(_ x: Tensor) -> Tensor { x.dtype == .bool ? x : x.notEqual(to: Tensor.zeros([], dtype: x.dtype)) }
    if function.isLogic && a.dtype != .bool { return apply(operation, asLogic(a), asLogic(b)) }
    if a.dtype == .bool {
      switch function {
      case .add, .bitwiseOr, .maximum: return a.logicalOr(b)
      case .multiply, .bitwiseAnd, .minimum: return a.logicalAnd(b)
      case .bitwiseXor, .notEqual, .logicalXor: return (a.cast(to: .int64)).notEqual(to: b.cast(to: .int64))
      default: return apply(operation, a.cast(to: .int64), b.cast(to: .int64)).cast(to: .bool)
      }
    }
    if a.dtype.isInteger { return wholeQuotient(operation, a, b) }
    switch function {
    // The framework's remainders are taken of the rounded quotient.
    case .floorDivide: return (a / b).floor()
    case .remainder: return a - (a / b).floor() * b
    case .fmod: return a - (a / b).trunc() * b
    default: return nil
    }
  }

  /// Quotients and remainders of integers, which are 0 where the divisor is; engines refuse such.
  private static func wholeQuotient(_ operation: BinaryOperator, _ a: Tensor, _ b: Tensor) -> Tensor? {
    let zero = Tensor.full([], 0, dtype: b.dtype)
    switch operation.function {
    case .floorDivide, .remainder, .fmod:
      // A divisor that is known is known to hold no zero, or is mended at once.
      let isZero = b.equal(to: zero)
      let safe = Tensor.select(isZero, Tensor.full([], 1, dtype: b.dtype), b)
      if b.graphValue == nil && !isZero.any().item(as: Bool.self) {
        return apply(SafeQuotient(operation.function), a, b)
      }
      return Tensor.select(isZero, zero, apply(SafeQuotient(operation.function), a, safe))
    default: return nil
    }
  }
}

extension UnaryOperator.Function {
  /// Whether the result is `bool`.
  var givesBool: Bool {
    switch self {
    case .logicalNot, .isNaN, .isInfinite, .isFinite: true
    default: false
    }
  }
}

extension BinaryOperator.Function {
  /// Whether elements are taken as true and false.
  var isLogic: Bool { self == .logicalAnd || self == .logicalOr || self == .logicalXor }
}

/// A quotient or remainder of integers whose divisor holds no zero. Only lowered graphs have it.
struct SafeQuotient: Operator {
  let function: BinaryOperator.Function

  init(_ function: BinaryOperator.Function) { self.function = function }

  var name: String { function.rawValue }
  var traits: OperatorTraits { BinaryOperator(function).traits }

  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { try BinaryOperator(function).infer(inputs) }

  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try BinaryOperator(function).evaluate(inputs, into: outputs)
  }
}
