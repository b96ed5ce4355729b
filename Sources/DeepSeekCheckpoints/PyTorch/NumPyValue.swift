import DeepSeekTensor

/// Numbers and arrays of NumPy's in a pickle.
enum NumPyValue {
  /// A number.
  enum Scalar {
    case bool(Bool)
    case integer(Int)
    case float(Double)
  }

  /// The number of a call of NumPy's `scalar`; `nil` for anything else, and for numbers beyond 64 bits.
  static func scalar(_ tree: PickleTree, _ node: Int32) -> Scalar? {
    guard let (global, arguments) = tree.call(node), global.name == "scalar",
      ["numpy.core.multiarray", "numpy._core.multiarray"].contains(global.module), arguments.count == 2,
      let type = elementType(tree, arguments[0]), let bytes = bytes(tree, arguments[1]),
      bytes.count == type.type.byteCount
    else { return nil }
    var word: UInt64 = 0
    for byte in type.bytesSwapped ? bytes : bytes.reversed() { word = word << 8 | UInt64(byte) }
    switch type.type {
    case .bool: return .bool(word != 0)
    case .int8: return .integer(Int(Int8(truncatingIfNeeded: word)))
    case .int16: return .integer(Int(Int16(truncatingIfNeeded: word)))
    case .int32: return .integer(Int(Int32(truncatingIfNeeded: word)))
    case .int64: return .integer(Int(Int64(truncatingIfNeeded: word)))
    case .uint8, .uint16, .uint32: return .integer(Int(word))
    case .uint64: return Int(exactly: word).map { .integer($0) }
    case .float64: return .float(Double(bitPattern: word))
    case .float32: return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: word))))
    case .float16: return .float(Double(HalfFloat.value(UInt16(truncatingIfNeeded: word))))
    default: return nil
    }
  }

  /// An array: the bytes of its elements, its type and its form; `nil` for anything else.
  ///
  /// Its state is `(version, shape, type, whether axes are in Fortran's order, bytes)`.
  static func array(_ tree: PickleTree, _ node: Int32) -> Array? {
    guard let (global, _) = tree.call(node), global.name == "_reconstruct",
      ["numpy.core.multiarray", "numpy._core.multiarray"].contains(global.module),
      let state = tree.states[node].flatMap({ tree.sequence($0) }), state.count == 5,
      let lengths = tree.sequence(state[1])?.map({ tree.integer($0) }), !lengths.contains(nil),
      let isFortran = tree.integer(state[3]), let type = elementType(tree, state[2])
    else { return nil }
    return Array(
      bytesNode: state[4], type: type.type, bytesSwapped: type.bytesSwapped, lengths: lengths.map { $0! },
      isFortran: isFortran != 0)
  }

  struct Array {
    let bytesNode: Int32
    let type: TorchElementType
    let bytesSwapped: Bool
    let lengths: [Int]
    let isFortran: Bool
  }

  /// Bytes, also those that Python 2 wrote as a string.
  static func bytes(_ tree: PickleTree, _ node: Int32) -> [UInt8]? {
    switch tree.nodes[Int(node)] {
    case .bytes(let value): value
    case .string(let value): [UInt8](value.utf8)
    default: nil
    }
  }

  /// A description of NumPy's, `dtype('f4', False, True)` with the state `(3, '<', …)`.
  private static func elementType(
    _ tree: PickleTree, _ node: Int32
  ) -> (type: TorchElementType, bytesSwapped: Bool)? {
    guard let (global, arguments) = tree.call(node), global.fullName == "numpy.dtype", let first = arguments.first,
      let code = tree.string(first), case .success(let known) = NpyDType.parse(code),
      let type = TorchElementType(dtypeName: known.dtype.description)
    else { return nil }
    let order = tree.states[node].flatMap { tree.sequence($0) }.flatMap { $0.count > 1 ? tree.string($0[1]) : nil }
    return (type, type.byteCount > 1 && (known.bytesSwapped || order == ">"))
  }
}
