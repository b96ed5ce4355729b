import DeepSeekTensor

/// One primitive column from its values and levels.
struct LeafAssembly {
  let batch: LeafReader.Batch
  let levels: ParquetSchema.Levels

  func column() -> Column {
    let leaf = batch.leaf
    var data = batch.data
    var width = leaf.byteWidth
    switch (leaf.physical, leaf.type) {
    case (.int96, _): (data, width) = (LeafAssembly.moments(data, batch.valueCount), 8)
    case (.fixedByteArray, .decimal): data = LeafAssembly.reversed(data, width: width, batch.valueCount)
    case (.byteArray, .decimal): data = reversedVariable()
    case (.fixedByteArray, .interval): (data, width) = (LeafAssembly.intervals(data, batch.valueCount), 16)
    default: break
    }
    // Entries that are no slots, such as empty lists, leave no gap.
    let slots = LevelCounting.count(batch, atLeast: UInt8(levels.slotDefinition), repeating: UInt8(levels.repetition))
    guard let definitions = batch.definitions, slots != batch.valueCount else {
      let contents = contents(data, width, ends: batch.ends)
      return Column(type: leaf.type, count: slots, validity: nil, contents: contents)
    }
    return spaced(data, width, definitions)
  }

  private func contents(_ data: Bytes, _ width: Int, ends: Bytes?) -> Column.Contents {
    if case .null = batch.leaf.type { return .none }
    guard let ends else { return .fixed(data, width: width) }
    return .variable(Column.Offsets(bytes: ends, isWide: true), data)
  }

  /// Gives nulls a place among the values, and leaves out entries that are no slots of this column.
  private func spaced(_ data: Bytes, _ width: Int, _ definitions: Bytes) -> Column {
    let most = UInt8(batch.leaf.maxDefinition)
    let slot = UInt8(levels.slotDefinition)
    let source = definitions.pointer.assumingMemoryBound(to: UInt8.self)
    var validity = BitmapBuilder(capacity: batch.entryCount)
    for index in 0..<batch.entryCount where source[index] >= slot { validity.append(source[index] == most) }
    let count = validity.count
    let contents: Column.Contents
    switch width {
    case 1: contents = self.contents(spread(data, count, source, UInt8.self), width, ends: nil)
    case 4: contents = self.contents(spread(data, count, source, UInt32.self), width, ends: nil)
    case 8: contents = self.contents(spread(data, count, source, UInt64.self), width, ends: nil)
    default:
      // Wide values stay where they are, and nulls are empty: a null does not take as much as its type is wide.
      let storage = Storage(byteCount: (count + 1) * 8)
      let target = storage.pointer.assumingMemoryBound(to: Int64.self)
      let from = batch.ends?.pointer.assumingMemoryBound(to: Int64.self)
      target[0] = 0
      var value = 0
      var place = 0
      for index in 0..<batch.entryCount where source[index] >= slot {
        value &+= source[index] == most ? 1 : 0
        place &+= 1
        target[place] = from?[value] ?? Int64(value &* width)
      }
      contents = self.contents(data, width, ends: Bytes(storage: storage, offset: 0, count: (count + 1) * 8))
    }
    return Column(type: batch.leaf.type, count: count, validity: validity.finish(), contents: contents)
  }

  private func spread<Word: FixedWidthInteger>(
    _ data: Bytes, _ count: Int, _ source: UnsafePointer<UInt8>, _ word: Word.Type
  ) -> Bytes {
    let (slot, most) = (UInt8(levels.slotDefinition), UInt8(batch.leaf.maxDefinition))
    let storage = Storage(byteCount: count * MemoryLayout<Word>.size)
    let from = data.pointer.assumingMemoryBound(to: Word.self)
    let target = storage.pointer.assumingMemoryBound(to: Word.self)
    var value = 0
    var place = 0
    for index in 0..<batch.entryCount where source[index] >= slot {
      if source[index] == most {
        target[place] = from[value]
        value &+= 1
      } else {
        target[place] = 0
      }
      place &+= 1
    }
    return Bytes(storage: storage, offset: 0, count: count * MemoryLayout<Word>.size)
  }

  /// INT96: nanoseconds of the day, and the day's Julian number; as nanoseconds since 1970.
  private static func moments(_ data: Bytes, _ count: Int) -> Bytes {
    let julianDayOf1970: Int64 = 2_440_588
    let nanosecondsPerDay: Int64 = 86_400_000_000_000
    let storage = Storage(byteCount: count * 8)
    for index in 0..<count {
      let nanoseconds = data.pointer.loadUnaligned(fromByteOffset: index * 12, as: Int64.self)
      let day = Int64(data.pointer.loadUnaligned(fromByteOffset: index * 12 + 8, as: UInt32.self))
      let moment = (day - julianDayOf1970) &* nanosecondsPerDay &+ nanoseconds
      storage.pointer.storeBytes(of: moment, toByteOffset: index * 8, as: Int64.self)
    }
    return Bytes(storage: storage, offset: 0, count: count * 8)
  }

  /// Months, days and milliseconds, of 32 bits each; as months and days of 32 bits and nanoseconds of 64.
  private static func intervals(_ data: Bytes, _ count: Int) -> Bytes {
    let storage = Storage(byteCount: count * 16)
    for index in 0..<count {
      let target = storage.pointer + index * 16
      target.copyMemory(from: data.pointer + index * 12, byteCount: 8)
      let milliseconds = data.pointer.loadUnaligned(fromByteOffset: index * 12 + 8, as: UInt32.self)
      target.storeBytes(of: Int64(milliseconds) * 1_000_000, toByteOffset: 8, as: Int64.self)
    }
    return Bytes(storage: storage, offset: 0, count: count * 16)
  }

  private static func reversed(_ data: Bytes, width: Int, _ count: Int) -> Bytes {
    let storage = Storage(byteCount: count * width)
    let target = storage.pointer.assumingMemoryBound(to: UInt8.self)
    let source = data.pointer.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count {
      for byte in 0..<width {
        target[index &* width &+ byte] = source[index &* width &+ width &- 1 &- byte]
      }
    }
    return Bytes(storage: storage, offset: 0, count: count * width)
  }

  private func reversedVariable() -> Bytes {
    guard let ends = batch.ends else { return batch.data }
    let storage = Storage(byteCount: batch.data.count)
    let offsets = Column.Offsets(bytes: ends, isWide: true)
    for index in 0..<batch.valueCount {
      let range = offsets.range(index)
      for byte in range {
        storage.pointer.storeBytes(
          of: batch.data.buffer[range.upperBound - 1 - (byte - range.lowerBound)], toByteOffset: byte, as: UInt8.self)
      }
    }
    return Bytes(storage: storage, offset: 0, count: batch.data.count)
  }
}
