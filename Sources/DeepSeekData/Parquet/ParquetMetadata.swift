/// What a Parquet file says about itself at its end, as far as reading needs it.
///
/// Source: apache/parquet-format, parquet.thrift.
struct ParquetMetadata: Sendable {
  enum Physical: Int, Sendable {
    case boolean, int32, int64, int96, float, double, byteArray, fixedByteArray
  }

  enum Repetition: Int, Sendable { case required, optional, repeated }

  /// What values mean; the older "converted types" are brought into the same form.
  enum Logical: Sendable, Hashable {
    case string, map, list, decimal(precision: Int, scale: Int), date, time(TimeUnit)
    case timestamp(TimeUnit, isUTC: Bool), integer(bits: Int, signed: Bool), unknown, bytes, uuid, float16, interval
  }

  struct Element: Sendable {
    var physical: Physical?
    var byteWidth = 0
    var repetition = Repetition.required
    var name = ""
    var childCount = 0
    var converted: Int?
    var scale = 0
    var precision = 0
    var logical: Logical?
  }

  struct Chunk: Sendable {
    var physical: Physical?
    var path: [String] = []
    var codec = 0
    var valueCount = 0
    var byteCount = 0
    /// Without compression.
    var contentByteCount = 0
    var dataOffset = 0
    var dictionaryOffset: Int?
    var isEncrypted = false
    var isElsewhere = false
  }

  struct RowGroup: Sendable {
    var chunks: [Chunk] = []
    var rowCount = 0
  }

  var elements: [Element] = []
  var rowCount = 0
  var rowGroups: [RowGroup] = []
  var keyValues: [String: String] = [:]

  init(_ bytes: UnsafeRawBufferPointer, file: String, origin: Int) throws(DataError) {
    var reader = ThriftReader(bytes, file: file, origin: origin)
    var elements: [Element] = []
    var rowCount = 0
    var rowGroups: [RowGroup] = []
    var keyValues: [String: String] = [:]
    try reader.structure { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (2, .list):
        for _ in 0..<(try reader.list(of: .structure)) { elements.append(try Element(&reader)) }
      case (3, .i64): rowCount = try reader.size()
      case (4, .list):
        for _ in 0..<(try reader.list(of: .structure)) { rowGroups.append(try RowGroup(&reader)) }
      case (5, .list):
        for _ in 0..<(try reader.list(of: .structure)) {
          var key = ""
          var value = ""
          try reader.structure(depth: 1) { (reader, number, kind) throws(DataError) in
            switch (number, kind) {
            case (1, .binary): key = try reader.string()
            case (2, .binary): value = try reader.string()
            default: return false
            }
            return true
          }
          keyValues[key] = value
        }
      default: return false
      }
      return true
    }
    self.elements = elements
    self.rowCount = rowCount
    self.rowGroups = rowGroups
    self.keyValues = keyValues
  }
}

extension ParquetMetadata.Element {
  init(_ reader: inout ThriftReader) throws(DataError) {
    var element = ParquetMetadata.Element()
    try reader.structure(depth: 1) { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (1, .i32):
        let code = try reader.integer()
        guard let physical = ParquetMetadata.Physical(rawValue: code) else {
          throw reader.failure("physical type \(code) is not known", .unsupported)
        }
        element.physical = physical
      case (2, .i32): element.byteWidth = try reader.size()
      case (3, .i32):
        let code = try reader.integer()
        guard let repetition = ParquetMetadata.Repetition(rawValue: code) else {
          throw reader.failure("repetition \(code) is not known")
        }
        element.repetition = repetition
      case (4, .binary): element.name = try reader.string()
      case (5, .i32): element.childCount = try reader.size()
      case (6, .i32): element.converted = try reader.integer()
      case (7, .i32): element.scale = try reader.integer()
      case (8, .i32): element.precision = try reader.integer()
      case (10, .structure): element.logical = try ParquetMetadata.Logical.read(&reader)
      default: return false
      }
      return true
    }
    if element.logical == nil, let code = element.converted {
      element.logical = ParquetMetadata.Logical(
        converted: code, precision: element.precision, scale: element.scale)
    }
    self = element
  }
}

extension ParquetMetadata.Logical {
  /// The meaning of an older "converted type"; `nil` where it adds none.
  init?(converted: Int, precision: Int, scale: Int) {
    switch converted {
    case 0, 4, 19: self = .string
    case 1, 2: self = .map
    case 3: self = .list
    case 5: self = .decimal(precision: precision, scale: scale)
    case 6: self = .date
    case 7: self = .time(.millisecond)
    case 8: self = .time(.microsecond)
    case 9: self = .timestamp(.millisecond, isUTC: true)
    case 10: self = .timestamp(.microsecond, isUTC: true)
    case 11...14: self = .integer(bits: 8 << (converted - 11), signed: false)
    case 15...18: self = .integer(bits: 8 << (converted - 15), signed: true)
    case 20: self = .bytes
    case 21: self = .interval
    default: return nil
    }
  }

