public import DeepSeekTensor

/// Text in a file's global heap, and elements that are text.
extension HDF5Format {
  /// The texts of some elements, in order.
  func texts(_ datatype: HDF5Datatype, count: Int, _ elements: HDF5Cursor, item: String) throws -> [String] {
    var elements = elements
    // Many elements may name one text, which must not make a short file a long list.
    var left = max(file.byteCount, 1 << 16)
    func spend(_ text: String) throws -> String {
      left -= text.utf8.count
      if left < 0 { throw failure(item: item, "its texts are longer in all than the file") }
      return text
    }
    switch datatype {
    case .text(let width):
      guard width <= elements.remaining, count <= elements.remaining / width else {
        throw failure(.truncated, at: elements.position, item: item, "\(count) texts of \(width) bytes are not there")
      }
      return try (0..<count).map { _ in
        var text = try elements.text(width)
        while text.last == " " { text.removeLast() }
        return try spend(text)
      }
    case .variableText(let width):
      guard width == 8 + offsetWidth, count <= elements.remaining / width else {
        throw failure(.truncated, at: elements.position, item: item, "\(count) texts of \(width) bytes are not there")
      }
      return try (0..<count).map { _ in
        let length = try elements.word()
        let heap = try elements.address()
        let index = try elements.word()
        // No heap stands for no text.
        guard let heap, heap != 0 else { return "" }
        var object = try heapObject(heap, index, item)
        return try spend(object.text(min(length, object.remaining)))
      }
    default: throw failure(.unsupported, item: item, "its elements are \(datatype.name), not texts", advice: "")
    }
  }

  /// An object of a collection of the global heap.
  private func heapObject(_ address: Int, _ index: Int, _ item: String) throws -> HDF5Cursor {
    var cursor = try cursor(at: address, "a collection of the heap")
    let start = cursor.position
    try cursor.signature("GCOL")
    _ = try cursor.version(1...1)
    try cursor.skip(3)
    let size = try cursor.length()
    var rest = try self.cursor(at: address, count: size, "a collection of the heap")
    try rest.skip(cursor.position - start)
    while rest.remaining >= 8 + lengthWidth {
      let number = try rest.short()
      try rest.skip(6)
      let count = try rest.length()
      if number == 0 { break }
      let object = try rest.piece(count, "an object of the heap")
      if number == index { return object }
      try rest.skip(min((8 - count % 8) % 8, rest.remaining))
    }
    throw failure(at: start, item: item, "the heap has no object \(index)")
  }
}

/// What a group or a data set says of itself under a name.
public struct HDF5Attribute: Sendable {
  /// The name.
  public let name: String
  /// The lengths of its axes; none for a single value.
  public let lengths: [Int]
  let datatype: HDF5Datatype
  private let count: Int
  private let elements: HDF5Cursor

  init(_ body: HDF5Cursor) throws {
    var cursor = body
    let version = try cursor.version(1...3)
    let flags = try cursor.byte()
    if version > 1 && flags & 3 != 0 {
      throw cursor.format.failure(
        .unsupported, at: cursor.position, "an attribute's type stands elsewhere in the file", advice: "")
    }
    let sizes = (name: try cursor.short(), type: try cursor.short(), space: try cursor.short())
    if version == 3 { try cursor.skip(1) }
    let padding: (Int) -> Int = { version == 1 ? ($0 + 7) / 8 * 8 : $0 }
    var name = try cursor.piece(padding(sizes.name), "an attribute's name")
    self.name = try name.text(sizes.name)
    var type = try cursor.piece(padding(sizes.type), "an attribute's type")
    datatype = try HDF5Datatype(&type)
    var space = try cursor.piece(padding(sizes.space), "an attribute's shape")
    let shape = try HDF5Dataspace(&space)
    lengths = shape.lengths ?? []
    count = shape.count
    elements = cursor
  }

  /// The elements as texts, outermost first.
  /// - Throws: ``CheckpointError`` when they are none, or the file is damaged. No elements are no texts, whatever their type.
  public func texts() throws -> [String] {
    count == 0 ? [] : try elements.format.texts(datatype, count: count, elements, item: name)
  }

  /// The first text; `nil` when the elements are no texts.
  public func text() throws -> String? {
    switch datatype {
    case .text, .variableText: try texts().first
    default: nil
    }
  }

  /// The elements as a tensor.
  /// - Throws: ``CheckpointError`` when tensors lack their type, or the file is damaged.
  public func tensor() throws -> Tensor {
    guard case .number(let dtype, let isBigEndian) = datatype else {
      throw elements.format.failure(.unsupported, item: name, "its elements are \(datatype.name)", advice: "")
    }
    let shape = try Shape(checking: lengths)
    let needed = count * dtype.byteCount
    guard needed <= elements.remaining else {
      throw elements.format.failure(.truncated, at: elements.position, item: name, "its \(needed) bytes are not there")
    }
    let range = elements.position..<elements.position + needed
    return try RawElements(file: elements.format.file, range: range, item: name)
      .tensor(TensorSpec(dtype, shape), bytesSwapped: isBigEndian)
  }
}
