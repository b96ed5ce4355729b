import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("A checkpoint is one file or several, and reads the same")
struct CheckpointTests {
  private let tensors: [(key: String, value: Tensor)] = (0..<10).map {
    ("layer.\($0).weight", sample(.float32, [16, 8], seed: UInt64($0)))
  }

  private func same(_ checkpoint: Checkpoint) throws {
    #expect(checkpoint.names.sorted() == tensors.map(\.key).sorted())
    for (name, tensor) in tensors {
      #expect(try checkpoint.spec(of: name) == tensor.spec)
      #expect(try bytes(checkpoint.tensor(name)) == bytes(tensor), "\(name)")
    }
  }

  @Test("small enough for one file, it is one file")
  func single() throws {
    let folder = try TemporaryFolder()
    #expect(try Checkpoint.save(tensors, to: folder.file("new/folder")) == ["model.safetensors"])
    try same(Checkpoint.load(folder.file("new/folder")))
    try same(Checkpoint.load(folder.file("new/folder/model.safetensors")))
  }

  @Test("larger, it is cut in order, and its index names every tensor")
  func sharded() throws {
    let folder = try TemporaryFolder()
    let names = try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 3 * 512)
    #expect(
      names == (1...4).map { "model-0000\($0)-of-00004.safetensors" } + ["model.safetensors.index.json"])
    let checkpoint = try Checkpoint.load(folder.path)
    try same(checkpoint)
    #expect(checkpoint.byteCount == 10 * 512)
    #expect(checkpoint.metadata == ["format": "pt"])
    #expect(checkpoint.unlistedNames.isEmpty)
    try same(Checkpoint.load(folder.file("model.safetensors.index.json")))
    let index = String(decoding: try contents(folder.file("model.safetensors.index.json")), as: UTF8.self)
    #expect(index.hasPrefix("{\n  \"metadata\": {\n    \"total_size\": 5120\n  },\n  \"weight_map\": {\n    \"layer.0"))
  }

  @Test("files of an older checkpoint do not stay beside the new ones")
  func replaced() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("model-notes.safetensors"))
    try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 512)
    try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 1024)
    #expect(folder.names.filter { $0.hasSuffix("-of-00010.safetensors") }.isEmpty)
    try Checkpoint.save(tensors, to: folder.path)
    #expect(folder.names == ["model-notes.safetensors", "model.safetensors"])
    try same(Checkpoint.load(folder.path))
    try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 1024)
    #expect(!folder.names.contains("model.safetensors"))
    try same(Checkpoint.load(folder.path))
  }

  @Test("a tensor larger than the limit has a file of its own, and none at all is one file")
  func cutting() {
    #expect(Checkpoint.cut([5, 20, 5, 5, 1], 10) == [0..<1, 1..<2, 2..<4, 4..<5])
    #expect(Checkpoint.cut([], 10) == [0..<0])
    #expect(Checkpoint.cut([10, 0, 0], 10) == [0..<3])
  }

  @Test("an index that is not of these files is refused by name")
  func badIndex() throws {
    let folder = try TemporaryFolder()
    try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 1024)
    let path = folder.file("model.safetensors.index.json")
    func kind(_ text: String) throws -> CheckpointError.Kind? {
      try AtomicFile.write(text.utf8, to: path)
      return checkpointError { _ = try Checkpoint.load(folder.path) }?.kind
    }
    #expect(try kind("{") == .malformed)
    #expect(try kind("[]") == .malformed)
    #expect(try kind(#"{"weight_map":{"a":1}}"#) == .malformed)
    #expect(try kind(#"{"weight_map":{"a":"../a.safetensors"}}"#) == .malformed)
    #expect(try kind(#"{"weight_map":{"a":"/etc/passwd"}}"#) == .malformed)
    #expect(try kind(#"{"weight_map":{"a":".."}}"#) == .malformed)
    #expect(try kind(#"{"weight_map":{"a":"gone.safetensors"}}"#) == .missingFile)
    #expect(try kind(#"{"weight_map":{"a":"model-00001-of-00005.safetensors"}}"#) == .missingTensor)
  }

  @Test("tensors that the index leaves out are named")
  func unlisted() throws {
    let folder = try TemporaryFolder()
    try Checkpoint.save(tensors, to: folder.path, maximumShardByteCount: 1024)
    try AtomicFile.write(
      #"{"weight_map":{"layer.0.weight":"model-00001-of-00005.safetensors"}}"#.utf8,
      to: folder.file("model.safetensors.index.json"))
    let checkpoint = try Checkpoint.load(folder.path)
    #expect(checkpoint.names == ["layer.0.weight"])
    #expect(checkpoint.unlistedNames == ["layer.1.weight"])
  }

  @Test("a folder without safetensors says what it has instead")
  func legacyFolder() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("pytorch_model.bin"))
    let error = checkpointError { _ = try Checkpoint.load(folder.path) }
    #expect(error?.kind == .missingFile)
    #expect(error?.advice.contains("pytorch_model.bin") == true)
    try Safetensors.save(["x": sample(.uint8, [1])], to: folder.file("other.safetensors"))
    #expect(try Checkpoint.load(folder.path).names == ["x"])
  }

  @Test("a failure while writing leaves the older checkpoint as it was")
  func failure() throws {
    let folder = try TemporaryFolder()
    try Checkpoint.save(tensors, to: folder.path)
    let twice = tensors + [tensors[0]]
    #expect(checkpointError { try Checkpoint.save(twice, to: folder.path) }?.kind == .invalidRequest)
    #expect(folder.names == ["model.safetensors"])
    try same(Checkpoint.load(folder.path))
  }
}
