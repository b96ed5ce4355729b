import DeepSeekTensor

/// Takes the columns of one record batch out of its message, without copying what need not be.
struct ArrowBatchReader {
  private let file: String
  private let body: Bytes
  private let nodes: UnsafeRawBufferPointer
  private let buffers: UnsafeRawBufferPointer
  private let viewCounts: UnsafeRawBufferPointer?
  private let codec: Codec?
  private let dictionaries: [Int: Column]
  private var nextNode = 0
  private var nextBuffer = 0
  private var nextView = 0
  let rowCount: Int

  /// Values that may have no bytes in a message, besides those of its rows.
  private static let largestFree = 1 << 20

  /// The columns of a batch. `earlyCodec` is the compression that its message names for a batch that names none.
  init(
    _ batch: FlatTable, body: Bytes, dictionaries: [Int: Column], earlyCodec: Codec?
  ) throws(DataError) {
    file = batch.file
    self.body = body
    self.dictionaries = dictionaries
    rowCount = try batch.number(0, Int64.self, or: 0)
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    nodes = try batch.vector(1, width: 16) ?? none
    buffers = try batch.vector(2, width: 16) ?? none
    viewCounts = try batch.vector(4, width: 8)
    if let compression = try batch.table(3) {
      switch try compression.number(0, Int8.self, or: 0) {
      case 0: codec = .lz4Frame
      case 1: codec = .zstd
      case let code: throw DataError(.unsupported, file: file, "compression \(code) is not known")
      }
    } else {
      codec = earlyCodec
    }
    guard (0...Int(Int32.max)).contains(rowCount) else { throw failure("a batch of \(rowCount) rows") }
  }

  private func failure(_ message: String, _ item: String? = nil) -> DataError {
    DataError(.malformed, file: file, item: item, message, advice: DataError.downloadAgain)
  }

  private mutating func node(_ field: ArrowField) throws(DataError) -> (count: Int, nullCount: Int) {
    guard nextNode + 16 <= nodes.count else { throw failure("a batch has fewer columns than the schema", field.name) }
    let count = Int(nodes.loadUnaligned(fromByteOffset: nextNode, as: Int64.self))
    let nullCount = Int(nodes.loadUnaligned(fromByteOffset: nextNode + 8, as: Int64.self))
    nextNode += 16
    // Not even a column of nulls has more rows than this.
    guard count >= 0, count <= Int(Int32.max), nullCount >= 0, nullCount <= count else {
      throw failure("\(count) values, \(nullCount) of them null", field.name)
    }
    return (count, nullCount)
  }

  /// The next buffer, which must have at least `byteCount` bytes. Of a column that is not wanted it is not looked at.
  private mutating func buffer(_ field: ArrowField, atLeast byteCount: Int) throws(DataError) -> Bytes {
    guard nextBuffer + 16 <= buffers.count else {
      throw failure("a batch has fewer buffers than its columns", field.name)
    }
    let offset = Int(buffers.loadUnaligned(fromByteOffset: nextBuffer, as: Int64.self))
    let count = Int(buffers.loadUnaligned(fromByteOffset: nextBuffer + 8, as: Int64.self))
    nextBuffer += 16
    guard offset >= 0, count >= 0, offset <= body.count, count <= body.count - offset else {
      throw failure("a buffer lies outside its message", field.name)
    }
    var bytes = body.slice(offset..<offset + count)
    if let codec, count > 0 {
      guard count >= 8 else { throw failure("a compressed buffer has no length", field.name) }
      let length = Int(bytes.pointer.loadUnaligned(as: Int64.self))
      let rest = bytes.slice(8..<count)
      // A length of -1 says that compression would have made it longer.
      bytes = length == -1 ? rest : try codec.decompress(rest, byteCount: length, file: file, item: field.name)
    }
    guard bytes.count >= byteCount else {
      throw failure("a buffer of \(bytes.count) bytes, where \(byteCount) are needed", field.name)
    }
    return bytes
  }

  private mutating func validity(_ field: ArrowField, _ node: (count: Int, nullCount: Int)) throws(DataError) -> Bytes?
  {
    let bytes = try buffer(field, atLeast: node.nullCount == 0 ? 0 : (node.count + 7) / 8)
    return node.nullCount == 0 ? nil : bytes
  }

  private mutating func offsets(_ field: ArrowField, _ count: Int, isWide: Bool) throws(DataError) -> Column.Offsets {
    let width = isWide ? 8 : 4
    // A column without values may leave out its one offset.
    let bytes = try buffer(field, atLeast: count == 0 ? 0 : (count + 1) * width)
    return Column.Offsets(bytes: count == 0 ? bytes.slice(0..<0) : bytes, isWide: isWide)
  }

