import DeepSeekJSON
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("A checkpoint's folder appears whole, and says when a file has changed")
struct CheckpointFolderTests {
  private let model = ["a.weight": sample(.float32, [64, 8]), "a.bias": sample(.bfloat16, [8])]
  private let moments = ["a.weight.first": sample(.float32, [64, 8], seed: 9)]

  private func write(to path: String, step: Int = 12) throws {
    var values = JSONObject()
    values["learning_rate"] = 0.001
    try CheckpointFolder.write(to: path) { folder in
      try folder.add(model, maximumShardByteCount: 1024)
      try folder.add(moments, group: "optimizer")
      try folder.add(#"{"hidden_size": 8}"#.utf8, as: "config.json")
      folder.trainingState = TrainingState(step: step, epoch: 3, values: values)
    }
  }

  @Test("what was written is read back and verified")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    try write(to: folder.file("run"))
    #expect(folder.names == ["run"])
    let opened = try CheckpointFolder.open(folder.file("run"))
    try opened.verify()
    #expect(opened.manifest.frameworkVersion == DeepSeekTensor.frameworkVersion)
    #expect(opened.manifest.formatVersion == 1)
    #expect(opened.manifest.dtype == .float32)
    #expect(opened.manifest.trainingState?.step == 12)
    #expect(opened.manifest.trainingState?.epoch == 3)
    #expect(opened.manifest.trainingState?.values["learning_rate"]?.double == 0.001)
    #expect(opened.unlistedNames.isEmpty)
    #expect(opened.contains(group: "optimizer") && !opened.contains(group: "averaged"))
    for (name, tensor) in model { #expect(try bytes(opened.tensors().tensor(name)) == bytes(tensor)) }
    #expect(try bytes(opened.tensors("optimizer").tensor("a.weight.first")) == bytes(moments["a.weight.first"]!))
    #expect(try String(decoding: opened.contents(of: "config.json"), as: UTF8.self) == #"{"hidden_size": 8}"#)
    #expect(
      Set(opened.manifest.files.keys) == [
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
        "optimizer.safetensors", "config.json",
      ])
  }

  @Test("the digests are those of the files' bytes")
  func digests() throws {
    let folder = try TemporaryFolder()
    try CheckpointFolder.write(to: folder.file("run")) { try $0.add(Array("abc".utf8), as: "abc.txt") }
    let manifest = try CheckpointFolder.open(folder.file("run")).manifest
    #expect(
      manifest.files["abc.txt"]?.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(manifest.dtype == nil && manifest.trainingState == nil)
  }

