/// An n-dimensional array of numbers of one type.
///
/// A value: copies share storage until one of them changes, and nobody sees another's change. A tensor holds either
/// its elements, computed when it was made, or a place in a graph that is being built; the same code serves both.
/// When a gradient is wanted, it also holds the node that says how it was computed.
public struct Tensor: Sendable {
  /// Element type, shape, and elements or graph place.
  let body: TensorBody
  /// How it was computed, when a gradient can flow through it.
  public let gradientNode: GradientNode?
  /// Which output of ``gradientNode`` it is.
  let outputIndex: Int

  @inline(__always)
  init(body: TensorBody, node: GradientNode? = nil, outputIndex: Int = 0) {
    self.body = body
    gradientNode = node
    self.outputIndex = outputIndex
  }

  /// A new tensor in row-major order whose elements are undefined; for kernels, which fill it.
  @inline(__always)
  public init(uninitialized dtype: DType, _ shape: Shape) {
    let layout = Layout(shape)
    body = TensorBody(
      dtype: dtype, layout: layout, storage: Storage(byteCount: shape.elementCount &* dtype.byteCount))
    gradientNode = nil
    outputIndex = 0
  }

  /// A view of a storage. The layout must lie within it; traps otherwise.
  public init(storage: Storage, dtype: DType, layout: Layout) {
    let (lowest, highest) = layout.extent
    if lowest < 0 || (highest + 1) * dtype.byteCount > storage.byteCount {
      fatalError("Tensor: a layout of shape \(layout.shape) reaches outside its storage of \(storage.byteCount) bytes")
    }
    body = TensorBody(dtype: dtype, layout: layout, storage: storage)
    gradientNode = nil
    outputIndex = 0
  }

  /// A place in a graph that is being built; for graph builders.
  public init(graph: GraphValue, spec: TensorSpec) {
    body = TensorBody(graph: graph, spec: spec)
    gradientNode = nil
    outputIndex = 0
  }

  /// The element type.
  public var dtype: DType { body.dtype }
  /// The lengths of the axes.
  public var shape: Shape { body.layout.shape }
  /// The number of axes.
  public var rank: Int { body.layout.shape.rank }
  /// The number of elements.
  public var elementCount: Int { shape.elementCount }
  /// The length of an axis, which may be a symbol; a negative axis counts from the end.
  public func dimension(_ axis: Int) -> Dimension { shape.dimension(axis) }
  /// Element type and shape.
  public var spec: TensorSpec { TensorSpec(body.dtype, body.layout.shape) }
  /// Where it lives.
  public var device: Device { body.device }
  /// Its place in a graph that is being built; `nil` for a tensor that has elements.
  public var graphValue: GraphValue? { body.graph }
  /// Whether a gradient can flow through it.
  public var tracksGradient: Bool { gradientNode != nil }

  /// The same elements without the memory of how they were computed: gradients stop here.
  public func detached() -> Tensor { Tensor(body: body) }

  /// The same elements, named as living on `device`. Logical CPUs share one memory, so nothing is copied.
  public func placed(on device: Device) -> Tensor {
    if device == body.device { return self }
    return Tensor(body: TensorBody(copying: body, device: device), node: gradientNode, outputIndex: outputIndex)
  }
}

/// The part of a tensor that its copies share.
final class TensorBody: Sendable {
  let dtype: DType
  let device: Device
  let layout: Layout
  let graph: GraphValue?
  /// Changed only through ``takeStorage()`` by an owner who knows to be the only one.
  nonisolated(unsafe) private var heldStorage: Storage?
  let knownValue: Tensor?

  @inline(__always)
  init(dtype: DType, layout: Layout, storage: Storage, device: Device = .cpu) {
    self.dtype = dtype
    self.device = device
    self.layout = layout
    graph = nil
    heldStorage = storage
    knownValue = nil
  }

  init(graph: GraphValue, spec: TensorSpec) {
    dtype = spec.dtype
    device = .cpu
    layout = Layout(spec.shape)
    self.graph = graph
    heldStorage = nil
    knownValue = spec.value
  }

  init(copying other: TensorBody, device: Device) {
    dtype = other.dtype
    self.device = device
    layout = other.layout
    graph = other.graph
    heldStorage = other.heldStorage
    knownValue = other.knownValue
  }

  @inline(__always)
  var storage: Storage {
    guard let heldStorage else {
      fatalError(
        "Tensor: a \(dtype)\(layout.shape) of a graph that is being built has no elements yet; "
          + "its value can be read when the graph runs")
    }
    return heldStorage
  }

  /// Whether nobody else holds the storage. Meaningful only to an owner who alone holds this body.
  var storageIsUnique: Bool { isKnownUniquelyReferenced(&heldStorage) }
}

extension Layout {
  /// The lowest and the highest element position that the layout reaches; highest is -1 when it is empty.
  var extent: (lowest: Int, highest: Int) {
    var lowest = offset
    var highest = offset
    for axis in 0..<shape.rank {
      if shape[axis] == 0 { return (0, -1) }
      let reach = (shape[axis] - 1) * stride(axis)
      if reach < 0 { lowest += reach } else { highest += reach }
    }
    return (lowest, highest)
  }
}

extension Tensor {
  /// The same elements as a new leaf: gradients with respect to it can be asked for.
  public func requiringGradient() -> Tensor {
    Tensor(body: body, node: GradientNode(leaf: spec))
  }

  /// The same elements with gradients resting in `leaf`; for captures, whose variables stand for parameters.
  public func tracked(by leaf: GradientNode?) -> Tensor { Tensor(body: body, node: leaf) }

  /// Which output of ``gradientNode`` it is.
  public var gradientOutputIndex: Int { outputIndex }
}
