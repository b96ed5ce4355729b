import DeepSeekCheckpoints
import DeepSeekRecords
import Foundation

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A file's bytes.
func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// All records of a file.
func records(_ path: String) throws -> [[UInt8]] {
  let reader = try RecordReader(path)
  var result: [[UInt8]] = []
  while let record = try reader.next() { result.append(record) }
  return result
}

/// The kind of the `CheckpointError` that `body` throws, and the byte it names.
func failure(_ body: () throws -> Void) -> (kind: CheckpointError.Kind, offset: Int?)? {
  do {
    try body()
    return nil
  } catch {
    return (error as? CheckpointError).map { ($0.kind, $0.offset) }
  }
}
