/// Reads one primitive column of one row group, page by page: no more than a page and a dictionary are in memory besides
/// what was asked for.
struct LeafReader {
  /// Rows of one column before they are put together: the levels of each entry, and the values that are there.
  struct Batch {
    let leaf: ParquetSchema.Leaf
    let entryCount: Int
    /// A byte for each entry; `nil` where the level is always 0.
    let definitions: Bytes?
    let repetitions: Bytes?
    let valueCount: Int
    let data: Bytes
    let ends: Bytes?
  }

  private let file: DataFile
  private let leaf: ParquetSchema.Leaf
  private let chunk: ParquetMetadata.Chunk
  private let codec: Codec
  private var position: Int
  private let end: Int
  private var dictionary: LeafValues?
  /// Entries of the chunk that no page has given yet, and of the present page that were not read yet.
  private var chunkRemaining: Int
  private var pageRemaining = 0
  /// Keeps the levels' bytes alive.
  private var pageBytes = Bytes.empty
  private var definitionReader: LevelReader?
  private var repetitionReader: LevelReader?
  private var pageValues: PageValues?
  // What was read and not yet taken.
  private var definitions = GrowingBytes()
  private var repetitions = GrowingBytes()
  private var values: LeafValues
  /// Entries among `definitions` that have a value are counted when levels are read.
  private var entryCount = 0

  /// Entries that are decoded at a time.
  private static let step = 1 << 16
  /// Elements that a row may have whatever its column's bytes.
  private static let largestRow = 1 << 20
  /// Entries that may be in memory at once whatever the file's bytes: run lengths can declare nulls and empty lists without
  /// end in a few bytes. A longer file may have more of them for each of its bytes.
  private static let freeEntries = 1 << 22
  private static let entriesPerByte = 64

  init(_ file: DataFile, _ chunk: ParquetMetadata.Chunk, _ leaf: ParquetSchema.Leaf) throws(DataError) {
    self.file = file
    self.leaf = leaf
    self.chunk = chunk
    values = LeafValues(width: leaf.byteWidth)
    chunkRemaining = chunk.valueCount
    let start = min(chunk.dataOffset, chunk.dictionaryOffset.flatMap { $0 > 0 ? $0 : nil } ?? chunk.dataOffset)
    position = start
    guard start >= 4, start <= file.count, chunk.byteCount <= file.count - start else {
      throw DataError(
        .truncated, file: file.path, item: leaf.name, offset: start,
        "its \(chunk.byteCount) bytes reach beyond the end of the file, at \(file.count)",
        advice: DataError.downloadAgain)
    }
    end = start + chunk.byteCount
    switch chunk.codec {
    case 0: codec = .none
    case 1: codec = .snappy
    case 2: codec = .gzip
    case 4: codec = .brotli
    case 5: codec = .lz4Hadoop
    case 6: codec = .zstd
    case 7: codec = .lz4
    case let code:
      throw DataError(
        .unsupported, file: file.path, item: leaf.name, "compression \(code) is not known",
        advice: "write the file with Snappy, gzip, Brotli, LZ4, Zstandard or none")
    }
    guard !chunk.isEncrypted else {
      throw DataError(
        .unsupported, file: file.path, item: leaf.name, "it is encrypted", advice: "decrypt the file first")
    }
    guard !chunk.isElsewhere else {
      throw DataError(.unsupported, file: file.path, item: leaf.name, "its values are in another file")
    }
    guard chunk.physical == leaf.physical else {
      throw failure("its physical type differs between the schema and the row group")
    }
  }

  private func failure(_ message: String, _ kind: DataError.Kind = .malformed) -> DataError {
    DataError(kind, file: file.path, item: leaf.name, offset: position, message, advice: DataError.writeAgain)
  }

  /// The next `rows` rows, which must be there.
  mutating func read(rows: Int) throws(DataError) -> Batch {
    leaf.maxRepetition == 0 ? try readFlat(rows) : try readNested(rows)
  }

