import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("PyTorch's files in every form: protocols, orders of bytes, compression, several files, scripts")
struct PyTorchFormTests {
  private let values: [Float] = [0, 1, 2, 3, 4, 5]

  @Test("pickles of every protocol that holds tensors", arguments: [1, 3, 4, 5])
  func protocols(version: Int) throws {
    let file = try PyTorch.open(fixture("protocol\(version).pt"))
    #expect(try file.tensor("w").array(of: Float.self) == values)
    #expect(file.root["n"]?.int == 300 && file.root["neg"]?.int == -70000 && file.root["f"]?.double == -0.5)
    #expect(file.metadata["big"] == "-1208925819614629174706176")
    #expect(file.root["s"]?.string == String(repeating: "é", count: 300))
    #expect(file.root["b"]?.bytes == [0, 0xFF])
    #expect(file.root["t"]?[0]?.bool == true && file.root["t"]?[1]?.isNone == true)
  }

  @Test("what training programs keep: numbers and arrays of NumPy's, arguments, paths")
  func training() throws {
    let file = try PyTorch.open(fixture("more.pt"))
    #expect(file.metadata["args.lr"] == "0.5" && file.root["args"]?["name"]?.string == "run")
    #expect(file.root["args"]?.className == "argparse.Namespace")
    #expect(file.root["loss"]?.double == 0.25 && file.root["step"]?.int == 7 && file.metadata["half"] == "1.5")
    #expect(file.metadata["counts.a"] == "1" && file.metadata["history"] == "100 values")
    #expect(file.root["history"]?.elements?.last?.int == 99)
    #expect(file.root["path"]?.arguments.map(\.string) == ["a", "b"])
    #expect(try file.tensor("array").array(of: Int.self) == [0, 1, 2, 3, 4, 5])
    #expect(try file.tensor("array").shape == [2, 3])
    #expect(try file.tensor("nested.0.w").array(of: Float.self) == values)
    #expect(try file.tensor("nested.1.w").array(of: Float.self) == [3, 4, 5])
    #expect(try file.tensor("3").array(of: Float.self) == [0, 1, 2])
  }

  @Test("unsigned integers of every width; types and forms that tensors lack are listed, and refused with the reason")
  func types() throws {
    let file = try PyTorch.open(fixture("more.pt"))
    #expect(try bytes(file.tensor("u16")) == [1, 0, 255, 255])
    #expect(try bytes(file.tensor("u32")) == [1, 0, 0, 0, 255, 255, 255, 255])
    #expect(try bytes(file.tensor("u64")) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128])
    let refused = [
      "c128": "torch.complex128", "quantized": "quantized", "sparse": "sparse", "conj": "'conj'", "meta": "'meta'",
    ]
    for (name, word) in refused {
      let entry = try #require(file.archiveEntries.first { $0.name == name })
      #expect(entry.dtype == nil, "\(name)")
      let error = try #require(checkpointError { _ = try file.tensor(name) })
      #expect(error.kind == .unsupported && error.item == name && error.message.contains(word), "\(error)")
    }
    for name in ["quantized", "sparse", "meta"] {
      #expect(file.archiveEntries.first { $0.name == name }?.lengths == [2, 3], "\(name)")
    }
  }

  @Test(
    "elements in big-endian order, and in a compressed archive",
    arguments: ["plain.pt", "big_endian.pt", "compressed.pt"])
  func forms(name: String) throws {
    let file = try PyTorch.open(fixture(name))
    #expect(try file.tensor("w").array(of: Float.self) == values)
    #expect(try file.tensor("t").array(of: Float.self) == [0, 3, 1, 4, 2, 5])
    #expect(try file.tensor("i").array(of: Int.self) == [1, -2])
    #expect(try bytes(file.tensor("c")) == [0, 0, 128, 63, 0, 0, 0, 64])
  }

  @Test("a model in several files is read by its index, also by the name of its folder")
  func shards() throws {
    for path in [fixture("sharded"), fixture("sharded") + "/", fixture("sharded/pytorch_model.bin.index.json")] {
      let model = try #require(try PyTorch.load(path) as? PyTorchShards)
      #expect(model.path == path && model.names == ["a.weight", "b.weight"] && model.unlistedNames == ["extra"])
      #expect(model.archiveEntries.map(\.name) == model.names)
      #expect(try model.tensor("b.weight").array(of: Float.self) == values.map { $0 + 6 })
      #expect(checkpointError { _ = try model.tensor("extra") }?.kind == .missingTensor)
    }
    #expect(try CheckpointFinder.archiveFile(in: fixture("sharded")).hasSuffix("pytorch_model.bin.index.json"))
  }

  @Test("a folder's model is found among what training leaves beside it")
  func folder() throws {
    let folder = try TemporaryFolder()
    #expect(checkpointError { _ = try PyTorch.load(folder.path) }?.kind == .missingFile)
    for name in ["training_args.bin", "optimizer.pt", "weights.pth"] {
      try AtomicFile.write(contents(fixture("plain.pt")), to: folder.file(name))
    }
    #expect(try PyTorch.load(folder.path).archiveEntries.count == 4)
    #expect(try CheckpointFinder.archiveFile(in: folder.path) == folder.file("weights.pth"))
    try AtomicFile.write(contents(fixture("tensor_zip.pt")), to: folder.file("pytorch_model.bin"))
    #expect(try PyTorch.load(folder.path).archiveEntries.map(\.name) == ["tensor"])
  }

  @Test("TorchScript: modules within modules, tied parameters, constants")
  func scripts() throws {
    let nested = try PyTorch.open(fixture("nested_script.pt"))
    #expect(
      Set(nested.names) == [
        "layers.0.weight", "layers.0.mask", "layers.1.weight", "layers.1.mask", "tied",
      ])
    #expect(try nested.tensor("layers.1.weight").array(of: Float.self) == values)
    #expect(try nested.tensor("layers.0.mask").array(of: Bool.self) == [true, false])
    #expect(nested.archiveEntries.filter { $0.sharedWith != nil }.count == 1)
    let constants = try PyTorch.open(fixture("constants_script.pt"))
    #expect(constants.names == ["CONSTANTS.0"])
    #expect(try constants.tensor("CONSTANTS.0").array(of: Float.self) == [5, 6])
  }

  @Test("formats are told apart by their first bytes and their members")
  func recognition() throws {
    func matches(_ name: String) throws -> Bool { try PyTorch.matches(MappedFile(path: fixture(name))) }
    for name in ["state_zip.pt", "state_legacy.pt", "protocol1.pt", "protocol5.pt", "torchscript.pt"] {
      #expect(try matches(name), "\(name)")
    }
    for name in ["stored.npz", "plain.npy", "state.safetensors", "blocks.gguf"] {
      #expect(try !matches(name), "\(name)")
    }
    #expect(try GGUF.matches(MappedFile(path: fixture("blocks.gguf"))))
    #expect(try !GGUF.matches(MappedFile(path: fixture("plain.npy"))))
  }
}
