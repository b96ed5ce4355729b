public import DeepSeekTensor

/// A data set of an HDF5 file: its type and shape, and where its elements are.
public struct HDF5Dataset: Sendable {
  /// The lengths of its axes; none for a single value.
  public let lengths: [Int]
  private(set) var datatype: HDF5Datatype
  private let format: HDF5Format
  private let path: String
  private let count: Int
  private let storage: Storage
  private let filters: HDF5Filters?
  /// The bytes of an element that nobody wrote; zeros where the file does not say.
  private let fill: HDF5Cursor?

  private enum Storage: Sendable {
    /// Nothing was written.
    case none
    /// All bytes in one run.
    case run(Range<Int>)
    /// Blocks of this shape, under a tree at this address.
    case chunks(tree: Int, lengths: [Int])
    /// One block of the whole shape, of so many bytes.
    case block(Range<Int>, mask: Int, lengths: [Int])
  }

  /// No stream of deflate's holds more than this many bytes in one byte.
  private static let largestRatio = 1032

  init(_ header: HDF5ObjectHeader, _ format: HDF5Format, path: String) throws {
    guard var type = header.first(.datatype), var space = header.first(.dataspace), let layout = header.first(.layout)
    else { throw format.failure(item: path, "it says no type, shape or place of its elements") }
    for message in header.messages where message.isShared && message.kind != .attribute {
      throw format.failure(
        .unsupported, at: message.body.position, item: path, "its type stands elsewhere in the file",
        advice: "write the file with types of its own")
    }
    self.format = format
    self.path = path
    datatype = try HDF5Datatype(&type)
    let shape = try HDF5Dataspace(&space)
    lengths = shape.lengths ?? []
    count = shape.count
    filters = try header.first(.filters).map(HDF5Filters.init)
    fill = try header.first(.fillValue).flatMap { [size = datatype.byteCount] in
      try HDF5Dataset.fill($0, byteCount: size)
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: datatype.byteCount)
    guard !overflow else { throw format.failure(item: path, "its size in bytes is no number") }
    storage = try HDF5Dataset.storage(layout, format, rank: lengths.count, byteCount: byteCount, path)
  }

  /// Bytes that the elements take in memory.
  public var byteCount: Int { count * datatype.byteCount }

  /// The type of the tensor that reading gives; `nil` where tensors lack it.
  public var dtype: DType? {
    if case .number(let dtype, _) = datatype { return dtype }
    return nil
  }

  /// The element type, as the format's manual has it.
  public var storedType: String { datatype.name }

  /// Says what opaque elements are, for types that HDF5 lacks.
  mutating func interpret(as dtype: DType) {
    if case .opaque(dtype.byteCount) = datatype { datatype = .number(dtype, isBigEndian: false) }
  }

  // MARK: Where the elements are

  private static func storage(
    _ body: HDF5Cursor, _ format: HDF5Format, rank: Int, byteCount: Int, _ path: String
  ) throws -> Storage {
    var cursor = body
    let start = cursor.position
    let version = try cursor.version(1...4)
    func run(_ address: Int?, _ size: Int) throws -> Storage {
      guard let address else { return .none }
      guard size >= byteCount else {
        throw format.failure(
          .truncated, at: start, item: path, "its elements take \(byteCount) bytes, but \(size) are there")
      }
      return .run(try format.range(at: address, count: byteCount, "'\(path)'"))
    }
    func compact(_ size: Int) throws -> Storage {
      let place = try cursor.skip(size)
      guard size >= byteCount else {
        throw format.failure(
          .truncated, at: place, item: path, "its elements take \(byteCount) bytes, but \(size) are there")
      }
      return .run(place..<place + byteCount)
    }
    func chunks(_ count: Int, _ width: Int) throws -> [Int] {
      guard count == rank + 1 else {
        throw format.failure(at: start, item: path, "chunks of \(count - 1) axes in a shape of \(rank)")
      }
      return try (0..<count).map { _ in try cursor.integer(width) }
    }
    if version < 3 {
      let dimensions = try cursor.byte()
      let kind = try cursor.byte()
      try cursor.skip(5)
      let address = kind == 0 ? nil : try cursor.address()
      guard kind != 2 else { return try chunked(address, chunks(dimensions, 4), format, path) }
      try cursor.skip(4 * dimensions)
      return kind == 0 ? try compact(cursor.word()) : try run(address, byteCount)
    }
    switch try cursor.byte() {
    case 0: return try compact(cursor.short())
    case 1:
      let address = try cursor.address()
      return try run(address, cursor.length())
    case 2 where version == 3:
      let dimensions = try cursor.byte()
      let address = try cursor.address()
      return try chunked(address, chunks(dimensions, 4), format, path)
    case 2:
      let flags = try cursor.byte()
      let dimensions = try cursor.byte()
      let width = try cursor.byte()
      guard (1...8).contains(width) else { throw format.failure(at: start, item: path, "lengths of \(width) bytes") }
      let lengths = try chunks(dimensions, width)
      let index = try cursor.byte()
      guard index == 1 else {
        let names = [2: "implicit", 3: "fixed array", 4: "extensible array", 5: "B-tree of version 2"]
        throw format.failure(
          .unsupported, at: start, item: path,
          "its chunks are found by an index of kind '\(names[index] ?? "\(index)")'",
          advice: "write the file with libver='earliest', as Keras does")
      }
      var size = lengths.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      var mask = 0
      if flags & 2 != 0 {
        size = try cursor.length()
        mask = try cursor.word()
      }
      guard let address = try cursor.address() else { return .none }
      return .block(try format.range(at: address, count: size, "'\(path)'"), mask: mask, lengths: lengths)
    case let kind:
      throw format.failure(.unsupported, at: start, item: path, "its elements lie in storage of kind \(kind)")
    }
  }

