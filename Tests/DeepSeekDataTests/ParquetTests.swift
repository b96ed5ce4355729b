import DeepSeekJSON
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("Parquet files give the values that pyarrow wrote")
struct ParquetTests {
  @Test(
    "every type, with nulls, whatever the compression and page version",
    arguments: [
      "types_snappy.parquet", "types_v2_zstd.parquet", "types_plain_gzip.parquet", "types_lz4.parquet",
      "types_brotli.parquet",
    ])
  func types(_ name: String) throws {
    compare(try columns(.fromParquet(fixture(name))), try expected("types.json"), name)
  }

  @Test(
    "lists, structs and maps within each other, in pages that end anywhere",
    arguments: ["nested_v1.parquet", "nested_v2.parquet", "nested_one_page.parquet"])
  func nested(_ name: String) throws {
    compare(try columns(.fromParquet(fixture(name))), try expected("nested.json"), name)
  }

  @Test(
    "delta, byte stream split and run-length encodings", arguments: ["encodings_v1.parquet", "encodings_v2.parquet"])
  func encodings(_ name: String) throws {
    compare(try columns(.fromParquet(fixture(name))), try expected("encodings.json"), name)
  }

  @Test("levels in the encoding of the format's first files, and those that end too soon")
  func bitPackedLevels() throws {
    let found = try columns(.fromParquet(fixture("bit_packed.parquet")))
    let numbers = (0..<12).map { $0 % 3 == 0 ? JSONValue.null : .integer($0 * 100 - 300) }
    let lists: JSONValue = [
      nil, [], [nil], [1, 2], [3], [], [4, nil, 5], nil, [6, 7, 8, 9, 10], [11], [12, 13], [],
    ]
    #expect(found["number"] == numbers)
    #expect(found["list"] == lists.array)
    // The description's own example: the numbers from 0 on in three bits each.
    let example: [UInt8] = [0b0000_0101, 0b0011_1001, 0b0111_0111]
    try example.withUnsafeBytes { bytes in
      var levels = try PackedLevels(bytes, width: 3, count: 8)
      var numbers = [UInt8](repeating: 0, count: 8)
      try numbers.withUnsafeMutableBufferPointer { target in
        try levels.read(3, to: target.baseAddress!)
        try levels.read(5, to: target.baseAddress! + 3)
      }
      #expect(numbers == Array(0..<8))
      #expect(throws: PageTrouble.self) { try levels.read(1, to: &numbers) }
      #expect(throws: PageTrouble.self) { try PackedLevels(bytes, width: 3, count: 9) }
      #expect(throws: PageTrouble.self) { try PackedLevels(bytes, width: 3, count: .max) }
    }
  }

  @Test("DuckDB's files: intervals, JSON, enumerations, both page versions", arguments: ["duckdb_v1", "duckdb_v2"])
  func otherWriter(_ name: String) throws {
    compare(try columns(.fromParquet(fixture("\(name).parquet"))), try expected("duckdb.json"), name)
    let fields = try ParquetFile(path: fixture("\(name).parquet")).fields
    #expect(fields.first { $0.name == "interval" }?.type == .interval)
    #expect(fields.first { $0.name == "json" }?.type == .string)
  }

  @Test("96-bit timestamps")
  func int96() throws {
    let wanted = try expected("types.json")
    let found = try columns(.fromParquet(fixture("int96.parquet")))
    // Units are lost in this type: all are nanoseconds, and the texts of the same moments are equal.
    for name in ["timestamp_ms", "timestamp_us", "timestamp_ns"] {
      let texts = try #require(found[name]).map { $0.string.map(CalendarMoment.init) }
      let expected = try #require(wanted[name]?.array).map { $0.string.map(CalendarMoment.init) }
      #expect(texts == expected, "\(name)")
    }
  }

  @Test(
    "small files of every compression, page version and encoding, and their Arrow twins",
    arguments: [
      "t_none.parquet", "t_snappy.parquet", "t_gzip.parquet", "t_zstd.parquet", "t_lz4.parquet", "t_brotli.parquet",
      "t_v2_plain.parquet", "t_delta.parquet", "t.arrow", "t.arrows",
    ])
  func small(_ name: String) throws {
    let wanted = try #require(try expected("small/parquet_expected.json")["columns"]?.object)
    let found = try columns(loadData(fixture("small/" + name)))
    #expect(!found.isEmpty)
    compare(found, wanted, name, only: Array(found.keys))
  }