  /// Leaves out the next `rows` rows. Whole pages of flat columns are stepped over without being opened.
  mutating func skip(rows: Int) throws(DataError) {
    var left = rows
    if leaf.maxRepetition == 0 {
      while left > 0 {
        if pageRemaining == 0, try !nextPage(skippingUpTo: &left) { break }
        if left == 0 { return }
        let step = min(left, pageRemaining, LeafReader.step)
        _ = try readFlat(step)
        left -= step
      }
      guard left == 0 else { throw failure("its pages end before its rows do", .truncated) }
    } else {
      while left > 0 {
        let step = min(left, LeafReader.step)
        _ = try readNested(step)
        left -= step
      }
    }
  }

  private mutating func readFlat(_ rows: Int) throws(DataError) -> Batch {
    var left = rows
    let share = Double(min(rows, chunk.valueCount)) / Double(max(chunk.valueCount, 1))
    values.expect(
      rows, byteCount: Int(share * Double(min(chunk.contentByteCount, 1 << 50))),
      limit: max(chunk.byteCount, LeafReader.step) &* 16)
    while left > 0 {
      if pageRemaining == 0 {
        var nothing = 0
        guard try nextPage(skippingUpTo: &nothing) else {
          throw failure("its pages end before its rows do", .truncated)
        }
      }
      let step = min(left, pageRemaining, LeafReader.step)
      try decode(step)
      left -= step
    }
    return take(entries: entryCount)
  }

  private mutating func readNested(_ rows: Int) throws(DataError) -> Batch {
    // The rows end where the entry begins that opens one row more, or at the chunk's end.
    var begun = 0
    var searched = 0
    // A run-length can declare entries without end in a few bytes.
    let perRow = max(LeafReader.largestRow, chunk.byteCount.multipliedReportingOverflow(by: 64).partialValue)
    let (most, overflow) = perRow.multipliedReportingOverflow(by: rows)
    let largest = overflow ? .max : most
    while true {
      let levels = repetitions.pointer.assumingMemoryBound(to: UInt8.self)
      if searched == 0 && entryCount > 0 && levels[0] != 0 { throw failure("a row begins inside a list") }
      let beginnings = LevelCounting.count(levels + searched, entryCount - searched, equalTo: 0)
      if begun + beginnings <= rows {
        begun += beginnings
      } else {
        while true {
          if levels[searched] == 0 {
            if begun == rows { return take(entries: searched) }
            begun += 1
          }
          searched += 1
        }
      }
      searched = entryCount
      guard entryCount <= largest else { throw failure("its rows have more than \(perRow) elements", .tooLarge) }
      if pageRemaining == 0 {
        var nothing = 0
        if try !nextPage(skippingUpTo: &nothing) { break }
      }
      try decode(min(pageRemaining, max(256, min(rows, LeafReader.step))))
    }
    guard begun == rows else { throw failure("its pages end before its rows do", .truncated) }
    return take(entries: entryCount)
  }

  /// Decodes `count` entries of the present page.
  private mutating func decode(_ count: Int) throws(DataError) {
    let (more, overflow) = file.count.multipliedReportingOverflow(by: LeafReader.entriesPerByte)
    let most = overflow ? .max : max(LeafReader.freeEntries, more)
    guard entryCount <= most - count else {
      throw DataError(
        .tooLarge, file: file.path, item: leaf.name,
        "more than \(most) values, most of them null, in a file of \(file.count) bytes",
        advice: "read it row by row")
    }
    do throws(PageTrouble) {
      var present = count
      if leaf.maxRepetition > 0 {
        try LeafReader.levels(count, &repetitionReader, limit: leaf.maxRepetition, &repetitions)
      }
      if leaf.maxDefinition > 0 {
        try LeafReader.levels(count, &definitionReader, limit: leaf.maxDefinition, &definitions)
        present = LevelCounting.count(definitions.end - count, count, equalTo: UInt8(leaf.maxDefinition))
      }
      if present > 0 {
        if pageValues == nil { throw .ends }
        try pageValues!.read(present, into: &values)
      }
    } catch {
      throw failure(error.message)
    }
    entryCount += count
    pageRemaining -= count
  }