  private static func chunked(
    _ address: Int?, _ lengths: [Int], _ format: HDF5Format, _ path: String
  ) throws -> Storage {
    address.map { .chunks(tree: $0, lengths: lengths) } ?? .none
  }

  private static func fill(_ body: HDF5Cursor, byteCount: Int) throws -> HDF5Cursor? {
    var cursor = body
    let version = try cursor.version(1...3)
    let isDefined: Bool
    if version < 3 {
      try cursor.skip(2)
      let flag = try cursor.byte()
      isDefined = version == 1 || flag != 0
    } else {
      isDefined = try cursor.byte() & 0x20 != 0
    }
    guard isDefined, cursor.remaining >= 4 else { return nil }
    let size = try cursor.word()
    return size == byteCount ? try cursor.piece(size, "a fill value") : nil
  }

  // MARK: Reading

  /// The elements as a tensor: a view of the file where they lie in one run, else a copy.
  /// - Throws: ``CheckpointError`` when tensors lack their type, or the file is damaged.
  public func tensor() throws -> Tensor {
    guard case .number(let dtype, let isBigEndian) = datatype else {
      throw format.failure(
        .unsupported, item: path, "its element type \(datatype.name) is not one that tensors have", advice: "")
    }
    let spec: TensorSpec
    do {
      spec = TensorSpec(dtype, try Shape(checking: lengths))
    } catch {
      throw format.failure(.unsupported, item: path, "\(error)", advice: "reshape it before it is written")
    }
    if case .run(let range) = storage {
      return try RawElements(file: format.file, range: range, item: path).tensor(spec, bytesSwapped: isBigEndian)
    }
    let tensor = try DeepSeekTensor.Storage.filled(byteCount, format, path) { target in try gather(target) }
    let bytes = UnsafeMutableRawBufferPointer(start: tensor.pointer, count: byteCount)
    RawElements.normalize(bytes, dtype, bytesSwapped: isBigEndian)
    return Tensor(storage: tensor, dtype: dtype, layout: Layout(spec.shape))
  }

  /// The elements as texts. Throws as ``tensor()``, and when they are none.
  public func texts() throws -> [String] {
    guard case .run(let range) = storage else {
      guard count > 0 else { return [] }
      throw format.failure(.unsupported, item: path, "its texts lie in chunks", advice: "write them without chunks")
    }
    return try format.texts(datatype, count: count, HDF5Cursor(format, range, "'\(path)'"), item: path)
  }

  /// Puts all chunks in their places.
  private func gather(_ target: UnsafeMutableRawBufferPointer) throws {
    setFill(target)
    switch storage {
    case .none, .run: return
    case .block(let range, let mask, let chunk):
      let grid = try grid(chunk)
      try put(range, mask: mask, at: Array(repeating: 0, count: lengths.count), grid, target)
    case .chunks(let tree, let chunk):
      let grid = try grid(chunk)
      var seen: Set<[Int]> = []
      var budget = HDF5Budget(fileByteCount: format.file.byteCount)
      let keyWidth = 8 + 8 * (lengths.count + 1)
      try HDF5Tree(format, kind: 1, keyWidth: keyWidth).visit(tree, &budget) { address, key, _ in
        var key = key
        let size = try key.word()
        let mask = try key.word()
        let origin = try lengths.indices.map { _ in try key.integer(8) }
        guard zip(origin, zip(lengths, chunk)).allSatisfy({ $0 % $1.1 == 0 && $0 < $1.0 }), seen.insert(origin).inserted
        else { throw format.failure(at: key.position, item: path, "a chunk at \(origin) of \(lengths), or two") }
        try put(format.range(at: address, count: size, "'\(path)'"), mask: mask, at: origin, grid, target)
      }
    }
  }

