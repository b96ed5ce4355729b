import CDeepSeekKernels

/// A number, or arrays nested to any depth whose innermost elements are numbers: what a tensor can be made from.
public protocol NestedElements {
  /// The innermost type.
  associatedtype Scalar: TensorElement
  /// The lengths from here inwards, taken from the first element at each depth.
  var nestedShape: [Int] { get }
  /// Appends the elements in row-major order; traps when an array's length differs from its siblings'.
  func appendElements(to elements: inout [Scalar], shape: ArraySlice<Int>)
}

extension TensorElement where Self: NestedElements {
  /// A number has no axes.
  public var nestedShape: [Int] { [] }
  /// Appends the number.
  public func appendElements(to elements: inout [Self], shape: ArraySlice<Int>) {
    if !shape.isEmpty { fatalError("Tensor: a number stands where an array of length \(shape.first!) is expected") }
    elements.append(self)
  }
}

extension Float: NestedElements {}
extension Double: NestedElements {}
extension BFloat16: NestedElements {}
extension Int8: NestedElements {}
extension UInt8: NestedElements {}
extension Int16: NestedElements {}
extension Int32: NestedElements {}
extension Int64: NestedElements {}
extension Int: NestedElements {}
extension Bool: NestedElements {}
extension UInt16: NestedElements {}
extension UInt32: NestedElements {}
extension UInt64: NestedElements {}
#if !(os(macOS) && arch(x86_64))
  extension Float16: NestedElements {}
#endif

extension Array: NestedElements where Element: NestedElements {
  /// Its length, then those of its first element.
  public var nestedShape: [Int] { [count] + (first?.nestedShape ?? []) }
  /// Appends the elements of each element.
  public func appendElements(to elements: inout [Element.Scalar], shape: ArraySlice<Int>) {
    if count != shape.first {
      fatalError("Tensor: an array of length \(count) stands beside one of length \(shape.first ?? 0)")
    }
    for element in self { element.appendElements(to: &elements, shape: shape.dropFirst()) }
  }
}

extension Tensor {
  /// A tensor of a number or of nested arrays: `Tensor([[1, 2], [3, 4]])` has shape `[2, 2]`.
  ///
  /// The element type follows the Swift type (`Int` is `int64`), except that `Double`, the type of Swift's floating
  /// literals, becomes `float32`, the default of the field; give `dtype: .float64` to keep it. Traps when the arrays are
  /// ragged.
  public init<Values: NestedElements>(_ values: Values, dtype: DType? = nil) {
    let shape = values.nestedShape
    var elements: [Values.Scalar] = []
    elements.reserveCapacity(shape.reduce(1, *))
    values.appendElements(to: &elements, shape: shape[...])
    let exact = Tensor(Shape(shape), elements)
    let target = dtype ?? (Values.Scalar.dtype == .float64 ? .float32 : Values.Scalar.dtype)
    self = target == exact.dtype ? exact : exact.converted(to: target)
  }

  /// A tensor of this shape with these elements in row-major order, of exactly their type. Traps when the counts differ.
  public init<Element: TensorElement>(_ shape: Shape, _ elements: [Element]) {
    if elements.count != shape.elementCount {
      fatalError("Tensor: \(elements.count) elements do not fill shape \(shape), which has \(shape.elementCount)")
    }
    self.init(uninitialized: Element.dtype, shape)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  /// A tensor of this shape and type with these bytes in row-major order, native byte order; throws when the count of
  /// bytes does not fit.
  public init(bytes: UnsafeRawBufferPointer, dtype: DType, shape: Shape) throws {
    guard bytes.count == shape.elementCount * dtype.byteCount else {
      throw OperatorError(
        "Tensor",
        "\(bytes.count) bytes do not fill \(dtype)\(shape), which takes \(shape.elementCount * dtype.byteCount)")
    }
    self.init(uninitialized: dtype, shape)
    if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
  }

  /// A tensor filled with one number, converted to `dtype`.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    let result = Tensor(uninitialized: dtype, shape)
    result.fill(value)
    return result
  }

  /// A tensor filled with one integer exactly, converted to `dtype`.
  public static func full(_ shape: Shape, _ value: Int, dtype: DType) -> Tensor {
    let result = Tensor(uninitialized: dtype, shape)
    Tensor([], [Int64(value)]).broadcastCopy(to: result)
    return result
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor { full(shape, 0.0, dtype: dtype) }

  /// A tensor of ones.
  public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor { full(shape, 1.0, dtype: dtype) }

  /// Fills a tensor that is being made with one number.
  func fill(_ value: Double) {
    Tensor([], [value]).broadcastCopy(to: self)
  }

  private func broadcastCopy(to target: Tensor) {
    let element = converted(to: target.dtype)
    var view = target.kernelView
    let status = ds_fill(&view, element.pointer)
    if status != DS_OK { fatalError("full: \(target.dtype) cannot be filled") }
    withExtendedLifetime((element, target)) {}
  }

  /// A copy with another element type, without gradient; the tensor itself when it has that type already.
  ///
  /// Floats round to nearest even; floats become integers by truncation; integers wrap; anything but zero is `true`.
  public func converted(to target: DType) -> Tensor {
    if target == dtype { return detached() }
    let result = Tensor(uninitialized: target, shape)
    copyElements(to: result)
    return result
  }
}

extension Tensor {
  /// The one element of a tensor that has one, converted. Traps when there are more or none.
  public func item<Element: TensorElement>(as type: Element.Type = Element.self) -> Element {
    if elementCount != 1 { fatalError("item: shape \(shape) has \(elementCount) elements, not one") }
    return array(of: type)[0]
  }

  /// The one element of a tensor that has one, as `Double`, where the context asks for no other type:
  /// `print(loss.item())`. Traps when there are more or none.
  public func item() -> Double { item(as: Double.self) }

  /// The elements in row-major order, converted.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element] {
    let source = converted(to: type.dtype)
    return source.withUnsafeBytes { bytes in
      [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
        if let base = bytes.baseAddress, bytes.count > 0 {
          UnsafeMutableRawPointer(buffer.baseAddress!).copyMemory(from: base, byteCount: bytes.count)
        }
        count = elementCount
      }
    }
  }
}