  private static func levels(
    _ count: Int, _ reader: inout LevelReader?, limit: Int, _ levels: inout GrowingBytes
  ) throws(PageTrouble) {
    guard levels.count + count <= DataLimit.largestBlock else {
      throw PageTrouble("its levels take more than \(DataLimit.largestBlock) bytes")
    }
    levels.reserve(count)
    let target = levels.end.assumingMemoryBound(to: UInt8.self)
    if reader == nil { throw PageTrouble("a page has no levels") }
    try reader!.read(count, to: target)
    // When the largest level has all bits set, no other number can stand there.
    if limit & (limit + 1) != 0 {
      var largest: UInt8 = 0
      for index in 0..<count { largest = max(largest, target[index]) }
      guard Int(largest) <= limit else { throw PageTrouble("a level of \(largest), where \(limit) is the most") }
    }
    levels.advance(count)
  }

  /// Takes the first entries out of what was read.
  private mutating func take(entries: Int) -> Batch {
    var present = values.count
    if entries < entryCount {
      present = LevelCounting.count(definitions.pointer, entries, equalTo: UInt8(leaf.maxDefinition))
    }
    let isAll = entries == entryCount
    let (data, ends) = values.take(present)
    let definitionBytes = leaf.maxDefinition > 0 ? definitions.take(0..<entries) : nil
    let repetitionBytes = leaf.maxRepetition > 0 ? repetitions.take(0..<entries) : nil
    if !isAll {
      if leaf.maxDefinition > 0 { definitions.removeFirst(entries) }
      if leaf.maxRepetition > 0 { repetitions.removeFirst(entries) }
    }
    entryCount -= entries
    return Batch(
      leaf: leaf, entryCount: entries, definitions: definitionBytes, repetitions: repetitionBytes,
      valueCount: present, data: data, ends: ends)
  }
}

extension LeafReader {
  /// Opens the next page with entries; `false` when there is none. Pages of at most `skipped` entries are stepped over,
  /// and `skipped` lessened by theirs.
  private mutating func nextPage(skippingUpTo skipped: inout Int) throws(DataError) -> Bool {
    while chunkRemaining > 0 && position < end {
      let start = position
      let rest = file.bytes.slice(position..<end)
      let header = try PageHeader(rest.buffer, file: file.path, origin: position)
      guard header.storedByteCount <= rest.count - header.headByteCount else {
        throw failure("a page reaches beyond its column", .truncated)
      }
      position += header.headByteCount + header.storedByteCount
      let stored = rest.slice(header.headByteCount..<header.headByteCount + header.storedByteCount)
      switch header.kind {
      case .index: continue
      case .dictionary:
        try verify(stored, header, start)
        try readDictionary(stored, header)
      case .data, .dataV2:
        guard header.valueCount <= chunkRemaining else { throw failure("its pages have more values than it") }
        chunkRemaining -= header.valueCount
        if header.valueCount == 0 { continue }
        if header.valueCount <= skipped {
          skipped -= header.valueCount
          if skipped == 0 { return true }
          continue
        }
        try verify(stored, header, start)
        do throws(PageTrouble) {
          if header.kind == .data { try openPage(stored, header) } else { try openPageV2(stored, header) }
        } catch {
          throw failure(error.message)
        }
        pageRemaining = header.valueCount
        return true
      }
    }
    return false
  }

  private func verify(_ stored: Bytes, _ header: PageHeader, _ start: Int) throws(DataError) {
    guard let checksum = header.checksum else { return }
    if Gzip.checksum(stored.buffer) != UInt(UInt32(truncatingIfNeeded: checksum)) {
      throw DataError(
        .checksumMismatch, file: file.path, item: leaf.name, offset: start,
        "a page's bytes do not have the checksum that was written with them", advice: DataError.downloadAgain)
    }
  }

