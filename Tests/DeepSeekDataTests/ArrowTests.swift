import DeepSeekJSON
import Testing

@testable import DeepSeekData

@Suite("Arrow streams and files give the values that pyarrow wrote")
struct ArrowTests {
  @Test(
    "every type, plain and compressed",
    arguments: ["stream_none.arrow", "stream_lz4.arrow", "stream_zstd.arrow", "file_zstd.arrow"])
  func types(_ name: String) throws {
    compare(try columns(.fromArrow(fixture(name))), try expected("arrow.json"), name)
    #expect(try ArrowFile(path: fixture(name)).batchSizes == [25, 25, 11])
  }

  /// The file is of pyarrow's own tests: `v0.17.0.version.2-compression.lz4.feather`.
  @Test("compression as Arrow 0.17 noted it, beside the batch")
  func early() throws {
    let path = fixture("pyarrow_0.17_lz4.arrow")
    #expect(try Dataset.fromArrow(path).elements().map { $0["a"]! } == [0, 1, 2, 3, 4])
    var bytes = try contents(path)
    let name = try #require(bytes.indices.dropLast(2).first { bytes[$0..<$0 + 3].elementsEqual("LZ4".utf8) })
    bytes[name] = UInt8(ascii: "X")
    let error = dataError { _ = try ArrowFile(DataFile(copying: bytes, named: "other")).readBatch(0) }
    #expect(error?.kind == .unsupported && error?.message.contains("'xz4'") == true)
  }

  @Test("columns are read alone, wherever they stand")
  func projection() throws {
    let wanted = try expected("arrow.json")
    for member in wanted.members {
      let found = try columns(.fromArrow(fixture("stream_lz4.arrow"), columns: [member.key]))
      compare(found, wanted, "stream_lz4.arrow", only: [member.key])
    }
  }

  @Test(
    "dictionaries that grow or change between batches",
    arguments: ["dictionary_delta.arrow", "dictionary_replaced.arrow"])
  func dictionaries(_ name: String) throws {
    let values: [Value] = ["a", "b", nil, "b", "c", "a", "d", "c", "b"]
    #expect(try Dataset.fromArrow(fixture(name)).elements().map { $0["s"]! } == values)
    let file = try ArrowFile(path: fixture(name))
    #expect(try file.readBatch(2)["s"]?.values() == ["d", "c", "b"])
  }

  @Test("a dictionary's values may lie in another dictionary, and not in itself")
  func nestedDictionaries() throws {
    let bytes = try contents(fixture("nested_dictionary.arrow"))
    let rows = try Dataset.fromArrow(fixture("nested_dictionary.arrow")).elements().map { $0["nested"]! }
    #expect(rows == [.list(["a", "b"]), .list(["a"]), .list(["a", "b"])])
    // Somewhere in the schema stands the number 1 of the one dictionary; the other has the number 0.
    var refused = 0
    for place in stride(from: 0, to: bytes.count - 8, by: 8)
    where bytes[place] == 1 && bytes[place + 1..<place + 8].allSatisfy({ $0 == 0 }) {
      var changed = bytes
      changed[place] = 0
      let error = dataError {
        let file = try ArrowFile(DataFile(copying: changed, named: "changed"))
        for index in file.batchSizes.indices { _ = try file.readBatch(index) }
      }
      if let error, error.message.contains("lie in the same dictionary") { refused += 1 }
    }
    #expect(refused == 1)
  }

  @Test("rows can be skipped to anywhere")
  func skipping() throws {
    let rows = try Dataset.fromArrow(fixture("file_zstd.arrow")).elements().map(\.json)
    for start in [0, 1, 24, 25, 26, 50, 60, 61] {
      let rest = try Dataset.fromArrow(fixture("file_zstd.arrow")).skip(start).elements().map(\.json)
      #expect(rest == Array(rows.dropFirst(start)))
    }
  }

  @Test("a stream that was cut is refused, or ends at a batch")
  func truncated() throws {
    let bytes = try contents(fixture("stream_none.arrow"))
    for count in stride(from: 0, to: bytes.count, by: 997) {
      let file = DataFile(copying: Array(bytes.prefix(count)), named: "cut")
      let error = dataError { _ = try ArrowFile(file) }
      #expect(error == nil || error?.kind == .truncated || error?.kind == .malformed)
    }
  }
}
