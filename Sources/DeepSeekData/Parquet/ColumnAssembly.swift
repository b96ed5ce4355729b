import DeepSeekTensor

/// Puts values and levels together into columns, nested as the schema has them.
struct ColumnAssembly {
  let file: String
  /// By the leaf's index.
  let batches: [Int: LeafReader.Batch]

  func column(_ node: ParquetSchema.Node, rows: Int) throws(DataError) -> Column {
    let column = try column(node)
    guard column.count == rows else {
      throw failure(node, "\(column.count) rows, where the row group has \(rows)")
    }
    return column
  }

  private func failure(_ node: ParquetSchema.Node, _ message: String) -> DataError {
    DataError(.malformed, file: file, item: node.leaves.first?.name, message, advice: DataError.writeAgain)
  }

  private func column(_ node: ParquetSchema.Node) throws(DataError) -> Column {
    switch node {
    case .leaf(let leaf, let levels):
      guard let batch = batches[leaf.index] else { throw failure(node, "it was not read") }
      return LeafAssembly(batch: batch, levels: levels).column()
    case .record(let children, let names, let fields, let levels):
      var columns: [Column] = []
      for child in children { columns.append(try column(child)) }
      guard let first = node.leaves.first, let batch = batches[first.index] else {
        throw failure(node, "it has no columns")
      }
      let (count, validity) = slots(batch, levels)
      for (child, column) in zip(children, columns) where column.count != count {
        throw failure(child, "it and its neighbours have lists of different lengths")
      }
      return Column(type: .record(fields), count: count, validity: validity, contents: .record(columns, names))
    case .list(let elementNode, let isMap, let definition, let repetition, let levels):
      let elements = try column(elementNode)
      guard let first = node.leaves.first, let batch = batches[first.index] else {
        throw failure(node, "it has no columns")
      }
      let (count, validity) = slots(batch, levels)
      let offsets = self.offsets(batch, levels, definition, repetition, count)
      guard offsets.range(count - 1, in: count).upperBound == elements.count else {
        throw failure(node, "its lists and their elements do not fit together")
      }
      var type = ColumnType.list(elements.type)
      if isMap, case .record(let fields) = elements.type, fields.count == 2 {
        type = .map(key: fields[0].type, value: fields[1].type)
      }
      return Column(type: type, count: count, validity: validity, contents: .list(offsets, elements))
    }
  }

  /// How many slots a node has, and which of them are not null.
  private func slots(_ batch: LeafReader.Batch, _ levels: ParquetSchema.Levels) -> (Int, Bytes?) {
    guard let definitions = batch.definitions else { return (batch.entryCount, nil) }
    let present = UInt8(levels.definition)
    let slot = UInt8(levels.slotDefinition)
    let repetition = UInt8(levels.repetition)
    let count = LevelCounting.count(batch, atLeast: slot, repeating: repetition)
    if count == LevelCounting.count(batch, atLeast: present, repeating: repetition) { return (count, nil) }
    var validity = BitmapBuilder(capacity: count)
    let definition = definitions.pointer.assumingMemoryBound(to: UInt8.self)
    let repetitions = batch.repetitions?.pointer.assumingMemoryBound(to: UInt8.self)
    for index in 0..<batch.entryCount {
      if definition[index] < slot { continue }
      if let repetitions, repetitions[index] > repetition { continue }
      validity.append(definition[index] >= present)
    }
    return (validity.count, validity.finish())
  }

  private func offsets(
    _ batch: LeafReader.Batch, _ levels: ParquetSchema.Levels, _ elementDefinition: Int, _ elementRepetition: Int,
    _ count: Int
  ) -> Column.Offsets {
    let storage = Storage(byteCount: (count + 1) * 8)
    let offsets = storage.pointer.assumingMemoryBound(to: Int64.self)
    // A list has levels, or it would be none.
    let definitions = batch.definitions!.pointer.assumingMemoryBound(to: UInt8.self)
    let repetitions = batch.repetitions!.pointer.assumingMemoryBound(to: UInt8.self)
    let (slotRepetition, slotDefinition) = (UInt8(levels.repetition), UInt8(levels.slotDefinition))
    let (repetition, definition) = (UInt8(elementRepetition), UInt8(elementDefinition))
    var slot = 0
    var elements: Int64 = 0
    for index in 0..<batch.entryCount {
      if repetitions[index] <= slotRepetition && definitions[index] >= slotDefinition {
        offsets[slot] = elements
        slot &+= 1
      }
      elements &+= repetitions[index] <= repetition && definitions[index] >= definition ? 1 : 0
    }
    offsets[count] = elements
    if count == 0 { offsets[0] = 0 }
    return Column.Offsets(bytes: Bytes(storage: storage, offset: 0, count: (count + 1) * 8), isWide: true)
  }
}

extension Column.Offsets {
  /// The run of `index`, or an empty one when there is no such run.
  fileprivate func range(_ index: Int, in count: Int) -> Range<Int> {
    count == 0 ? 0..<0 : 0..<range(index).upperBound
  }
}

/// Counts of levels, as loops that vectorize.
enum LevelCounting {
  static func count(_ levels: UnsafeRawPointer, _ count: Int, equalTo level: UInt8) -> Int {
    let levels = levels.assumingMemoryBound(to: UInt8.self)
    var result = 0
    for index in 0..<count { result &+= levels[index] == level ? 1 : 0 }
    return result
  }

  /// Entries with a definition level of at least `definition` and a repetition level of at most `repetition`.
  static func count(_ batch: LeafReader.Batch, atLeast definition: UInt8, repeating repetition: UInt8) -> Int {
    guard let definitions = batch.definitions?.pointer.assumingMemoryBound(to: UInt8.self) else {
      return batch.entryCount
    }
    var result = 0
    if repetition < batch.leaf.maxRepetition,
      let repetitions = batch.repetitions?.pointer.assumingMemoryBound(to: UInt8.self)
    {
      for index in 0..<batch.entryCount {
        result &+= (definitions[index] >= definition ? 1 : 0) & (repetitions[index] <= repetition ? 1 : 0)
      }
    } else {
      for index in 0..<batch.entryCount { result &+= definitions[index] >= definition ? 1 : 0 }
    }
    return result
  }
}

/// Bits, one after another.
struct BitmapBuilder {
  private let storage: Storage
  private(set) var count = 0
  private var word: UInt8 = 0
  private var hasZero = false

  init(capacity: Int) { storage = Storage(byteCount: (capacity + 7) / 8) }

  mutating func append(_ bit: Bool) {
    if bit { word |= 1 << UInt8(count & 7) } else { hasZero = true }
    count += 1
    if count & 7 == 0 {
      storage.pointer.storeBytes(of: word, toByteOffset: count / 8 - 1, as: UInt8.self)
      word = 0
    }
  }

  /// The bits; `nil` when all are one.
  mutating func finish() -> Bytes? {
    guard hasZero else { return nil }
    if count & 7 != 0 { storage.pointer.storeBytes(of: word, toByteOffset: count / 8, as: UInt8.self) }
    return Bytes(storage: storage, offset: 0, count: (count + 7) / 8)
  }
}
