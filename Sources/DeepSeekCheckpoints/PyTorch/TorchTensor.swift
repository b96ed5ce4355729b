import DeepSeekTensor

/// A tensor as a pickle describes it: which elements of which storage, in which form.
struct TorchTensor: Sendable, Hashable {
  /// Where elements are.
  enum Source: Sendable, Hashable {
    /// In a storage, by its key; the first element of the tensor's storage is so many bytes into it.
    case storage(key: String, start: Int, end: Int)
    /// In the pickle itself: an array of NumPy's.
    case pickle(node: Int32, bytesSwapped: Bool)
    /// Nowhere that is read.
    case none
  }

  let source: Source
  let type: TorchElementType
  /// Where the first element is, in elements of `type` from the storage's start.
  let offset: Int
  let lengths: [Int]
  let strides: [Int]
  /// Why it is not read; `nil` when it is.
  let refusal: String?

  /// More elements than that are taken for damage, so that their bytes can be counted.
  static let mostElements = 1 << 58

  /// Elements.
  var count: Int { lengths.reduce(1, *) }

  /// One past the last element that the tensor touches, from the storage's start; `nil` when it is beyond all counting.
  static func end(offset: Int, lengths: [Int], strides: [Int]) -> Int? {
    if lengths.contains(0) { return offset }
    var last = offset
    for (length, stride) in zip(lengths, strides) {
      let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, carried) = last.addingReportingOverflow(reach)
      if overflow || carried { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }
}

/// Reads the tensors of a pickle.
struct TorchTensorReader {
  let tree: PickleTree
  let file: String
  let item: String?

  /// How deep parameters may be wrapped in each other.
  private static let deepestWrapping = 8

  /// The tensor that an object stands for; `nil` when it is none.
  /// - Throws: ``CheckpointError`` when it is one whose description contradicts itself.
  func tensor(_ node: Int32) throws -> TorchTensor? { try tensor(node, depth: 0) }

  private func tensor(_ node: Int32, depth: Int) throws -> TorchTensor? {
    guard depth < TorchTensorReader.deepestWrapping else { throw failure("parameters are wrapped in each other") }
    if let array = NumPyValue.array(tree, node) { return try tensor(array) }
    guard let (global, arguments) = tree.call(node) else { return nil }
    switch global.fullName {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      return try strided(arguments, type: nil)
    case "torch._utils._rebuild_tensor_v3":
      guard arguments.count >= 7, let name = tree.global(arguments[6]), name.module == "torch",
        let type = TorchElementType(dtypeName: name.name)
      else { throw failure("a tensor has no element type") }
      return try strided(arguments, type: type)
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch._utils._rebuild_device_tensor_from_numpy", "torch._utils._rebuild_device_tensor_from_cpu_tensor",
      "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer":
      guard let inner = arguments.first else { return nil }
      return try tensor(inner, depth: depth + 1)
    case "torch._tensor._rebuild_from_type_v2":
      // The function, the class, the function's arguments and the state.
      guard arguments.count >= 3, let function = tree.global(arguments[0]), let inner = tree.sequence(arguments[2])
      else {
        return nil
      }
      switch function.fullName {
      case "torch._utils._rebuild_tensor_v2": return try strided(inner, type: nil)
      case "torch._utils._rebuild_tensor_v3":
        guard inner.count >= 7, let name = tree.global(inner[6]), let type = TorchElementType(dtypeName: name.name)
        else {
          throw failure("a tensor has no element type")
        }
        return try strided(inner, type: type)
      default: return nil
      }
    case "torch._utils._rebuild_qtensor":
      // The storage, the first element, lengths and strides, and how elements are quantized.
      return refused(
        "it is quantized: its elements are integers beside scales and zero points",
        lengths: arguments.dropFirst(2).first,
        arguments.first.flatMap { TorchStorage(tree, persistent: $0) }?.type)
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
      // The layout, and tensors of indices and values before the lengths.
      let parts = arguments.count > 1 ? tree.sequence(arguments[1]) : nil
      return refused(
        "it is sparse: its elements are indices and values", lengths: parts?.last { integers($0) != nil })
    case "torch._utils._rebuild_nested_tensor": return refused("it is nested: its elements have no one shape")
    case "torch._utils._rebuild_meta_tensor_no_storage":
      return refused(
        "it was saved on the device 'meta', without elements", lengths: arguments.dropFirst().first,
        arguments.first.flatMap { tree.global($0) }.flatMap { TorchElementType(dtypeName: $0.name) })
    default: return nil
    }
  }

