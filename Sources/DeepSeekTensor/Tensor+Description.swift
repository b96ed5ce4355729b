#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How tensors print: as NumPy does, with aligned columns, and an ellipsis in place of the middle of long axes.
public struct TensorFormat: Sendable {
  /// Digits after the point, at most.
  public var precision = 4
  /// Tensors with more elements than this are shortened.
  public var threshold = 1000
  /// How many elements a shortened axis shows at each end.
  public var edgeItems = 3
  /// Columns of a line.
  public var lineWidth = 80

  /// The usual format.
  public init() {}
}

extension Tensor: CustomStringConvertible {
  /// The elements as NumPy prints them, followed by shape and type: `[1, 2, 3]  int64[3]`.
  public var description: String {
    if body.graph != nil { return "Tensor(\(spec), in a graph that is being built)" }
    let elements = formatted()
    return elements.contains("\n") ? "\(elements)\n\(spec)" : "\(elements)  \(spec)"
  }

  /// The elements alone, as text.
  public func formatted(_ format: TensorFormat = TensorFormat()) -> String {
    let shortened = elementCount > format.threshold
    let positions = shownPositions(format, shortened: shortened)
    let texts =
      dtype.isInteger || dtype == .bool
      ? ElementText(integers: positions.map { element(at: $0, as: Int64.self) }, isBool: dtype == .bool)
      : ElementText(floats: positions.map { element(at: $0, as: Double.self) }, precision: format.precision)
    var writer = NestedWriter(
      shape: shape, edge: shortened ? format.edgeItems : nil, width: format.lineWidth, texts: texts.strings)
    return writer.write()
  }

  private func shownPositions(_ format: TensorFormat, shortened: Bool) -> [Int] {
    let edge = shortened ? format.edgeItems : nil
    var result: [Int] = []
    func visit(_ axis: Int, _ position: Int) {
      if axis == rank {
        result.append(position)
        return
      }
      for case let index? in NestedWriter.indices(shape[axis], edge: edge) {
        visit(axis + 1, position + index * layout.stride(axis))
      }
    }
    if elementCount > 0 { visit(0, layout.offset) }
    return result
  }

  private func element<Element: TensorElement>(at position: Int, as type: Element.Type) -> Element {
    viewed(Layout([], strides: [], offset: position)).item(as: type)
  }
}

/// The elements as texts of one width.
private struct ElementText {
  let strings: [String]

  init(integers: [Int64], isBool: Bool) {
    strings = ElementText.padded(integers.map { isBool ? ($0 != 0 ? "true" : "false") : String($0) })
  }

  init(floats: [Double], precision: Int) {
    strings = ElementText.floats(floats, precision: precision)
  }

  private static func floats(_ values: [Double], precision: Int) -> [String] {
    let finite = values.filter(\.isFinite).map(abs)
    let nonzero = finite.filter { $0 != 0 }
    let largest = nonzero.max() ?? 0
    let smallest = nonzero.min() ?? 0
    let scientific = largest >= 1e8 || (smallest > 0 && (smallest < 1e-4 || largest / smallest > 1e3 && largest >= 1e5))
    if scientific { return padded(values.map { special($0) ?? text($0, "%.*e", precision) }) }
    // As many digits as the element that needs most, so that columns align and nothing is padded with zeros in vain.
    var digits = 0
    for value in finite {
      var trimmed = text(value, "%.*f", precision)
      while trimmed.last == "0" { trimmed.removeLast() }
      if let point = trimmed.firstIndex(of: ".") {
        digits = max(digits, trimmed.distance(from: point, to: trimmed.endIndex) - 1)
      }
    }
    return padded(
      values.map { value in special(value) ?? (text(value, "%.*f", digits) + (digits == 0 ? "." : "")) })
  }

  private static func special(_ value: Double) -> String? {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return nil
  }

  private static func text(_ value: Double, _ format: String, _ digits: Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      withVaList([Int32(digits), value]) { _ = vsnprintf(buffer.baseAddress!, buffer.count, format, $0) }
      return String(cString: buffer.baseAddress!)
    }
  }

  private static func padded(_ texts: [String]) -> [String] {
    let width = texts.map(\.count).max() ?? 0
    return texts.map { String(repeating: " ", count: width - $0.count) + $0 }
  }
}

/// Writes nested brackets around texts.
private struct NestedWriter {
  let shape: Shape
  let edge: Int?
  let width: Int
  let texts: [String]
  private var next = 0

  init(shape: Shape, edge: Int?, width: Int, texts: [String]) {
    self.shape = shape
    self.edge = edge
    self.width = width
    self.texts = texts
  }

  /// The indices to show along an axis; `nil` stands for an ellipsis.
  static func indices(_ length: Int, edge: Int?) -> [Int?] {
    guard let edge, length > 2 * edge else { return Array(0..<length) }
    return Array(0..<edge) + [nil] + Array((length - edge)..<length)
  }

  mutating func write() -> String {
    if shape.rank == 0 { return texts.first ?? "" }
    if shape.elementCount == 0 { return "[]" }
    return write(axis: 0, indent: 1)
  }

  private mutating func write(axis: Int, indent: Int) -> String {
    let indices = NestedWriter.indices(shape[axis], edge: edge)
    if axis == shape.rank - 1 { return writeRow(indices, indent: indent) }
    let separator = "," + String(repeating: "\n", count: shape.rank - 1 - axis) + String(repeating: " ", count: indent)
    var parts: [String] = []
    for index in indices { parts.append(index == nil ? "..." : write(axis: axis + 1, indent: indent + 1)) }
    return "[" + parts.joined(separator: separator) + "]"
  }

  private mutating func writeRow(_ indices: [Int?], indent: Int) -> String {
    var result = "["
    var column = indent
    for (position, index) in indices.enumerated() {
      var text = "..."
      if index != nil {
        text = texts[next]
        next += 1
      }
      let isLast = position == indices.count - 1
      if position > 0 {
        if column + text.count + 2 > width {
          result += "\n" + String(repeating: " ", count: indent)
          column = indent
        } else {
          result += " "
          column += 1
        }
      }
      result += isLast ? text : text + ","
      column += text.count + 1
    }
    return result + "]"
  }
}
