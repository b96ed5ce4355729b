import DeepSeekTensor

/// The header of NumPy's `.npy` format, versions 1, 2 and 3: a magic string, a version, a length, and a Python dictionary
/// with element type, order and shape.
///
/// Specification: NumPy enhancement proposal 1, and `numpy.lib.format`.
struct NpyHeader {
  let dtype: DType
  let shape: Shape
  /// Whether the first axis runs fastest.
  let isFortranOrder: Bool
  /// Whether the elements' bytes stand the other way round than the machine's.
  let bytesSwapped: Bool

  /// Magic string, version, and the longest form of the header's length.
  static let prefixByteCount = 12
  /// More than any shape of a plain element type needs, in bytes.
  static let maximumByteCount = 1 << 20
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let alignment = 64

  /// Where the elements' bytes begin, by the first bytes of a file; `prefix` may hold fewer than ``prefixByteCount`` when
  /// the file does. `textStart` is where the dictionary begins.
  static func extent(
    _ prefix: UnsafeRawBufferPointer, file: String, item: String?
  ) throws -> (textStart: Int, dataStart: Int) {
    guard prefix.count >= 10 else {
      throw CheckpointError(
        .truncated, file: file, item: item, offset: prefix.count, "\(prefix.count) bytes cannot hold a .npy header",
        advice: CheckpointError.downloadAgain)
    }
    guard prefix.prefix(magic.count).elementsEqual(magic) else {
      throw CheckpointError(
        .malformed, file: file, item: item, offset: 0, "it does not begin as a .npy file does",
        advice: "check that it was written by numpy.save")
    }
    let version = prefix[6]
    let length: Int
    let textStart: Int
    switch version {
    case 1:
      (length, textStart) = (Int(UInt16(littleEndian: prefix.loadUnaligned(fromByteOffset: 8, as: UInt16.self))), 10)
    case 2, 3:
      guard prefix.count >= prefixByteCount else {
        throw CheckpointError(
          .truncated, file: file, item: item, offset: prefix.count, "it ends inside its header",
          advice: CheckpointError.downloadAgain)
      }
      (length, textStart) = (Int(UInt32(littleEndian: prefix.loadUnaligned(fromByteOffset: 8, as: UInt32.self))), 12)
    default:
      throw CheckpointError(
        .unsupported, file: file, item: item, offset: 6, "version \(version).\(prefix[7]) of the format is not known",
        advice: "write it with numpy.save")
    }
    guard length <= maximumByteCount else {
      throw CheckpointError(
        .malformed, file: file, item: item, offset: 8,
        "the header's length is given as \(length) bytes; at most \(maximumByteCount) are read",
        advice: "check that it was written by numpy.save")
    }
    return (textStart, textStart + length)
  }

  /// Reads the dictionary. `offset` is where it begins in the file, for errors.
  init(text: UnsafeRawBufferPointer, file: String, item: String?, offset: Int) throws {
    func failure(
      _ message: String, _ kind: CheckpointError.Kind = .malformed, at position: Int? = nil
    ) -> CheckpointError {
      CheckpointError(
        kind, file: file, item: item, offset: offset + (position ?? 0), message,
        advice: kind == .unsupported
          ? "convert it in Python, for example with numpy.asarray(x, dtype=numpy.float32)"
          : "check that it was written by numpy.save")
    }
    let literal: PythonLiteral
    do {
      literal = try text.withMemoryRebound(to: UInt8.self) { buffer in
        var parser = PythonLiteralParser(buffer)
        return try parser.document()
      }
    } catch let error as PythonLiteralError {
      throw failure("the header is not a Python literal: \(error.message)", at: error.offset)
    }
    guard case .dictionary(let members) = literal, members.map(\.key).sorted() == ["descr", "fortran_order", "shape"]
    else { throw failure("the header is not a dictionary of 'descr', 'fortran_order' and 'shape'") }
    var dtype: DType?
    var bytesSwapped = false
    var isFortranOrder: Bool?
    var lengths: [Int]?
    for (key, value) in members {
      switch (key, value) {
      case ("descr", .string(let name)):
        switch NpyDType.parse(name) {
        case .success(let type): (dtype, bytesSwapped) = type
        case .failure(let error): throw failure("the element type \(error.message)", .unsupported)
        }
      case ("descr", .list(let fields)):
        throw failure("the elements are structures with the fields \(NpyHeader.names(fields))", .unsupported)
      case ("descr", .tuple): throw failure("the elements are arrays or structures themselves", .unsupported)
      case ("fortran_order", .bool(let value)): isFortranOrder = value
      case ("shape", .tuple(let values)): lengths = NpyHeader.naturalNumbers(values)
      default: break
      }
    }
    guard let dtype else { throw failure("'descr' does not name an element type") }
    guard let isFortranOrder else { throw failure("'fortran_order' is neither True nor False") }
    guard let lengths else { throw failure("'shape' is not a tuple of non-negative integers") }
    self.dtype = dtype
    self.bytesSwapped = bytesSwapped
    self.isFortranOrder = isFortranOrder
    guard lengths.count <= Shape.maximumRank else {
      throw failure("it has \(lengths.count) axes; tensors have at most \(Shape.maximumRank)", .unsupported)
    }
    guard let shape = try? Shape(checking: lengths),
      !shape.elementCount.multipliedReportingOverflow(by: dtype.byteCount).overflow
    else { throw failure("shape \(lengths) has more elements than can be counted") }
    self.shape = shape
  }

  /// Bytes of all elements.
  var elementByteCount: Int { shape.elementCount * dtype.byteCount }

  /// How the elements lie; in Fortran order the tensor is a strided view.
  var layout: Layout {
    guard isFortranOrder else { return Layout(shape) }
    var strides: [Int] = []
    var stride = 1
    for length in shape {
      strides.append(stride)
      // May wrap only behind a length of zero, where no element is ever reached.
      stride &*= max(length, 1)
    }
    return Layout(shape, strides: strides, offset: 0)
  }

  /// The header of a tensor in row-major order, padded as NumPy pads it, so that the elements begin at a multiple of 64.
  /// `nil` when NumPy has no such element type.
  static func encoded(_ spec: TensorSpec) -> [UInt8]? {
    guard let name = NpyDType.name(spec.dtype) else { return nil }
    let lengths = spec.shape.map(String.init)
    let tuple = lengths.count == 1 ? "(\(lengths[0]),)" : "(\(lengths.joined(separator: ", ")))"
    var text = "{'descr': '\(name)', 'fortran_order': False, 'shape': \(tuple), }"
    // NumPy leaves room for the first length to grow to 21 digits in place.
    if let first = lengths.first { text += String(repeating: " ", count: 21 - first.utf8.count) }
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: alignment - unpadded % alignment) + "\n"
    // Eight lengths of 20 digits stay far below the 65,535 bytes that version 1 can count.
    let length = withUnsafeBytes(of: UInt16(text.utf8.count).littleEndian) { Array($0) }
    return magic + [1, 0] + length + Array(text.utf8)
  }

  private static func naturalNumbers(_ values: [PythonLiteral]) -> [Int]? {
    var numbers: [Int] = []
    for value in values {
      guard case .integer(let number) = value, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  private static func names(_ fields: [PythonLiteral]) -> String {
    fields.map { field in
      if case .tuple(let parts) = field, case .string(let name)? = parts.first { return "'\(name)'" }
      return "?"
    }.joined(separator: ", ")
  }
}