  private func setFill(_ target: UnsafeMutableRawBufferPointer) {
    target.initializeMemory(as: UInt8.self, repeating: 0)
    guard let fill else { return }
    format.file.withBytes { bytes in
      let element = UnsafeRawBufferPointer(rebasing: bytes[fill.position..<fill.end])
      guard element.contains(where: { $0 != 0 }) else { return }
      for place in stride(from: 0, to: target.count, by: element.count) {
        (target.baseAddress! + place).copyMemory(from: element.baseAddress!, byteCount: element.count)
      }
    }
  }

  /// Chunks of a shape, with the bytes of each. Throws when all of them together are more than the file can hold.
  private func grid(_ chunk: [Int]) throws -> (chunk: [Int], byteCount: Int) {
    let element = datatype.byteCount
    guard chunk.last == element, chunk.allSatisfy({ $0 > 0 }) else {
      throw format.failure(item: path, "chunks of \(chunk) for elements of \(element) bytes")
    }
    let limit = HDF5Dataset.limit(format)
    var (each, all) = (element, element)
    for (length, part) in zip(lengths, chunk) {
      let parts = length / part + (length % part == 0 ? 0 : 1)
      let (next, overflow) = each.multipliedReportingOverflow(by: part)
      let (sum, sumOverflow) = all.multipliedReportingOverflow(by: part)
      let (total, totalOverflow) = sum.multipliedReportingOverflow(by: max(parts, 1))
      guard !overflow, !sumOverflow, !totalOverflow, total <= limit else {
        throw format.failure(.tooLarge, item: path, "chunks of \(chunk) are more than the file can hold")
      }
      (each, all) = (next, total)
    }
    return (chunk, each)
  }

  /// What elements in chunks may take: as much as the file's bytes can inflate to, and a little for small files.
  fileprivate static func limit(_ format: HDF5Format) -> Int { max(1 << 20, format.file.byteCount * largestRatio) }

  /// One chunk, which may reach beyond the shape's end.
  private func put(
    _ range: Range<Int>, mask: Int, at origin: [Int], _ grid: (chunk: [Int], byteCount: Int),
    _ target: UnsafeMutableRawBufferPointer
  ) throws {
    let stored = UnsafeRawBufferPointer(rebasing: format.file.buffer[range])
    if let filters {
      let bytes: [UInt8]
      do {
        bytes = try filters.undone(stored, mask: mask, byteCount: grid.byteCount)
      } catch {
        throw format.failure(at: range.lowerBound, item: path, "its chunk at \(origin): \(error.message)")
      }
      bytes.withUnsafeBytes { copy($0, at: origin, grid.chunk, target) }
    } else {
      guard stored.count == grid.byteCount else {
        throw format.failure(
          at: range.lowerBound, item: path, "its chunk at \(origin) has \(stored.count) bytes, not \(grid.byteCount)")
      }
      copy(stored, at: origin, grid.chunk, target)
    }
  }

  private func copy(
    _ source: UnsafeRawBufferPointer, at origin: [Int], _ chunk: [Int], _ target: UnsafeMutableRawBufferPointer
  ) {
    let element = datatype.byteCount
    let rank = lengths.count
    guard rank > 0 else {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(target.count)))
      return
    }
    let counts = (0..<rank).map { min(chunk[$0], lengths[$0] - origin[$0]) }
    let row = counts[rank - 1] * element
    var index = Array(repeating: 0, count: rank)
    while true {
      var (from, to) = (0, 0)
      for axis in 0..<rank {
        from = from * chunk[axis] + index[axis]
        to = to * lengths[axis] + origin[axis] + index[axis]
      }
      (target.baseAddress! + to * element).copyMemory(from: source.baseAddress! + from * element, byteCount: row)
      var axis = rank - 2
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < counts[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension DeepSeekTensor.Storage {
  /// A block of so many bytes, as far as the file can justify it.
  fileprivate static func filled(
    _ byteCount: Int, _ format: HDF5Format, _ path: String, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> DeepSeekTensor.Storage {
    guard byteCount <= HDF5Dataset.limit(format) else {
      throw format.failure(.tooLarge, item: path, "its \(byteCount) bytes are more than the file can hold")
    }
    try MemoryBudget.check(byteCount, file: format.file.path, item: path)
    let storage = DeepSeekTensor.Storage(byteCount: byteCount)
    if byteCount > 0 { try fill(UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount)) }
    return storage
  }
}
