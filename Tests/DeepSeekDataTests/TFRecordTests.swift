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

  @Test("a damaged record is refused with the file's name")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("damaged.tfrecord", "this is no record, though it is long enough")
    #expect(dataError { _ = try Dataset.fromTFRecord(path) }?.file == path)
  }
}
