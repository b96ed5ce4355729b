public import CDeepSeekKernels

extension Tensor {
  /// Whether the elements stand in row-major order without gaps.
  public var isContiguous: Bool { body.layout.isContiguous }
  /// Shape, strides and offset in the storage.
  public var layout: Layout { body.layout }
  /// The bytes it is a view of. Traps for a tensor of a graph that is being built.
  public var storage: Storage { body.storage }

  /// Another view of the same storage; for operators that move no elements.
  public func viewed(_ layout: Layout) -> Tensor {
    Tensor(body: TensorBody(dtype: dtype, layout: layout, storage: body.storage, device: body.device))
  }

  /// The address of the element whose indices are all zero.
  ///
  /// Valid while the tensor lives: use it inside `withExtendedLifetime` or from an operator's kernel, whose inputs and
  /// outputs outlive it.
  @inline(__always)
  public var pointer: UnsafeMutableRawPointer {
    body.storage.pointer + body.layout.offset &* body.dtype.byteCount
  }

  /// The tensor as the C kernels see it. Valid while the tensor lives, as ``pointer`` is.
  @inline(__always)
  public var kernelView: ds_view {
    var view = ds_view()
    view.data = pointer
    view.dtype = dtype.kernelType
    view.rank = Int32(truncatingIfNeeded: rank)
    Swift.withUnsafeMutableBytes(of: &view.shape) { target in
      for axis in 0..<rank { target.storeBytes(of: shape.words[axis], toByteOffset: axis &* 8, as: Int.self) }
    }
    Swift.withUnsafeMutableBytes(of: &view.strides) { target in
      for axis in 0..<rank { target.storeBytes(of: layout.stride(axis), toByteOffset: axis &* 8, as: Int.self) }
    }
    return view
  }

  /// The elements in row-major order without gaps: itself, or a copy when it is a strided view. No gradient.
  public func contiguous() -> Tensor {
    if body.graph != nil { return self }
    if isContiguous { return self }
    let copy = Tensor(uninitialized: dtype, shape)
    copyElements(to: copy)
    return copy
  }

  /// Writes the elements, cast to its type, into `target`, a tensor of the same shape that is being made.
  public func copyElements(to target: Tensor) {
    var source = kernelView
    var destination = target.kernelView
    let status = ds_cast(&source, &destination)
    if status != DS_OK { fatalError("cast: no conversion from \(dtype) to \(target.dtype)") }
    withExtendedLifetime((self, target)) {}
  }

  /// Calls `body` with the elements' bytes in row-major order; a strided view is copied first.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let source = contiguous()
    return try withExtendedLifetime(source) {
      try body(UnsafeRawBufferPointer(start: source.pointer, count: elementCount * dtype.byteCount))
    }
  }

  /// Calls `body` with the elements in row-major order as `Element`, which must be the tensor's type; traps otherwise.
  public func withUnsafeElements<Element: TensorElement, Result>(
    of type: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    if type.dtype != dtype { fatalError("withUnsafeElements: the tensor is \(dtype), not \(type.dtype)") }
    return try withUnsafeBytes { try body($0.assumingMemoryBound(to: type)) }
  }

  /// Calls `body` with the elements to change, in row-major order.
  ///
  /// When another tensor shares the storage, or it is strided or a mapped file, the elements are copied first: others
  /// never see the change. The memory of how it was computed is dropped.
  public mutating func withUnsafeMutableBytes<Result>(
    _ change: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    defer { body.storage.prepared.removeAll() }
    return try change(UnsafeMutableRawBufferPointer(start: pointer, count: elementCount * dtype.byteCount))
  }

  /// Makes its storage its own, copying when it is shared, strided or read-only.
  mutating func makeUnique() {
    var held = body
    self = Tensor(body: Tensor.emptyBody)
    let isOwned = isKnownUniquelyReferenced(&held) && held.storageIsUnique
    if isOwned && held.layout.isContiguous && held.storage.isWritable {
      self = Tensor(body: held)
      return
    }
    let source = Tensor(body: held)
    let copy = Tensor(uninitialized: source.dtype, source.shape)
    source.copyElements(to: copy)
    self = copy
  }

  /// Whether no other tensor or view shares the storage, so that an owner may write into it. False for a view of a part, a
  /// strided one, mapped files and places in a graph.
  public mutating func ownsStorage() -> Bool {
    if body.graph != nil { return false }
    var held = body
    self = Tensor(body: Tensor.emptyBody, node: gradientNode, outputIndex: outputIndex)
    defer { self = Tensor(body: held, node: gradientNode, outputIndex: outputIndex) }
    return isKnownUniquelyReferenced(&held) && held.storageIsUnique && held.layout.isContiguous
      && held.storage.isWritable
  }

  private static let emptyBody = TensorBody(dtype: .float32, layout: Layout([0]), storage: Storage(byteCount: 0))
}
