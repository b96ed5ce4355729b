/// The encodings of values in data pages.
enum ParquetEncoding: Int {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9
}

/// The values of one page, decoded bit by bit as they are asked for.
struct PageValues {
  private enum Form {
    case plain
    case bits(Int)
    case indices(HybridReader)
    case runs(HybridReader)
    case delta(DeltaReader)
    case lengths(DeltaReader)
    case prefixes(DeltaReader, DeltaReader, last: [UInt8])
    case split(index: Int, count: Int)
  }

  private let leaf: ParquetSchema.Leaf
  /// Keeps what the pointers lead into alive.
  private let bytes: Bytes
  private var position: Int
  private let dictionary: LeafValues?
  private var form: Form

  init(
    _ bytes: Bytes, _ encoding: ParquetEncoding, _ leaf: ParquetSchema.Leaf, dictionary: LeafValues?
  ) throws(PageTrouble) {
    self.bytes = bytes
    self.leaf = leaf
    self.dictionary = dictionary
    position = 0
    switch (encoding, leaf.physical) {
    case (.plain, .boolean): form = .bits(0)
    case (.plain, _): form = .plain
    case (.plainDictionary, _), (.rleDictionary, _):
      guard dictionary != nil else { throw PageTrouble("its values are places in a dictionary that is not there") }
      guard bytes.count > 0 else { throw .ends }
      form = .indices(
        try HybridReader(bytes.slice(1..<bytes.count).buffer, width: Int(bytes.buffer[0])))
    case (.rle, .boolean):
      guard bytes.count >= 4 else { throw .ends }
      let length = Int(bytes.pointer.loadUnaligned(as: UInt32.self))
      guard length <= bytes.count - 4 else { throw .ends }
      form = .runs(try HybridReader(bytes.slice(4..<4 + length).buffer, width: 1))
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64): form = .delta(try DeltaReader(bytes.buffer))
    case (.deltaLengthByteArray, .byteArray):
      let lengths = try DeltaReader(bytes.buffer)
      position = try lengths.endPosition() - bytes.pointer
      form = .lengths(lengths)
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedByteArray):
      let prefixes = try DeltaReader(bytes.buffer)
      let start = try prefixes.endPosition() - bytes.pointer
      let lengths = try DeltaReader(bytes.slice(start..<bytes.count).buffer)
      position = try lengths.endPosition() - bytes.pointer
      form = .prefixes(prefixes, lengths, last: [])
    case (.byteStreamSplit, .int32), (.byteStreamSplit, .int64), (.byteStreamSplit, .float),
      (.byteStreamSplit, .double), (.byteStreamSplit, .fixedByteArray):
      guard bytes.count % leaf.byteWidth == 0 else { throw .ends }
      form = .split(index: 0, count: bytes.count / leaf.byteWidth)
    default: throw PageTrouble("encoding \(encoding) does not go with the physical type \(leaf.physical)")
    }
  }

  /// Adds the next `count` values.
  mutating func read(_ count: Int, into values: inout LeafValues) throws(PageTrouble) {
    if count == 0 { return }
    switch form {
    case .plain where leaf.byteWidth > 0:
      let (byteCount, overflow) = count.multipliedReportingOverflow(by: leaf.byteWidth)
      guard !overflow, byteCount <= bytes.count - position else { throw .ends }
      try values.extend(count).copyMemory(from: bytes.pointer + position, byteCount: byteCount)
      position += byteCount
    case .plain: try readPlainVariable(count, &values)
    case .bits(let bit):
      guard count <= bytes.count * 8 - bit else { throw .ends }
      BitUnpacking.unpack(
        bytes.pointer, byteCount: bytes.count, bit: bit, width: 1, count: count,
        to: try values.extend(count).assumingMemoryBound(to: UInt8.self))
      form = .bits(bit + count)
    case .runs(var reader):
      try reader.read(count, to: try values.extend(count).assumingMemoryBound(to: UInt8.self))
      form = .runs(reader)
    case .indices(var reader):
      try PageValues.look(up: count, &reader, in: dictionary!, &values)
      form = .indices(reader)
    case .delta(var reader):
      let isWide = leaf.byteWidth == 8
      try reader.read(count) { (piece) throws(PageTrouble) in
        let target = try values.extend(piece.count)
        if isWide {
          target.copyMemory(from: piece.baseAddress!, byteCount: piece.count * 8)
        } else {
          let words = target.assumingMemoryBound(to: Int32.self)
          for index in 0..<piece.count { words[index] = Int32(truncatingIfNeeded: piece[index]) }
        }
      }
      form = .delta(reader)
    case .lengths(var reader):
      var position = position
      try reader.read(count) { (piece) throws(PageTrouble) in
        position = try copy(lengths: piece, from: position, &values)
      }
      self.position = position
      form = .lengths(reader)
    case .prefixes(var prefixes, var lengths, var last):
      try readPrefixed(count, &prefixes, &lengths, &last, &values)
      form = .prefixes(prefixes, lengths, last: last)
    case .split(let index, let total):
      guard count <= total - index else { throw .ends }
      let target = try values.extend(count)
      let width = leaf.byteWidth
      for stream in 0..<width {
        let source = bytes.pointer + stream * total + index
        for value in 0..<count {
          target.storeBytes(
            of: source.load(fromByteOffset: value, as: UInt8.self), toByteOffset: value &* width &+ stream,
            as: UInt8.self)
        }
      }
      form = .split(index: index + count, count: total)
    }
  }

  private mutating func readPlainVariable(_ count: Int, _ values: inout LeafValues) throws(PageTrouble) {
    let available = bytes.count - position
    guard count <= available / 4 else { throw .ends }
    // All of what is left is enough for the values, and no more than the page.
    try values.reserveVariable(count, byteCount: available + 16)
    let source = bytes.pointer
    let end = bytes.count
    let ends = values.nextEnd
    let target = values.data.end
    let before = values.data.count
    var from = position
    var written = 0
    for index in 0..<count {
      guard end &- from >= 4 else { throw .ends }
      let length = Int(source.loadUnaligned(fromByteOffset: from, as: UInt32.self))
      from &+= 4
      guard length <= end &- from else { throw .ends }
      if length <= 16 && end &- from >= 16 {
        (target + written).copy16(from: source + from)
      } else {
        (target + written).copyMemory(from: source + from, byteCount: length)
      }
      from &+= length
      written &+= length
      ends[index] = Int64(before &+ written)
    }
    position = from
    values.advanceVariable(count, byteCount: written)
  }

  private func copy(
    lengths: UnsafeBufferPointer<Int64>, from start: Int, _ values: inout LeafValues
  ) throws(PageTrouble) -> Int {
    var position = start
    var total = 0
    for length in lengths {
      guard length >= 0, length <= Int64(bytes.count - start - total) else { throw .ends }
      total += Int(length)
    }
    try values.reserveVariable(lengths.count, byteCount: total)
    values.data.end.copyMemory(from: bytes.pointer + position, byteCount: total)
    let ends = values.nextEnd
    var end = Int64(values.data.count)
    for (index, length) in lengths.enumerated() {
      end += length
      ends[index] = end
    }
    values.advanceVariable(lengths.count, byteCount: total)
    position += total
    return position
  }

  private mutating func readPrefixed(
    _ count: Int, _ prefixes: inout DeltaReader, _ lengths: inout DeltaReader, _ last: inout [UInt8],
    _ values: inout LeafValues
  ) throws(PageTrouble) {
    var left = count
    while left > 0 {
      let step = min(left, 256)
      var kept: [Int64] = []
      try prefixes.read(step) { (piece) throws(PageTrouble) in kept += piece }
      var added: [Int64] = []
      try lengths.read(step) { (piece) throws(PageTrouble) in added += piece }
      for index in 0..<step {
        guard kept[index] >= 0, kept[index] <= Int64(last.count), added[index] >= 0,
          added[index] <= Int64(bytes.count - position)
        else { throw .ends }
        last.removeSubrange(Int(kept[index])...)
        last += bytes.buffer[position..<position + Int(added[index])]
        position += Int(added[index])
        if leaf.byteWidth > 0 {
          guard last.count == leaf.byteWidth else {
            throw PageTrouble("a value has \(last.count) bytes, not \(leaf.byteWidth)")
          }
          let target = try values.extend(1)
          last.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        } else {
          try values.reserveVariable(1, byteCount: last.count)
          last.withUnsafeBytes { source in
            if let base = source.baseAddress {
              values.data.end.copyMemory(from: base, byteCount: source.count)
            }
          }
          values.nextEnd.pointee = Int64(values.data.count + last.count)
          values.advanceVariable(1, byteCount: last.count)
        }
      }
      left -= step
    }
  }
}

