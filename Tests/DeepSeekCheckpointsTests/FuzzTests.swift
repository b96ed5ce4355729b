import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

/// Reads every element, so that a view that reached outside would be caught by the sanitizer.
private func touch(_ tensor: Tensor) -> Int {
  tensor.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
}

@Suite("A damaged file gives an error or tensors, never a trap")
struct FuzzTests {
  /// Damaged copies of HDF5's files, which are large.
  private static let largeCount = Fuzzing.count(otherwise: 400)

  /// Reads damaged copies of `seeds`, `count` in all; anything thrown must be a `CheckpointError` about this file.
  ///
  /// At least one in `refusedShare` must be refused.
  private func fuzz(
    _ seeds: [[UInt8]], seed: UInt64, refusedShare: Int = 4, count: Int = Fuzzing.count,
    _ read: ([UInt8]) throws -> Void
  ) throws {
    var generator = SplitMix(seed)
    Memory.resetPeak()
    let before = Memory.statistics.inUse
    var refused = 0
    for number in 0..<count {
      let bytes = Fuzzing.mutated(seeds[number % seeds.count], &generator)
      do {
        try read(bytes)
      } catch let error as CheckpointError {
        refused += 1
        #expect(error.file == "fuzz" && !error.message.isEmpty, "mutation \(number)")
      } catch {
        Issue.record("mutation \(number): \(error) is not a CheckpointError")
      }
    }
    // Most damage is found; if it were not, the reader would not be looking.
    #expect(refused > count / refusedShare)
    // Other tests run beside this one; what a lying length could ask for is far above their sum.
    #expect(Memory.statistics.peak - before < 256 << 20)
  }

  @Test("safetensors")
  func safetensors() throws {
    let seeds = [
      try contents(fixture("state.safetensors")),
      try Safetensors.encode(["a": sample(.bool, [3, 3]), "b": sample(.float64, [2])], metadata: ["format": "pt"]),
    ]
    try fuzz(seeds, seed: 1) { bytes in
      let file = try Safetensors.decode(bytes, named: "fuzz")
      for name in file.names { _ = touch(try file.tensor(name)) }
    }
  }

  @Test("npy")
  func npy() throws {
    let seeds = [
      try contents(fixture("plain.npy")), try Npy.encode(sample(.bool, [9])), try Npy.encode(sample(.int64, [])),
      // Fortran order, and the bytes the other way round.
      try Array(contents(fixture("plain.npy")).map { $0 == UInt8(ascii: "<") ? UInt8(ascii: ">") : $0 }),
    ]
    try fuzz(seeds, seed: 2) { _ = touch(try Npy.decode($0, named: "fuzz")) }
  }

  @Test("npz")
  func npz() throws {
    let folder = try TemporaryFolder()
    let tensors = ["a": sample(.bool, [40]), "b": sample(.int16, [3])]
    try Npz.save(tensors, to: folder.file("a"), compressed: true, forces64: true)
    try Npz.save(tensors, to: folder.file("b"))
    let seeds = [
      try contents(fixture("deflated.npz")), try contents(fixture("stored.npz")), try contents(folder.file("a")),
      try contents(folder.file("b")),
    ]
    try fuzz(seeds, seed: 3) { bytes in
      let file = try Npz.decode(bytes, named: "fuzz")
      for name in file.names { _ = touch(try file.tensor(name)) }
    }
  }

  @Test("PyTorch's archives and older files, and the pickles in them")
  func pytorch() throws {
    // Elements of a tensor are read when it is asked for, so an error of one leaves the others readable.
    func readAll(_ file: some TensorArchive) throws {
      for entry in file.archiveEntries { _ = touch(try file.tensor(entry.name)) }
    }
    let archives = ["state_zip.pt", "ckpt_zip.pt", "torchscript.pt", "state_fp8.pt", "compressed.pt", "big_endian.pt"]
    try fuzz(archives.map { try contents(fixture($0)) }, seed: 6) { try readAll(PyTorch.decode($0, named: "fuzz")) }
    // Damage in an archive is mostly found by its checksum: in the older format, and in bare pickles, it is read.
    let older = ["state_legacy.pt", "ckpt_legacy.pt", "protocol1.pt", "protocol4.pt"]
    try fuzz(older.map { try contents(fixture($0)) }, seed: 7) { try readAll(PyTorch.decode($0, named: "fuzz")) }
    let pickles = try ["ckpt_zip.pt", "more.pt", "whole_module.pt", "nested_script.pt"].map { name in
      let archive = try ZipArchive(MappedFile(path: fixture(name)))
      return try archive.contents(#require(archive.members.first { $0.name.hasSuffix("/data.pkl") }))
    }
    try fuzz(pickles, seed: 8) { bytes in
      try bytes.withUnsafeBytes {
        let allowed = PickleGlobals(unknown: .keptAsData, isTorchScript: true)
        var reader = PickleReader($0, file: "fuzz", item: nil, allowed: allowed)
        _ = try TorchContents(reader.read().tree, file: "fuzz", item: nil)
      }
    }
  }

  @Test("GGUF")
  func gguf() throws {
    try fuzz([contents(fixture("blocks.gguf"))], seed: 9) { bytes in
      let file = try GGUF.decode(bytes, named: "fuzz")
      for key in file.keys { _ = file[key]?.array?.values.count }
      for entry in file.archiveEntries where entry.dtype != nil { _ = touch(try file.tensor(entry.name)) }
    }
  }

  @Test("HDF5", arguments: [["earliest.h5"], ["latest.h5", "userblock.h5"]])
  func hdf5(_ names: [String]) throws {
    try fuzz(names.map { try contents(fixture($0)) }, seed: 16, refusedShare: 16, count: FuzzTests.largeCount) {
      bytes in
      let file = try HDF5File.decode(bytes, named: "fuzz")
      for object in file.objects {
        for name in object.attributeNames {
          if let text = try object.attribute(name)?.text() { #expect(text.utf8.count <= 3 * bytes.count) }
        }
        guard let dataset = object.dataset, dataset.dtype != nil else { continue }
        _ = touch(try dataset.tensor())
      }
    }
  }

  @Test("Keras's files", arguments: [["tinycnn.h5", "tinylstm.h5"], ["tinycnn.keras"], ["tinycnn.weights.h5"]])
  func keras(_ names: [String]) throws {
    try fuzz(names.map { try contents(fixture($0)) }, seed: 17, refusedShare: 8, count: FuzzTests.largeCount) { bytes in
      let file = try KerasFile.decode(bytes, named: "fuzz")
      for entry in file.archiveEntries where entry.dtype != nil { _ = touch(try file.tensor(entry.name)) }
    }
  }

  @Test("the manifest and the index")
  func documents() throws {
    let manifest = CheckpointManifest(
      dtype: .float32, trainingState: TrainingState(step: 3, epoch: 1),
      files: ["a": .init(byteCount: 1, digest: String(repeating: "0", count: 64))])
    try fuzz([manifest.encoded()], seed: 4) { _ = try CheckpointManifest(parsing: $0, path: "fuzz") }
    let index = try ShardIndex.text([("a", "model-1.safetensors"), ("b", "model-2.safetensors")], totalByteCount: 8)
    try fuzz([index], seed: 5) { _ = try ShardIndex(reading: MappedFile(copying: $0, named: "fuzz")) }
  }
}