  static func read(_ reader: inout ThriftReader) throws(DataError) -> ParquetMetadata.Logical? {
    var logical: ParquetMetadata.Logical?
    try reader.structure(depth: 2) { (reader, number, kind) throws(DataError) in
      guard kind == .structure else { return false }
      switch number {
      case 1, 4, 12: logical = .string
      case 2: logical = .map
      case 3: logical = .list
      case 6: logical = .date
      case 11: logical = .unknown
      case 13: logical = .bytes
      case 14: logical = .uuid
      case 15: logical = .float16
      case 5:
        var precision = 0
        var scale = 0
        try reader.structure(depth: 3) { (reader, number, kind) throws(DataError) in
          switch (number, kind) {
          case (1, .i32): scale = try reader.integer()
          case (2, .i32): precision = try reader.integer()
          default: return false
          }
          return true
        }
        logical = .decimal(precision: precision, scale: scale)
        return true
      case 7, 8:
        let isTimestamp = number == 8
        var unit = TimeUnit.millisecond
        var isUTC = false
        try reader.structure(depth: 3) { (reader, number, kind) throws(DataError) in
          if number == 1 { isUTC = kind == .yes }
          guard number == 2, kind == .structure else { return number == 1 }
          try reader.structure(depth: 4) { (reader, number, _) throws(DataError) in
            switch number {
            case 1: unit = .millisecond
            case 2: unit = .microsecond
            case 3: unit = .nanosecond
            default: throw reader.failure("time unit \(number) is not known", .unsupported)
            }
            return false
          }
          return true
        }
        logical = isTimestamp ? .timestamp(unit, isUTC: isUTC) : .time(unit)
        return true
      case 10:
        var bits = 0
        var signed = true
        try reader.structure(depth: 3) { (reader, number, kind) throws(DataError) in
          if number == 2 { signed = kind == .yes }
          guard number == 1, kind == .byte else { return number == 2 }
          bits = Int(try reader.byte())
          return true
        }
        guard [8, 16, 32, 64].contains(bits) else { throw reader.failure("an integer type has \(bits) bits") }
        logical = .integer(bits: bits, signed: signed)
        return true
      default: break
      }
      return false
    }
    return logical
  }
}

extension ParquetMetadata.RowGroup {
  init(_ reader: inout ThriftReader) throws(DataError) {
    var group = ParquetMetadata.RowGroup()
    try reader.structure(depth: 1) { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (1, .list):
        for _ in 0..<(try reader.list(of: .structure)) { group.chunks.append(try ParquetMetadata.Chunk(&reader)) }
      case (3, .i64): group.rowCount = try reader.size()
      default: return false
      }
      return true
    }
    self = group
  }
}

extension ParquetMetadata.Chunk {
  init(_ reader: inout ThriftReader) throws(DataError) {
    var chunk = ParquetMetadata.Chunk()
    try reader.structure(depth: 2) { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (1, .binary):
        chunk.isElsewhere = true
        return false
      case (3, .structure): try chunk.readMetadata(&reader)
      case (8, .structure):
        chunk.isEncrypted = true
        return false
      default: return false
      }
      return true
    }
    self = chunk
  }

  private mutating func readMetadata(_ reader: inout ThriftReader) throws(DataError) {
    var chunk = self
    try reader.structure(depth: 3) { (reader, number, kind) throws(DataError) in
      switch (number, kind) {
      case (1, .i32):
        let code = try reader.integer()
        guard let physical = ParquetMetadata.Physical(rawValue: code) else {
          throw reader.failure("physical type \(code) is not known", .unsupported)
        }
        chunk.physical = physical
      case (3, .list):
        for _ in 0..<(try reader.list(of: .binary)) { chunk.path.append(try reader.string()) }
      case (4, .i32): chunk.codec = try reader.integer()
      case (5, .i64): chunk.valueCount = try reader.size()
      case (6, .i64): chunk.contentByteCount = try reader.size()
      case (7, .i64): chunk.byteCount = try reader.size()
      case (9, .i64): chunk.dataOffset = try reader.size()
      case (11, .i64): chunk.dictionaryOffset = try reader.size()
      default: return false
      }
      return true
    }
    self = chunk
  }
}