extension PageValues {
  /// Reads indices and adds what the dictionary has there.
  private static func look(
    up count: Int, _ reader: inout HybridReader, in dictionary: LeafValues, _ values: inout LeafValues
  ) throws(PageTrouble) {
    let capacity = min(count, 4096)
    let indices = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    defer { indices.deallocate() }
    var left = count
    while left > 0 {
      let step = min(left, capacity)
      try reader.read(step, to: indices)
      var largest: UInt32 = 0
      for index in 0..<step { largest = max(largest, indices[index]) }
      guard Int(largest) < dictionary.count else {
        throw PageTrouble("place \(largest) in a dictionary of \(dictionary.count) values")
      }
      try gather(UnsafeBufferPointer(start: indices, count: step), dictionary, &values)
      left -= step
    }
  }

  private static func gather(
    _ indices: UnsafeBufferPointer<UInt32>, _ dictionary: LeafValues, _ values: inout LeafValues
  ) throws(PageTrouble) {
    let source = UnsafeRawPointer(dictionary.data.pointer)
    switch dictionary.width {
    case 4:
      let target = try values.extend(indices.count).assumingMemoryBound(to: UInt32.self)
      let words = source.assumingMemoryBound(to: UInt32.self)
      for index in 0..<indices.count { target[index] = words[Int(indices[index])] }
    case 8:
      let target = try values.extend(indices.count).assumingMemoryBound(to: UInt64.self)
      let words = source.assumingMemoryBound(to: UInt64.self)
      for index in 0..<indices.count { target[index] = words[Int(indices[index])] }
    case 0:
      var total = 0
      for index in indices {
        total &+= dictionary.boundary(Int(index) &+ 1) &- dictionary.boundary(Int(index))
      }
      // Sixteen more: short values are copied in one move.
      try values.reserveVariable(indices.count, byteCount: total + 16)
      let ends = values.nextEnd
      var to = values.data.end
      var end = values.data.count
      let last = dictionary.data.count
      for position in 0..<indices.count {
        let index = Int(indices[position])
        let start = dictionary.boundary(index)
        let length = dictionary.boundary(index &+ 1) &- start
        if length <= 16 && last &- start >= 16 {
          to.copy16(from: source + start)
        } else {
          to.copyMemory(from: source + start, byteCount: length)
        }
        to += length
        end &+= length
        ends[position] = Int64(end)
      }
      values.advanceVariable(indices.count, byteCount: total)
    case let width:
      let target = try values.extend(indices.count)
      for position in 0..<indices.count {
        (target + position &* width).copyMemory(from: source + Int(indices[position]) &* width, byteCount: width)
      }
    }
  }
}
