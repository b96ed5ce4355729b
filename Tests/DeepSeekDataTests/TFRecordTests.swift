import DeepSeekRecords
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("TFRecord files")
struct TFRecordTests {
  @Test("give the same rows as Parquet", arguments: ["same.tfrecord", "same.tfrecord.gz"])
  func same(_ name: String) throws {
    let rows = try Dataset.fromParquet(fixture("same.parquet")).elements()
    #expect(rows.count == 30)
    #expect(try loadData(fixture(name)).elements() == rows)
    #expect(try Dataset.fromTFRecord(fixture(name)).skip(17).elements() == Array(rows[17...]))
    #expect(try loadData(fixture(name), columns: ["x", "id"]).elements().map(\.names.all).first == ["x", "id"])
  }

  @Test("a specification says what is a scalar, and what is wanted")
  func features() throws {
    let rows = try Dataset.fromTFRecord(
      fixture("same.tfrecord"), features: ["id": .variable(.int64), "x": .fixed([], .float32)]
    ).elements()
    #expect(rows[0] == ["id": [-100], "x": 0.0])
    let error = dataError {
      _ = try Dataset.fromTFRecord(fixture("same.tfrecord"), features: ["ids": .fixed([], .int64)]).elements()
    }
    #expect(error?.item == "ids")
  }

  @Test("a row without a feature has the specification's default")
  func defaults() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("rows.tfrecord")
    let writer = try RecordWriter(path)
    try writer.write(
      Example(["a": .integers([7]), "b": .floats([1, 2]), "c": .bytes([Array("c".utf8)])]).serialized())
    try writer.write(Example([:]).serialized())
    try writer.write(Example(["a": .integers([])]).serialized())
    try writer.close()
    let rows = try Dataset.fromTFRecord(
      path,
      features: [
        "a": .fixed([], .int64, default: .integers([-1])), "b": .fixed([2], .float32, default: .floats([0.5])),
        "c": .fixedBytes(default: .bytes([Array("none".utf8)])), "d": .fixed([], .int64),
      ]
    ).elements()
    #expect(rows[0] == ["a": 7, "b": [1.0, 2.0], "c": "c", "d": nil])
    #expect(rows[1] == ["a": -1, "b": [0.5, 0.5], "c": "none", "d": nil])
    #expect(rows[2] == rows[1])
    let error = dataError {
      _ = try Dataset.fromTFRecord(path, features: ["b": .fixed([2], .float32, default: .floats([1, 2, 3]))])
    }
    #expect(error?.item == "b" && error?.kind == .typeMismatch)
  }

  @Test("a compressed row longer than is allowed is refused")
  func largeRow() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("rows.tfrecord.gz")
    let writer = try RecordWriter(path, compression: .gzip)
    try writer.write(Example(["a": .bytes([Array(repeating: 0, count: 5000)])]).serialized())
    try writer.close()
    #expect(dataError { _ = try Dataset.fromTFRecord(path, largestRecord: 4096) }?.kind == .tooLarge)
    #expect(try Dataset.fromTFRecord(path, largestRecord: 8192).elements().count == 1)
  }

  @Test("a damaged record is refused with the file's name")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("damaged.tfrecord", "this is no record, though it is long enough")
    #expect(dataError { _ = try Dataset.fromTFRecord(path) }?.file == path)
  }
}