  private mutating func readDictionary(_ stored: Bytes, _ header: PageHeader) throws(DataError) {
    let bytes = try codec.decompress(stored, byteCount: header.byteCount, file: file.path, item: leaf.name)
    guard leaf.physical != .boolean else { throw failure("Booleans have a dictionary") }
    do throws(PageTrouble) {
      var values = LeafValues(width: leaf.byteWidth)
      var page = try PageValues(bytes, .plain, leaf, dictionary: nil)
      try page.read(header.valueCount, into: &values)
      dictionary = values
    } catch {
      throw failure(error.message)
    }
  }

  private func encoding(_ code: Int) throws(PageTrouble) -> ParquetEncoding {
    guard let encoding = ParquetEncoding(rawValue: code) else { throw PageTrouble("encoding \(code) is not known") }
    return encoding
  }

  private mutating func openPage(_ stored: Bytes, _ header: PageHeader) throws(PageTrouble) {
    let bytes = try plain(stored, header.byteCount)
    var start = 0
    repetitionReader = try levelReader(bytes, &start, leaf.maxRepetition, header.repetitionEncoding, header.valueCount)
    definitionReader = try levelReader(bytes, &start, leaf.maxDefinition, header.definitionEncoding, header.valueCount)
    pageBytes = bytes
    pageValues = try values(bytes.slice(start..<bytes.count), header)
  }

  private mutating func openPageV2(_ stored: Bytes, _ header: PageHeader) throws(PageTrouble) {
    let levels = header.repetitionByteCount + header.definitionByteCount
    guard levels <= stored.count, levels <= header.byteCount else { throw .ends }
    let repetitions = stored.slice(0..<header.repetitionByteCount)
    let definitions = stored.slice(header.repetitionByteCount..<levels)
    repetitionReader = try hybridReader(repetitions, leaf.maxRepetition)
    definitionReader = try hybridReader(definitions, leaf.maxDefinition)
    pageBytes = stored
    let body = stored.slice(levels..<stored.count)
    pageValues = try values(header.isCompressed ? try plain(body, header.byteCount - levels) : body, header)
  }

  /// A page without values, all of them null, may have no bytes to begin decoding with.
  private func values(_ bytes: Bytes, _ header: PageHeader) throws(PageTrouble) -> PageValues? {
    if bytes.count == 0 && leaf.maxDefinition > 0 { return nil }
    return try PageValues(bytes, try encoding(header.encoding), leaf, dictionary: dictionary)
  }

  private func plain(_ stored: Bytes, _ byteCount: Int) throws(PageTrouble) -> Bytes {
    do throws(DataError) {
      return try codec.decompress(stored, byteCount: byteCount, file: file.path, item: leaf.name)
    } catch {
      throw PageTrouble(error.advice.isEmpty ? error.message : "\(error.message) (\(error.advice))")
    }
  }

  private static func bits(_ largest: Int) -> Int { Int.bitWidth - largest.leadingZeroBitCount }

  /// Runs and bit-packed groups; `nil` where the level is always 0.
  private func hybridReader(_ bytes: Bytes, _ largest: Int) throws(PageTrouble) -> LevelReader? {
    largest == 0 ? nil : .hybrid(try HybridReader(bytes.buffer, width: LeafReader.bits(largest)))
  }

  /// The levels that begin at `start`, which is moved behind them.
  private func levelReader(
    _ bytes: Bytes, _ start: inout Int, _ largest: Int, _ encoding: Int, _ count: Int
  ) throws(PageTrouble) -> LevelReader? {
    if largest == 0 { return nil }
    switch ParquetEncoding(rawValue: encoding) {
    case .rle:
      guard bytes.count - start >= 4 else { throw .ends }
      let length = Int(bytes.pointer.loadUnaligned(fromByteOffset: start, as: UInt32.self))
      guard length <= bytes.count - start - 4 else { throw .ends }
      defer { start += 4 + length }
      return try hybridReader(bytes.slice(start + 4..<start + 4 + length), largest)
    case .bitPacked:
      let levels = try PackedLevels(
        bytes.slice(start..<bytes.count).buffer, width: LeafReader.bits(largest), count: count)
      start += levels.byteCount
      return .packed(levels)
    default: throw PageTrouble("levels in encoding \(encoding), which is none of levels")
    }
  }
}