  @Test("a flipped bit, a cut file, a missing file and a new file are told apart")
  func damage() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("run")
    try write(to: path)
    let optimizer = path + "/optimizer.safetensors"
    let good = try contents(optimizer)
    var flipped = good
    flipped[good.count - 1] ^= 1
    try AtomicFile.write(flipped, to: optimizer)
    let error = checkpointError { try CheckpointFolder.open(path).verify() }
    #expect(error?.kind == .checksumMismatch)
    #expect(error?.file == optimizer)
    try AtomicFile.write(good.dropLast(), to: optimizer)
    #expect(checkpointError { _ = try CheckpointFolder.open(path) }?.kind == .truncated)
    try FileManager.default.removeItem(atPath: optimizer)
    #expect(checkpointError { _ = try CheckpointFolder.open(path) }?.kind == .missingFile)
    try AtomicFile.write(good, to: optimizer)
    try AtomicFile.write([1], to: path + "/README.md")
    #expect(try CheckpointFolder.open(path).unlistedNames == ["README.md"])
  }

  @Test("a second checkpoint takes the place of the first, also when named with a slash")
  func replaced() throws {
    let folder = try TemporaryFolder()
    try write(to: folder.file("run"), step: 1)
    try write(to: folder.file("run") + "/", step: 2)
    #expect(try CheckpointFolder.open(folder.file("run")).manifest.trainingState?.step == 2)
    #expect(folder.names == ["run"])
  }

  @Test("when writing fails, the older checkpoint stays and nothing else is left")
  func failure() throws {
    struct Failure: Error {}
    let folder = try TemporaryFolder()
    try write(to: folder.file("run"), step: 1)
    #expect(throws: Failure.self) {
      try CheckpointFolder.write(to: folder.file("run")) { folder in
        try folder.add(model)
        throw Failure()
      }
    }
    let infinite: JSONValue = .double(.infinity)
    let error = checkpointError {
      try CheckpointFolder.write(to: folder.file("run")) { folder in
        var values = JSONObject()
        values["loss"] = infinite
        folder.trainingState = TrainingState(step: 1, epoch: 1, values: values)
      }
    }
    #expect(error?.kind == .invalidRequest)
    #expect(folder.names == ["run"])
    try CheckpointFolder.open(folder.file("run")).verify()
  }

  @Test("a folder that is not a checkpoint is not replaced")
  func foreignFolder() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("home"), withIntermediateDirectories: false)
    try AtomicFile.write([1], to: folder.file("home/thesis.tex"))
    #expect(checkpointError { try write(to: folder.file("home")) }?.kind == .unwritable)
    #expect(checkpointError { try write(to: folder.file("home/thesis.tex")) }?.kind == .unwritable)
    #expect(try contents(folder.file("home/thesis.tex")) == [1])
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
    try write(to: folder.file("empty"))
    #expect(folder.names == ["empty", "home"])
  }

  @Test("names that leave the folder, or are taken, cannot be added")
  func names() throws {
    let folder = try TemporaryFolder()
    for name in ["../a", "a/b", "", "..", "deepseek.json", "a\0"] {
      let error = checkpointError { try CheckpointFolder.write(to: folder.file("run")) { try $0.add([1], as: name) } }
      #expect(error?.kind == .invalidRequest, "\(name)")
    }
    let twice = checkpointError {
      try CheckpointFolder.write(to: folder.file("run")) {
        try $0.add([1], as: "a")
        try $0.add([2], as: "a")
      }
    }
    #expect(twice?.kind == .invalidRequest)
    #expect(folder.names.isEmpty)
  }

  @Test("a copied file keeps its name and bytes")
  func copied() throws {
    let folder = try TemporaryFolder()
    try CheckpointFolder.write(to: folder.file("run")) { try $0.add(fileAt: fixture("plain.npy")) }
    #expect(try CheckpointFolder.open(folder.file("run")).contents(of: "plain.npy") == contents(fixture("plain.npy")))
  }

  @Test("members that this version does not know are written back")
  func unknownMembers() throws {
    let text = #"{"framework_version":"3.9","format_version":1,"files":{},"license":"MIT"}"#
    let manifest = try CheckpointManifest(parsing: Array(text.utf8), path: "deepseek.json")
    let again = try CheckpointManifest(parsing: manifest.encoded(), path: "deepseek.json")
    #expect(again == manifest)
    #expect(again.extra["license"]?.string == "MIT")
  }

  @Test(
    "a manifest that is damaged or from the future is refused",
    arguments: [
      "", "[]", "{}", #"{"framework_version":"3","format_version":0,"files":{}}"#,
      #"{"framework_version":"3","format_version":2,"files":{}}"#,
      #"{"framework_version":"3","format_version":1}"#,
      #"{"framework_version":3,"format_version":1,"files":{}}"#,
      #"{"framework_version":"3","format_version":1,"dtype":"float33","files":{}}"#,
      #"{"framework_version":"3","format_version":1,"training_state":{"step":-1,"epoch":0},"files":{}}"#,
      #"{"framework_version":"3","format_version":1,"files":{"../a":{"size":1,"sha256":""}}}"#,
      #"{"framework_version":"3","format_version":1,"files":{"a":{"size":-1,"sha256":""}}}"#,
    ])
  func badManifest(text: String) {
    let error = checkpointError { _ = try CheckpointManifest(parsing: Array(text.utf8), path: "deepseek.json") }
    #expect(error?.file == "deepseek.json")
    #expect(error?.kind == .malformed || error?.kind == .unsupported)
  }
}