  @Test("columns are read by name, in the order asked for, and a wrong name lists the right ones")
  func projection() throws {
    let dataset = try Dataset.fromParquet(fixture("types_snappy.parquet"), columns: ["string", "int8"])
    let row = try #require(try dataset.makeIterator().next())
    #expect(row.names.all == ["string", "int8"])
    let error = dataError { _ = try Dataset.fromParquet(fixture("types_snappy.parquet"), columns: ["nope"]) }
    #expect(error?.kind == .missingColumn)
    #expect(error?.message.contains("float64") == true)
  }

  @Test("row groups read at once, on one thread and on all, give the same as row by row")
  func rowGroups() throws {
    for name in ["types_snappy.parquet", "nested_v2.parquet"] {
      let file = try ParquetFile(path: fixture(name))
      let rows = try Dataset.fromParquet(fixture(name)).elements()
      for threads in [1, nil] {
        let batches = try file.readRowGroups(threads: threads)
        var records: [Record] = []
        for batch in batches { for row in 0..<batch.rowCount { records.append(try batch.record(at: row)) } }
        // NaN is not equal to itself, so rows are compared as JSON.
        #expect(records.map(\.json) == rows.map(\.json))
      }
    }
  }

  @Test("a column without nulls is a tensor")
  func tensors() throws {
    let file = try ParquetFile(path: fixture("encodings_v1.parquet"))
    let batch = try file.readRowGroups(columns: ["ascending", "split64", "split_int"])[0]
    let ascending = try #require(batch["ascending"]).tensor()
    #expect(ascending.dtype == .int64)
    #expect(ascending.array(of: Int64.self).prefix(4) == [0, 4, 6, 10])
    #expect(try #require(batch["split64"]).tensor().dtype == .float64)
    #expect(try #require(batch["split_int"]).tensor().shape == [400])
    #expect(
      dataError { _ = try file.readRowGroups(columns: ["delta32"])[0]["delta32"]!.tensor() }?.kind == .typeMismatch)
  }

  @Test("rows can be skipped to anywhere")
  func skipping() throws {
    for name in ["types_snappy.parquet", "nested_v1.parquet", "encodings_v2.parquet"] {
      let rows = try Dataset.fromParquet(fixture(name)).elements().map(\.json)
      for start in [0, 1, 22, 23, 24, 37, 60, rows.count] {
        let rest = try Dataset.fromParquet(fixture(name)).skip(start).elements().map(\.json)
        #expect(rest == Array(rows.dropFirst(start)), "\(name) from \(start)")
      }
    }
  }

  @Test("a page whose bytes were changed fails its checksum")
  func checksum() throws {
    var bytes = try contents(fixture("types_snappy.parquet"))
    let file = try ParquetFile(path: fixture("types_snappy.parquet"))
    bytes[file.groups[0].chunks[0].dataOffset + 60] ^= 1
    let damaged = try ParquetFile(DataFile(copying: bytes, named: "damaged"))
    #expect(dataError { _ = try damaged.readRowGroups() }?.kind == .checksumMismatch)
  }

  @Test("what is no Parquet file is refused with its name")
  func refused() throws {
    let folder = try TemporaryFolder()
    #expect(dataError { _ = try ParquetFile(path: folder.path + "/none.parquet") }?.kind == .missingFile)
    let text = try folder.write("text.parquet", "this is no Parquet file at all")
    let error = dataError { _ = try ParquetFile(path: text) }
    #expect(error?.kind == .malformed)
    #expect(error?.description.hasPrefix(text) == true)
    #expect(dataError { _ = try ParquetFile(path: try folder.write("empty.parquet", "")) }?.kind == .truncated)
  }

  @Test("nulls that take no bytes are read row by row, and not all at once")
  func manyNulls() throws {
    let path = fixture("many_nulls.parquet")
    #expect(try ParquetFile(path: path).rowCount == 5_000_000)
    let error = dataError { _ = try ParquetFile(path: path).readRowGroups() }
    #expect(error?.kind == .tooLarge && error?.item?.hasPrefix("nulls") == true, "\(String(describing: error))")
    let first = try Dataset.fromParquet(path).take(3).elements()
    #expect(first.count == 3 && first.allSatisfy { $0["nulls"] == .null })
  }
}

/// A moment's text without the zeros that a finer unit adds.
private struct CalendarMoment: Equatable {
  let text: String

  init(_ text: String) {
    self.text = text.contains(".") ? String(text.reversed().drop { $0 == "0" }.reversed()) : text
  }
}
