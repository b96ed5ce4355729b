import TestSupport
import Testing

@testable import DeepSeekData

@Suite("Damaged files are refused or read, and never more than that")
struct FuzzTests {
  /// Damaged copies of each file: a format has several.
  static let count = Fuzzing.count(otherwise: 250)

  private func fuzz(_ name: String, _ read: (DataFile) throws -> Void) throws {
    try fuzz(try contents(fixture(name)), name, read)
  }

  private typealias Damage = ([UInt8], inout SplitMix) -> [UInt8]

  private func fuzz(
    _ original: [UInt8], _ name: String, by damages: [Damage] = [Fuzzing.mutated], _ read: (DataFile) throws -> Void
  ) throws {
    var generator = SplitMix(UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
    try read(DataFile(copying: original, named: name))
    for number in 0..<FuzzTests.count {
      let file = DataFile(copying: damages[number % damages.count](original, &generator), named: name)
      do {
        try read(file)
      } catch is DataError {
        // Refused with a reason: what it should be.
      } catch {
        Issue.record("\(name), mutation \(number): \(error)")
      }
    }
  }

  @Test(
    "Parquet",
    arguments: [
      "types_snappy.parquet", "types_v2_zstd.parquet", "types_lz4.parquet", "nested_v1.parquet", "nested_v2.parquet",
      "encodings_v1.parquet", "encodings_v2.parquet", "small/t_none.parquet", "duckdb_v2.parquet", "bit_packed.parquet",
    ])
  func parquet(_ name: String) throws {
    try fuzz(name) { file in
      // Read in pieces, as an iterator does: what a run-length declares is then not all taken at once.
      let parquet = try ParquetFile(file)
      for group in parquet.groups.indices {
        for position in parquet.fields.indices {
          var reader = try ColumnReader(parquet, group: group, position: position)
          var left = min(parquet.groups[group].rowCount, 2000)
          while left > 0 {
            let column = try reader.read(rows: min(left, 17))
            left -= column.count
            _ = try column.values()
          }
        }
      }
    }
  }

  @Test(
    "Arrow",
    arguments: [
      "stream_none.arrow", "stream_zstd.arrow", "file_zstd.arrow", "dictionary_delta.arrow", "pyarrow_0.17_lz4.arrow",
    ])
  func arrow(_ name: String) throws {
    try fuzz(name) { file in
      let arrow = try ArrowFile(file)
      for index in arrow.batchSizes.indices {
        let batch = try arrow.readBatch(index)
        for row in 0..<min(batch.rowCount, 50) { _ = try batch.record(at: row) }
      }
    }
  }

  @Test("Snappy")
  func snappy() throws {
    // A literal, then copies near and far.
    var original: [UInt8] = [100, 19 << 2]
    original += (0..<20).map { UInt8($0) }
    original += [15 << 2 | 2, 3, 0, 63 << 2 | 2, 16, 0]
    try fuzz(original, "snappy") { file in
      var target = [UInt8](repeating: 0, count: 100)
      let isWhole = target.withUnsafeMutableBytes { Snappy.decompress(file.bytes.buffer, into: $0) }
      if isWhole && file.bytes.buffer.elementsEqual(original) {
        #expect(target[20..<36].elementsEqual((0..<16).map { UInt8(17 + $0 % 3) }))
      }
    }
  }

  @Test("tables")
  func tables() throws {
    let table = Array("a,b\n1,\"x\"\"\n,y\"\n2,z\r\n".utf8)
    try fuzz(table, "table") { file in
      let table = try DelimitedTable(file, .csv, [:], otherwise: nil)
      var reader = table.reader()
      while let row = try reader.next() { _ = try table.record(row) }
    }
  }

  @Test("JSON lines")
  func jsonLines() throws {
    let lines = """
      {"a": 1, "b": [1.5, null, {"c": true}], "\\u00e9": "x\\ud83d\\ude00"}\r

      {"b": {"d": {"e": -2e3}}, "a": "y\\n"}
      {"a": 9223372036854775807, "b": []}
      """
    try fuzz(Array(lines.utf8), "lines", by: [Fuzzing.mutated, Fuzzing.mutatedText]) { file in
      for columns in [nil, ["b", "a", "z"]] {
        for row in try Dataset.jsonLines(file, columns: columns).elements() {
          #expect(columns == nil || row.values.count == 3)
        }
      }
    }
  }
}
