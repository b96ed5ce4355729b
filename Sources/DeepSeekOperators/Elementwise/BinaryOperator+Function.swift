import CDeepSeekKernels

extension BinaryOperator {
  /// The functions of two numbers.
  public enum Function: String, Sendable, Hashable, CaseIterable, Codable {
    /// Sum; "or" for `bool`.
    case add
    /// Difference.
    case subtract
    /// Product; "and" for `bool`.
    case multiply
    /// Quotient of floats.
    case divide
    /// Quotient rounded towards minus infinity; 0 for an integer divided by zero.
    case floorDivide = "floor_divide"
    /// Remainder with the divisor's sign; 0 for an integer divided by zero.
    case remainder
    /// Remainder with the dividend's sign; 0 for an integer divided by zero.
    case fmod
    /// First to the power of the second.
    case power
    /// The larger; NaN when either is.
    case maximum
    /// The smaller; NaN when either is.
    case minimum
    /// The angle of the point (second, first), in radians.
    case atan2
    /// Whether equal.
    case equal
    /// Whether different.
    case notEqual = "not_equal"
    /// Whether less.
    case less
    /// Whether less or equal.
    case lessEqual = "less_equal"
    /// Whether greater.
    case greater
    /// Whether greater or equal.
    case greaterEqual = "greater_equal"
    /// Whether both are non-zero.
    case logicalAnd = "logical_and"
    /// Whether either is non-zero.
    case logicalOr = "logical_or"
    /// Whether just one is non-zero.
    case logicalXor = "logical_xor"
    /// Bits in both.
    case bitwiseAnd = "bitwise_and"
    /// Bits in either.
    case bitwiseOr = "bitwise_or"
    /// Bits in just one.
    case bitwiseXor = "bitwise_xor"
    /// Bits moved up.
    case shiftLeft = "shift_left"
    /// Bits moved down; the sign stays.
    case shiftRight = "shift_right"

    enum Domain {
      case any, numbers, floats, integers
    }

    var accepts: Domain {
      switch self {
      case .divide, .atan2: .floats
      case .subtract, .floorDivide, .remainder, .fmod, .power: .numbers
      case .bitwiseAnd, .bitwiseOr, .bitwiseXor, .shiftLeft, .shiftRight: .integers
      default: .any
      }
    }

    var givesBool: Bool {
      switch self {
      case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .logicalAnd, .logicalOr, .logicalXor: true
      default: false
      }
    }

    var isDifferentiable: Bool {
      switch self {
      case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .atan2, .remainder, .fmod: true
      default: false
      }
    }

    var kernel: ds_binary_op {
      switch self {
      case .add: DS_BINARY_ADD
      case .subtract: DS_BINARY_SUBTRACT
      case .multiply: DS_BINARY_MULTIPLY
      case .divide: DS_BINARY_DIVIDE
      case .floorDivide: DS_BINARY_FLOOR_DIVIDE
      case .remainder: DS_BINARY_REMAINDER
      case .fmod: DS_BINARY_FMOD
      case .power: DS_BINARY_POWER
      case .maximum: DS_BINARY_MAXIMUM
      case .minimum: DS_BINARY_MINIMUM
      case .atan2: DS_BINARY_ATAN2
      case .equal: DS_BINARY_EQUAL
      case .notEqual: DS_BINARY_NOT_EQUAL
      case .less: DS_BINARY_LESS
      case .lessEqual: DS_BINARY_LESS_EQUAL
      case .greater: DS_BINARY_GREATER
      case .greaterEqual: DS_BINARY_GREATER_EQUAL
      case .logicalAnd: DS_BINARY_LOGICAL_AND
      case .logicalOr: DS_BINARY_LOGICAL_OR
      case .logicalXor: DS_BINARY_LOGICAL_XOR
      case .bitwiseAnd: DS_BINARY_BITWISE_AND
      case .bitwiseOr: DS_BINARY_BITWISE_OR
      case .bitwiseXor: DS_BINARY_BITWISE_XOR
      case .shiftLeft: DS_BINARY_SHIFT_LEFT
      case .shiftRight: DS_BINARY_SHIFT_RIGHT
      }
    }
  }
}
