import DeepSeekTensor

/// An element type of PyTorch's, which may be one that tensors here lack.
enum TorchElementType: String, Sendable, Hashable, CaseIterable {
  case float32, float64, float16, bfloat16
  case int8, uint8, int16, int32, int64, bool
  case uint16, uint32, uint64
  case complex32, complex64, complex128
  case float8E4M3 = "float8_e4m3fn"
  case float8E5M2 = "float8_e5m2"
  case float8E4M3NoZero = "float8_e4m3fnuz"
  case float8E5M2NoZero = "float8_e5m2fnuz"
  case float8E8M0 = "float8_e8m0fnu"
  case float4E2M1 = "float4_e2m1fn_x2"
  case qint8, quint8, qint32
  case quint4x2, quint2x4
  /// Bytes whose meaning the tensor says.
  case untyped

  /// Bytes of an element.
  var byteCount: Int {
    switch self {
    case .complex128: 16
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32, .complex32, .qint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    default: 1
    }
  }

  /// The type of tensors with the same bits; `nil` where they lack it.
  var dtype: DType? {
    switch self {
    case .untyped, .quint4x2, .quint2x4: nil
    default: DType(name: rawValue)
    }
  }

  /// As PyTorch writes it: `torch.bfloat16`.
  var name: String { self == .untyped ? "bytes" : "torch.\(rawValue)" }

  /// Whether its elements are numbers by a scale that stands beside them.
  var isQuantized: Bool {
    switch self {
    case .qint8, .quint8, .qint32, .quint4x2, .quint2x4: true
    default: false
    }
  }

  /// The type of a name in the module `torch`; `nil` when there is none.
  init?(dtypeName name: String) {
    let standard = TorchElementType.aliases[name] ?? TorchElementType(rawValue: name)
    guard let standard, standard != .untyped else { return nil }
    self = standard
  }

  /// The type of a class of storages; `nil` when there is none of that name.
  init?(storageClass name: String) {
    guard let type = TorchElementType.storageClasses[name] else { return nil }
    self = type
  }

  private static let aliases: [String: TorchElementType] = [
    "float": .float32, "double": .float64, "half": .float16, "char": .int8, "byte": .uint8, "short": .int16,
    "int": .int32, "long": .int64, "cfloat": .complex64, "cdouble": .complex128, "chalf": .complex32,
  ]

  private static let storageClasses: [String: TorchElementType] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "CharStorage": .int8, "ByteStorage": .uint8, "ShortStorage": .int16, "IntStorage": .int32, "LongStorage": .int64,
    "BoolStorage": .bool, "ComplexFloatStorage": .complex64, "ComplexDoubleStorage": .complex128,
    "QInt8Storage": .qint8, "QUInt8Storage": .quint8, "QInt32Storage": .qint32, "QUInt4x2Storage": .quint4x2,
    "QUInt2x4Storage": .quint2x4, "UntypedStorage": .untyped,
  ]
}
