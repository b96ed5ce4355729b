import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("HDF5 files hold what h5py wrote")
struct HDF5Tests {
  @Test("every type, shape, byte order and chunk filter", arguments: ["earliest.h5", "latest.h5"])
  func datasets(_ name: String) throws {
    let file = try HDF5File(fixture(name))
    let expected = try Npz.open(fixture("hdf5_expected.npz"))
    let keys = expected.names.filter { $0.hasPrefix(name) }
    #expect(keys.count > 10)
    for key in keys {
      let path = key.split(separator: "|").dropFirst().joined(separator: "/")
      let (found, wanted) = (try file.tensor(path), try expected.tensor(key))
      #expect(found.spec == wanted.spec, "\(path)")
      #expect(bytes(found) == bytes(wanted), "\(path)")
    }
  }

  @Test("attributes and texts", arguments: ["earliest.h5", "latest.h5"])
  func attributes(_ name: String) throws {
    let file = try HDF5File(fixture(name))
    #expect(try file.root.attribute("text")?.text() == "a single text")
    #expect(try file.root.attribute("bytes")?.text() == "fixed")
    #expect(try file.root.attribute("list")?.texts() == ["one", "two", "three"])
    #expect(try file.root.attribute("fixed list")?.texts() == ["one", "three"])
    #expect(try file.root.attribute("none")?.texts() == [])
    #expect(try file.root.attribute("numbers")?.tensor().array(of: Int64.self) == [0, 1, 2])
    #expect(try file.root.attribute("long")?.text()?.count == 3000)
    #expect(file.root.attribute("absent") == nil)
    #expect(file.metadata["text"] == "a single text")
    #expect(try file.dataset("texts/fixed").texts() == ["ab", "cde"])
    #expect(try file.dataset("texts/variable").texts() == ["alpha", "", "grüße"])
    #expect(try file.tensor("texts/bfloat16").converted(to: .float32).array(of: Float.self) == [1, -2.5, 3])
  }

  @Test("many names, two of one object, and a block before the file")
  func names() throws {
    let file = try HDF5File(fixture("earliest.h5"))
    let names = (0..<300).map { "item" + String("\(1000 + $0)".dropFirst()) }
    #expect(file.object("many")?.children == names)
    #expect(try file.tensor("many/item217").item(as: Int.self) == 217)
    #expect(file.object("shapes/deeper/scalar")?.sameAs == "shapes/deeper/again")
    #expect(file.object("shapes/deeper/soft") == nil)
    let entry = file.archiveEntries.first { $0.name == "texts/pair" }
    #expect(entry?.dtype == nil && entry?.storedType == "compound" && entry?.lengths == [2])
    #expect(try HDF5File(fixture("userblock.h5")).tensor("a").array(of: Int64.self) == [0, 1, 2])
  }

  @Test("what is not supported is refused by name")
  func refusals() throws {
    #expect(checkpointError { _ = try HDF5File(fixture("dense.h5")) }?.kind == .unsupported)
    let file = try HDF5File(fixture("earliest.h5"))
    #expect(checkpointError { _ = try file.tensor("texts/pair") }?.kind == .unsupported)
    #expect(checkpointError { _ = try file.tensor("types/float23") }?.kind == .missingTensor)
    #expect(checkpointError { _ = try HDF5File(fixture("plain.npy")) }?.kind == .malformed)
  }
}

@Suite("Keras's files hold its weights")
struct KerasFileTests {
  @Test("a whole model lists its weights under their names")
  func model() throws {
    let file = try KerasFile(fixture("tinycnn.h5"))
    #expect(file.format == "Keras model")
    #expect(file.layerWeights?.map(\.layer) == ["conv", "bn", "pool", "flat", "out"])
    #expect(file.layerWeights?[1].names.first == "tinycnn/bn/gamma")
    #expect(try file.tensor("tinycnn/conv/kernel").shape == [3, 3, 1, 2])
    #expect(file.archiveEntries.contains { $0.name == "optimizer_weights/adam/iteration" && $0.dtype == .int64 })
    #expect(file.metadata["keras_version"] == "3.15.1" && file.configuration != nil)
  }

  @Test("an archive and bare weights have the same tensors")
  func archive() throws {
    let archive = try KerasFile(fixture("tinycnn.keras"))
    let weights = try KerasFile(fixture("tinycnn.weights.h5"))
    #expect(archive.format == "Keras archive" && weights.format == "Keras weights")
    #expect(archive.configuration != nil && weights.configuration == nil)
    #expect(archive.archiveEntries.map(\.name) == weights.archiveEntries.map(\.name))
    let model = try KerasFile(fixture("tinycnn.h5"))
    let kernel = bytes(try model.tensor("tinycnn/out/kernel"))
    #expect(bytes(try archive.tensor("layers/dense/vars/0")) == kernel)
    #expect(bytes(try weights.tensor("layers/dense/vars/0")) == kernel)
  }
}
