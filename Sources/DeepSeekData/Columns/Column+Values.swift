extension Column {
  /// The value at `index`. Throws ``DataError`` when it is a text whose bytes are not UTF-8.
  public func value(at index: Int) throws(DataError) -> Value {
    if isNull(at: index) { return .null }
    switch contents {
    case .none: return .null
    case .bits(let bytes):
      return .bool(bytes.pointer.load(fromByteOffset: index >> 3, as: UInt8.self) >> UInt8(index & 7) & 1 == 1)
    case .fixed(let bytes, let width):
      return try scalar(UnsafeRawBufferPointer(start: bytes.pointer + index * width, count: width))
    case .variable(let offsets, let data):
      let range = offsets.range(index)
      return try scalar(UnsafeRawBufferPointer(rebasing: data.buffer[range]))
    case .list(let offsets, let elements): return try elements.elements(offsets.range(index), of: type)
    case .fixedList(let size, let elements):
      return try elements.elements(index * size..<index * size + size, of: type)
    case .record(let columns, let names):
      return .record(try ColumnBatch(rowCount: count, columns: columns, names: names).record(at: index))
    case .dictionary(let indices, let values):
      // Which places there are was checked when the column was made.
      guard case .fixed(let bytes, let width) = indices.contents else { return .null }
      return try values.value(at: Column.unsigned(bytes.pointer + index * width, width))
    case .values(let values): return values[index]
    }
  }

  /// All values. Throws as ``value(at:)`` does.
  public func values() throws(DataError) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(count)
    for index in 0..<count { result.append(try value(at: index)) }
    return result
  }

  private func elements(_ range: Range<Int>, of type: ColumnType) throws(DataError) -> Value {
    if case .map = type, case .record(let columns, _) = contents, columns.count == 2 {
      var entries: [Value.MapEntry] = []
      entries.reserveCapacity(range.count)
      for index in range {
        entries.append(Value.MapEntry(key: try columns[0].value(at: index), value: try columns[1].value(at: index)))
      }
      return .map(entries)
    }
    var elements: [Value] = []
    elements.reserveCapacity(range.count)
    for index in range { elements.append(try value(at: index)) }
    return .list(elements)
  }

  /// An unsigned little-endian integer of 1, 2, 4 or 8 bytes.
  static func unsigned(_ pointer: UnsafeRawPointer, _ width: Int) -> Int {
    switch width {
    case 1: Int(pointer.load(as: UInt8.self))
    case 2: Int(pointer.loadUnaligned(as: UInt16.self))
    case 4: Int(pointer.loadUnaligned(as: UInt32.self))
    default: Int(truncatingIfNeeded: pointer.loadUnaligned(as: UInt64.self))
    }
  }

  private static func signed(_ pointer: UnsafeRawPointer, _ width: Int) -> Int {
    switch width {
    case 1: Int(pointer.load(as: Int8.self))
    case 2: Int(pointer.loadUnaligned(as: Int16.self))
    case 4: Int(pointer.loadUnaligned(as: Int32.self))
    default: Int(pointer.loadUnaligned(as: Int64.self))
    }
  }

  private func scalar(_ bytes: UnsafeRawBufferPointer) throws(DataError) -> Value {
    guard let base = bytes.baseAddress, !bytes.isEmpty else {
      return if case .string = type { .string("") } else { .bytes([]) }
    }
    let width = bytes.count
    switch type {
    case .bool: return .bool(bytes[0] != 0)
    case .integer(_, signed: true): return .integer(Column.signed(base, width))
    case .integer(_, signed: false):
      if width == 8 {
        let number = base.loadUnaligned(as: UInt64.self)
        return Int(exactly: number).map { .integer($0) } ?? .unsigned(number)
      }
      return .integer(Column.unsigned(base, width))
    case .float(bits: 64): return .float(base.loadUnaligned(as: Double.self))
    case .float(bits: 32): return .float(Double(base.loadUnaligned(as: Float.self)))
    case .float: return .float(HalfPrecision.value(base.loadUnaligned(as: UInt16.self)))
    case .string:
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DataError(.malformed, "a text is not UTF-8", advice: DataError.writeAgain)
      }
      return .string(text)
    case .uuid: return .string(Column.uuid(bytes))
    case .decimal(_, let scale):
      // Columns hold decimals with the least significant byte first.
      return .decimal(DecimalNumber(bigEndian: bytes.reversed(), scale: scale))
    case .date: return .date(Column.signed(base, width))
    case .time(let unit): return .time(Column.signed(base, width), unit)
    case .timestamp(let unit, _): return .timestamp(Column.signed(base, width), unit)
    case .duration(let unit): return .duration(Column.signed(base, width), unit)
    case .interval:
      let months = Int(base.loadUnaligned(as: Int32.self))
      let days = width >= 8 ? Int(base.loadUnaligned(fromByteOffset: 4, as: Int32.self)) : 0
      let nanoseconds = width >= 16 ? Int(base.loadUnaligned(fromByteOffset: 8, as: Int64.self)) : 0
      return .interval(months: months, days: days, nanoseconds: nanoseconds)
    default: return .bytes(Array(bytes))
    }
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// IEEE 754's 16-bit numbers, which not every platform's Swift has as a type.
enum HalfPrecision {
  static func value(_ bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
