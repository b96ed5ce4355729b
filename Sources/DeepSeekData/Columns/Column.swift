import DeepSeekTensor

/// The values of one column for a run of rows, side by side in memory as Arrow lays them out.
public struct Column: Sendable {
  /// The type of the values.
  public let type: ColumnType
  /// How many values, nulls counted.
  public let count: Int
  /// A bit for each value, least significant first: 1 where there is one. `nil` when all are there.
  let validity: Bytes?
  let contents: Contents

  /// How values lie in memory. Whoever makes one has checked that every offset and index in it leads inside.
  indirect enum Contents: Sendable {
    /// No values at all: all are null.
    case none
    /// One bit each.
    case bits(Bytes)
    /// So many bytes each.
    case fixed(Bytes, width: Int)
    /// Runs of bytes between offsets.
    case variable(Offsets, Bytes)
    /// Runs of a column's values between offsets.
    case list(Offsets, Column)
    /// Runs of so many values.
    case fixedList(Int, Column)
    /// One column for each field.
    case record([Column], Record.Names)
    /// Places in another column.
    case dictionary(Column, Column)
    /// The values themselves.
    case values([Value])
  }

  /// Where runs begin and end: one more than there are runs.
  struct Offsets: Sendable {
    let bytes: Bytes
    let isWide: Bool

    /// The part of `index`, from 0.
    func range(_ index: Int) -> Range<Int> {
      if isWide {
        let start = bytes.pointer.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self)
        let end = bytes.pointer.loadUnaligned(fromByteOffset: index &* 8 &+ 8, as: Int64.self)
        return Int(start)..<Int(end)
      }
      let start = bytes.pointer.loadUnaligned(fromByteOffset: index &* 4, as: Int32.self)
      let end = bytes.pointer.loadUnaligned(fromByteOffset: index &* 4 &+ 4, as: Int32.self)
      return Int(start)..<Int(end)
    }
  }

  /// Whether the value at `index` is null.
  public func isNull(at index: Int) -> Bool {
    precondition(index >= 0 && index < count, "Column: index \(index) of \(count)")
    if case .none = contents { return true }
    guard let validity else { return false }
    return validity.pointer.load(fromByteOffset: index >> 3, as: UInt8.self) >> UInt8(index & 7) & 1 == 0
  }

  /// How many values are null.
  public var nullCount: Int {
    if case .none = contents { return count }
    guard let validity else { return 0 }
    var present = 0
    let whole = count >> 3
    for index in 0..<whole {
      present += validity.pointer.load(fromByteOffset: index, as: UInt8.self).nonzeroBitCount
    }
    for index in whole << 3..<count where !isNull(at: index) { present += 1 }
    return count - present
  }
}

/// A run of rows, column by column.
public struct ColumnBatch: Sendable {
  /// How many rows.
  public let rowCount: Int
  /// The columns in order, each with ``rowCount`` values.
  public let columns: [Column]
  /// The columns' names, in order.
  public let names: Record.Names

  init(rowCount: Int, columns: [Column], names: Record.Names) {
    self.rowCount = rowCount
    self.columns = columns
    self.names = names
  }

  /// The column of a name; `nil` when there is none.
  public subscript(name: String) -> Column? { names.position(of: name).map { columns[$0] } }

  /// One row. Throws ``DataError`` when a text is not UTF-8.
  public func record(at row: Int) throws(DataError) -> Record {
    var values: [Value] = []
    values.reserveCapacity(columns.count)
    for (index, column) in columns.enumerated() {
      do throws(DataError) {
        values.append(try column.value(at: row))
      } catch {
        throw DataError(error.kind, item: names.all[index], error.message, advice: error.advice)
      }
    }
    return Record(names: names, values: values)
  }
}