  /// Throws unless the offsets ascend and end inside `length`.
  private func check(_ offsets: Column.Offsets, _ count: Int, within length: Int, _ field: ArrowField) throws(DataError)
  {
    guard count > 0 else { return }
    var isGood = true
    if offsets.isWide {
      var last: Int64 = 0
      for index in 0...count {
        let offset = offsets.bytes.pointer.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
        isGood = isGood && offset >= last
        last = offset
      }
      isGood = isGood && last <= Int64(length)
    } else {
      var last: Int32 = 0
      for index in 0...count {
        let offset = offsets.bytes.pointer.loadUnaligned(fromByteOffset: index &* 4, as: Int32.self)
        isGood = isGood && offset >= last
        last = offset
      }
      isGood = isGood && Int(last) <= length
    }
    guard isGood else { throw failure("offsets do not ascend within the values", field.name) }
  }

  /// The next column of the batch.
  mutating func column(_ field: ArrowField) throws(DataError) -> Column {
    if let dictionary = field.dictionary { return try dictionaryColumn(field, dictionary.id, dictionary.width) }
    let node = try node(field)
    let count = node.count
    if field.layout.isFree, count > max(rowCount, body.count, ArrowBatchReader.largestFree) {
      throw failure("\(count) values without any bytes", field.name)
    }
    if case .null = field.layout { return Column(type: field.type, count: count, validity: nil, contents: .none) }
    let validity = try validity(field, node)
    let contents: Column.Contents
    switch field.layout {
    case .null: contents = .none
    case .bool: contents = .bits(try buffer(field, atLeast: (count + 7) / 8))
    case .fixed(let width): contents = .fixed(try fixed(field, count, width), width: width)
    case .dateInMilliseconds:
      let bytes = try fixed(field, count, 8)
      contents = .fixed(
        ArrowBatchReader.converted(bytes, count, 8, to: 8) { source, target in
          let day = 86_400_000
          let moment = Int(source.loadUnaligned(as: Int64.self))
          let (days, rest) = moment.quotientAndRemainder(dividingBy: day)
          target.storeBytes(of: Int64(rest < 0 ? days - 1 : days), as: Int64.self)
        }, width: 8)
    case .dayTime:
      let bytes = try fixed(field, count, 8)
      contents = .fixed(
        ArrowBatchReader.converted(bytes, count, 8, to: 16) { source, target in
          target.storeBytes(of: 0, as: Int32.self)
          target.storeBytes(of: source.loadUnaligned(as: Int32.self), toByteOffset: 4, as: Int32.self)
          let milliseconds = source.loadUnaligned(fromByteOffset: 4, as: Int32.self)
          target.storeBytes(of: Int64(milliseconds) * 1_000_000, toByteOffset: 8, as: Int64.self)
        }, width: 16)
    case .variable(let isWide):
      let offsets = try offsets(field, count, isWide: isWide)
      let data = try buffer(field, atLeast: 0)
      try check(offsets, count, within: data.count, field)
      contents = .variable(offsets, data)
    case .views: contents = try views(field, count, validity)
    case .list(let element, let isWide):
      let offsets = try offsets(field, count, isWide: isWide)
      let elements = try column(element)
      try check(offsets, count, within: elements.count, field)
      contents = .list(offsets, elements)
    case .fixedList(let element, let size):
      let elements = try column(element)
      let (needed, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, elements.count >= needed else { throw failure("it has too few elements", field.name) }
      contents = .fixedList(size, elements)
    case .record(let children):
      var columns: [Column] = []
      for child in children {
        let column = try column(child)
        guard column.count >= count else { throw failure("it has too few values", child.name) }
        columns.append(column)
      }
      contents = .record(columns, Record.Names(children.map(\.name)))
    }
    return Column(type: field.type, count: count, validity: validity, contents: contents)
  }

  private mutating func fixed(_ field: ArrowField, _ count: Int, _ width: Int) throws(DataError) -> Bytes {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow else { throw failure("\(count) values of \(width) bytes", field.name) }
    return try buffer(field, atLeast: byteCount)
  }

  private static func converted(
    _ bytes: Bytes, _ count: Int, _ from: Int, to width: Int,
    _ convert: (UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) -> Bytes {
    let storage = Storage(byteCount: count * width)
    for index in 0..<count { convert(bytes.pointer + index * from, storage.pointer + index * width) }
    return Bytes(storage: storage, offset: 0, count: count * width)
  }

  private mutating func dictionaryColumn(_ field: ArrowField, _ id: Int, _ width: Int) throws(DataError) -> Column {
    let node = try node(field)
    let validity = try validity(field, node)
    let bytes = try fixed(field, node.count, width)
    let indices = Column(
      type: .integer(bits: width * 8, signed: true), count: node.count, validity: nil,
      contents: .fixed(bytes, width: width))
    // A column of nulls may come before its dictionary.
    guard let values = dictionaries[id] else {
      guard node.nullCount == node.count else { throw failure("its dictionary is missing", field.name) }
      return Column(type: field.type, count: node.count, validity: nil, contents: .none)
    }
    let column = Column(type: field.type, count: node.count, validity: validity, contents: .dictionary(indices, values))
    for index in 0..<node.count {
      let place = Column.unsigned(bytes.pointer + index &* width, width)
      if place >= values.count || place < 0, !column.isNull(at: index) {
        throw failure("place \(place) in a dictionary of \(values.count) values", field.name)
      }
    }
    return column
  }

  /// Steps over a column's nodes and buffers; gives as many nulls as it has rows.
  mutating func skip(_ field: ArrowField) throws(DataError) -> Column {
    let (count, _) = try node(field)
    func step(_ skipped: Int) { nextBuffer += 16 * skipped }
    if field.dictionary != nil {
      step(2)
    } else {
      switch field.layout {
      case .null: break
      case .bool, .fixed, .dateInMilliseconds, .dayTime: step(2)
      case .variable: step(3)
      case .views:
        guard let viewCounts, nextView + 8 <= viewCounts.count else {
          throw failure("its number of buffers is missing", field.name)
        }
        let bufferCount = Int(viewCounts.loadUnaligned(fromByteOffset: nextView, as: Int64.self))
        guard bufferCount >= 0, bufferCount <= buffers.count / 16 else {
          throw failure("a batch has fewer buffers than its columns", field.name)
        }
        nextView += 8
        step(2 + bufferCount)
      case .list(let element, _):
        step(2)
        _ = try skip(element)
      case .fixedList(let element, _):
        step(1)
        _ = try skip(element)
      case .record(let children):
        step(1)
        for child in children { _ = try skip(child) }
      }
    }
    return Column(type: field.type, count: count, validity: nil, contents: .none)
  }

  /// Views of 16 bytes: a length, then the bytes themselves or where they are in further buffers.
  private mutating func views(_ field: ArrowField, _ count: Int, _ validity: Bytes?) throws(DataError)
    -> Column.Contents
  {
    let views = try fixed(field, count, 16)
    guard let viewCounts, nextView + 8 <= viewCounts.count else {
      throw failure("its number of buffers is missing", field.name)
    }
    let bufferCount = Int(viewCounts.loadUnaligned(fromByteOffset: nextView, as: Int64.self))
    nextView += 8
    guard bufferCount >= 0, bufferCount <= (buffers.count - nextBuffer) / 16 else {
      throw failure("a batch has fewer buffers than its columns", field.name)
    }
    var parts: [Bytes] = []
    for _ in 0..<bufferCount { parts.append(try buffer(field, atLeast: 0)) }
    let mask = Column(type: .null, count: count, validity: validity, contents: .bits(.empty))
    let offsets = Storage(byteCount: (count + 1) * 8)
    var data = GrowingBytes()
    offsets.pointer.storeBytes(of: 0, as: Int64.self)
    for index in 0..<count {
      let view = views.pointer + index * 16
      let length = Int(view.loadUnaligned(as: Int32.self))
      if !mask.isNull(at: index) {
        guard length >= 0 else { throw failure("a view has the length \(length)", field.name) }
        if length <= 12 {
          data.append(view + 4, length)
        } else {
          let part = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
          let start = Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
          guard parts.indices.contains(part), start >= 0, start <= parts[part].count,
            length <= parts[part].count - start
          else { throw failure("a view leads outside its buffers", field.name) }
          try DataLimit.check(data.count + length, file: file, item: field.name)
          data.append(parts[part].pointer + start, length)
        }
      }
      offsets.pointer.storeBytes(of: Int64(data.count), toByteOffset: (index + 1) * 8, as: Int64.self)
    }
    let bytes = Bytes(storage: offsets, offset: 0, count: (count + 1) * 8)
    return .variable(Column.Offsets(bytes: bytes, isWide: true), data.take(0..<data.count))
  }
}
