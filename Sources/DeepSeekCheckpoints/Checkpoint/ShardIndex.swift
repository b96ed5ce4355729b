import DeepSeekJSON

/// The file `model.safetensors.index.json`, or `pytorch_model.bin.index.json`, of a checkpoint in several files: which
/// tensor is in which.
struct ShardIndex {
  /// Tensor names and file names, in the order of the index.
  let files: [(name: String, file: String)]

  static let anySuffix = ".index.json"
  static let suffix = ".safetensors" + anySuffix
  static let pytorchSuffix = ".bin" + anySuffix

  init(reading file: MappedFile) throws {
    let path = file.path
    let value: JSONValue
    do {
      value = try file.withBytes { try $0.withMemoryRebound(to: UInt8.self) { try JSONValue(parsing: $0) } }
    } catch let error as JSONError {
      throw CheckpointError(
        .malformed, file: path, offset: error.offset, "the index is not valid: \(error)",
        advice: CheckpointError.downloadAgain)
    }
    guard let map = value["weight_map"]?.object else {
      throw CheckpointError(
        .malformed, file: path, item: "weight_map", "it is missing or not an object",
        advice: "check that this is the index of a sharded checkpoint")
    }
    files = try map.members.map { member in
      guard let name = member.value.string else {
        throw CheckpointError(
          .malformed, file: path, item: "weight_map.\(member.key)", "it is \(member.value.kind), not a file name",
          advice: CheckpointError.writeAgain)
      }
      guard ShardIndex.isPlainName(name) else {
        throw CheckpointError(
          .malformed, file: path, item: "weight_map.\(member.key)",
          "'\(name)' is not a file in the index's own folder",
          advice: "do not use this checkpoint: its index reaches outside")
      }
      return (member.key, name)
    }
  }

  /// The text of an index, laid out as Hugging Face's libraries do.
  static func text(_ files: [(name: String, file: String)], totalByteCount: Int) throws -> [UInt8] {
    var map = JSONObject()
    for entry in files.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      map[entry.name] = .string(entry.file)
    }
    let value: JSONValue = ["metadata": ["total_size": .integer(totalByteCount)], "weight_map": .object(map)]
    return try value.serialized(.indented(2)) + [UInt8(ascii: "\n")]
  }

  /// Whether a name stays in its folder when it is put behind it.
  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
  }
}
