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
    let texts = texts(at: positions, format)
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

  private func texts(at positions: [Int], _ format: TensorFormat) -> ElementText {
    switch dtype {
    case .bool: ElementText(positions.map { element(at: $0, as: Bool.self) ? "True" : "False" })
    case .uint64: ElementText(positions.map { String(element(at: $0, as: UInt64.self)) })
    case .complex64: ElementText(complex: positions.map { complex(at: $0) }, precision: format.precision)
    case _ where dtype.isInteger: ElementText(positions.map { String(element(at: $0, as: Int64.self)) })
    default:
      ElementText(
        floats: positions.map { element(at: $0, as: Double.self) }, precision: format.precision, type: dtype)
    }
  }

  private func complex(at position: Int) -> (real: Double, imaginary: Double) {
    viewed(Layout([], strides: [], offset: position)).withUnsafeBytes { bytes in
      let parts = bytes.assumingMemoryBound(to: Float.self)
      return (Double(parts[0]), Double(parts[1]))
    }
  }

  private func element<Element: TensorElement>(at position: Int, as type: Element.Type) -> Element {
    viewed(Layout([], strides: [], offset: position)).item(as: type)
  }
}

/// The elements as texts of one width, by NumPy's rules (its `floatmode` "maxprec").
private struct ElementText {
  let strings: [String]

  /// A number's text in pieces; the sign is the exponent's.
  private struct Parts {
    let whole: String
    let fraction: String
    var exponent = ""
    var isNegative = false
  }

  /// Of texts that stand to the right of their columns.
  init(_ texts: [String]) { strings = ElementText.padded(texts) }

  /// Of complex numbers: two columns, the second with its sign and a j behind its digits.
  init(complex: [(real: Double, imaginary: Double)], precision: Int) {
    let real = ElementText(floats: complex.map(\.real), precision: precision, type: .float32)
    let imaginary = ElementText(
      floats: complex.map(\.imaginary), precision: precision, type: .float32, showsPlus: true)
    strings = zip(real.strings, imaginary.strings).map { real, imaginary in
      let digits = imaginary.lastIndex { $0 != " " }.map { imaginary[...$0] } ?? ""
      return real + digits + "j" + imaginary.dropFirst(digits.count)
    }
  }

  /// Of floats, aligned at the point; `showsPlus` puts a sign before those that are not negative too.
  init(floats: [Double], precision: Int, type: DType, showsPlus: Bool = false) {
    let nonzero = floats.lazy.filter { $0.isFinite && $0 != 0 }.map(abs)
    let (largest, smallest) = (nonzero.max() ?? 0, nonzero.min() ?? 1)
    // From where a type's digits no longer reach the point, an exponent says so.
    let limit = type == .float64 ? 1e8 : type == .float16 ? 1e3 : 1e6
    let isScientific = largest >= limit || smallest < 1e-4 || largest / smallest > 1000
    let parts = floats.map { value -> Parts? in
      guard value.isFinite else { return nil }
      let count = ElementText.digitCount(value, type)
      return isScientific
        ? ElementText.scientific(value, precision, count) : ElementText.positional(value, precision, count)
    }
    let widestFraction = parts.lazy.compactMap { $0?.fraction.count }.max() ?? 0
    let widestExponent = parts.lazy.compactMap { $0?.exponent.count }.max() ?? 0
    let texts = zip(floats, parts).map { value, part -> String in
      let plus = showsPlus && (value.isNaN || value.sign == .plus) ? "+" : ""
      guard let part else { return plus + (value.isNaN ? "nan" : value < 0 ? "-inf" : "inf") }
      // Columns align at the point: with spaces behind it, or with zeros before an exponent.
      let filler = String(repeating: isScientific ? "0" : " ", count: widestFraction - part.fraction.count)
      let digits = String(repeating: "0", count: widestExponent - part.exponent.count) + part.exponent
      let exponent = isScientific ? (part.isNegative ? "e-" : "e+") + digits : ""
      return plus + part.whole + "." + part.fraction + filler + exponent
    }
    strings = ElementText.padded(texts)
  }

  /// The digits before and behind the point, at most `precision` of the latter.
  private static func positional(_ value: Double, _ precision: Int, _ digits: Int) -> Parts {
    let whole = value == 0 ? 1 : Int(log10(abs(value)).rounded(.down)) + 1
    let exact = text(value, "%.*f", Swift.min(precision, Swift.max(digits - whole, 0)))
    let parts = halves(exact)
    return Parts(whole: parts.0, fraction: parts.1)
  }

  /// The fewest digits that tell a number from its neighbours in its own type.
  private static func digitCount(_ value: Double, _ type: DType) -> Int {
    for count in 1..<17 {
      guard let read = Double(text(value, "%.*e", count - 1)) else { break }
      let isSame =
        switch type {
        case .float64: read == value
        case .float16: isSameHalf(read, value)
        default: Float(read) == Float(value)
        }
      if isSame { return count }
    }
    return 17
  }

  private static func isSameHalf(_ a: Double, _ b: Double) -> Bool {
    #if os(macOS) && arch(x86_64)
      return Float(a) == Float(b)
    #else
      return Float16(a) == Float16(b)
    #endif
  }

  /// The digits before and behind the point and those of the exponent, of which there are two at least.
  private static func scientific(_ value: Double, _ precision: Int, _ digits: Int) -> Parts {
    let exact = text(value, "%.*e", Swift.min(precision, digits - 1))
    let cut = exact.firstIndex(of: "e")!
    let (whole, fraction) = halves(String(exact[..<cut]))
    let sign = exact.index(after: cut)
    return Parts(
      whole: whole, fraction: fraction, exponent: String(exact[exact.index(after: sign)...]),
      isNegative: exact[sign] == "-")
  }

  /// What stands before and behind the point, without zeros at the end.
  private static func halves(_ text: String) -> (String, String) {
    guard let point = text.firstIndex(of: ".") else { return (text, "") }
    var fraction = text[text.index(after: point)...]
    while fraction.last == "0" { fraction.removeLast() }
    return (String(text[..<point]), String(fraction))
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
    // Room for the brackets that close here and further out.
    let limit = width - shape.rank
    var result = "["
    var column = indent
    for (position, index) in indices.enumerated() {
      var text = "..."
      if index != nil {
        text = texts[next]
        next += 1
      }
      if position > 0 {
        if column + 1 + text.count > limit {
          result += "\n" + String(repeating: " ", count: indent)
          column = indent
        } else {
          result += " "
          column += 1
        }
      }
      let isLast = position == indices.count - 1
      result += isLast ? text : text + ","
      column += text.count + 1
    }
    return result + "]"
  }
}