  /// `(storage, offset, lengths, strides, …)`; the seventh argument of the second form says how elements are to be read.
  private func strided(_ arguments: [Int32], type given: TorchElementType?) throws -> TorchTensor {
    guard arguments.count >= 4, let storage = TorchStorage(tree, persistent: arguments[0]) else {
      throw failure("a tensor has no storage that is understood")
    }
    guard let offset = tree.integer(arguments[1]), let lengths = integers(arguments[2]),
      let strides = integers(arguments[3]), offset >= 0, lengths.count == strides.count,
      !strides.contains(where: { $0 < 0 })
    else { throw failure("a tensor has a form that is not possible") }
    do {
      _ = try Shape(checking: lengths)
    } catch {
      throw failure("a tensor has a form that is not possible: \(error)", .unsupported)
    }
    let type = given ?? storage.type
    guard lengths.reduce(1, *) <= TorchTensor.mostElements else {
      throw failure("a tensor of shape \(lengths) has more elements than can be counted", .tooLarge)
    }
    guard let end = TorchTensor.end(offset: offset, lengths: lengths, strides: strides),
      end <= storage.length * storage.type.byteCount / type.byteCount
    else {
      throw failure(
        "a tensor of shape \(lengths), strides \(strides) from element \(offset) reaches beyond its storage "
          + "'\(storage.key)' of \(storage.length) elements")
    }
    var refusal = type.isQuantized ? "it is quantized: its elements are integers beside scales and zero points" : nil
    if given == nil, arguments.count > 6, let marks = marks(arguments[6]) { refusal = marks }
    let start = storage.start * storage.type.byteCount
    return TorchTensor(
      source: .storage(key: storage.key, start: start, end: start + storage.length * storage.type.byteCount),
      type: type,
      offset: offset, lengths: lengths, strides: strides, refusal: refusal)
  }

  /// Why a tensor's elements are not what its storage holds: it was saved before a conjugation or negation was done.
  private func marks(_ node: Int32) -> String? {
    for (key, value) in PickleValue(tree: tree, node: node).pairs ?? [] where value.bool == true {
      if let name = key.string, ["conj", "neg"].contains(name) { return "it carries the mark '\(name)' of PyTorch's" }
    }
    return nil
  }

  private func tensor(_ array: NumPyValue.Array) throws -> TorchTensor {
    let lengths = array.lengths
    do {
      _ = try Shape(checking: lengths)
    } catch {
      throw failure("an array has a form that is not possible: \(error)", .unsupported)
    }
    let count = lengths.reduce(1, *)
    let bytes: Int? =
      switch tree.nodes[Int(array.bytesNode)] {
      case .bytes(let value): value.count
      case .string(let value): value.utf8.count
      default: nil
      }
    guard let bytes, bytes / array.type.byteCount >= count else {
      throw failure("an array of NumPy's of shape \(lengths) has too few bytes")
    }
    var strides = [Int](repeating: 1, count: lengths.count)
    var stride = 1
    // Without elements there is nothing to step over, and the product of the other lengths may be beyond counting.
    for axis in array.isFortran ? Array(lengths.indices) : lengths.indices.reversed() where count > 0 {
      strides[axis] = stride
      stride *= lengths[axis]
    }
    return TorchTensor(
      source: .pickle(node: array.bytesNode, bytesSwapped: array.bytesSwapped), type: array.type, offset: 0,
      lengths: lengths, strides: strides, refusal: nil)
  }

  /// A tensor that is listed with what is known of it, and not read.
  private func refused(_ reason: String, lengths node: Int32? = nil, _ type: TorchElementType? = nil) -> TorchTensor {
    var lengths = node.flatMap { integers($0) } ?? []
    if (try? Shape(checking: lengths)) == nil || lengths.reduce(1, *) > TorchTensor.mostElements { lengths = [] }
    return TorchTensor(
      source: .none, type: type ?? .untyped, offset: 0, lengths: lengths, strides: lengths, refusal: reason)
  }

  private func integers(_ node: Int32) -> [Int]? {
    guard let nodes = tree.sequence(node), nodes.count <= 64 else { return nil }
    var result: [Int] = []
    for node in nodes {
      guard let value = tree.integer(node) else { return nil }
      result.append(value)
    }
    return result
  }

  private func failure(_ message: String, _ kind: CheckpointError.Kind = .malformed) -> CheckpointError {
    CheckpointError(kind, file: file, item: item, message, advice: CheckpointError.downloadAgain)
  }
}
