import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("A safetensors file is written whole, as the reference writes it, or not at all")
struct SafetensorsWriteTests {
  @Test("the bytes of a small file are those that the format's example has")
  func exactBytes() throws {
    let tensors = ["b": Tensor([2], [1, 2] as [UInt8]), "a": Tensor([1], [1] as [Float]), "c": Tensor([0], [UInt8]())]
    let written = try Safetensors.encode(tensors, metadata: ["format": "pt"])
    let header =
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"c":{"dtype":"U8","shape":[0],"data_offsets":[6,6]}}"#
    let padded = header + String(repeating: " ", count: -header.utf8.count & 7)
    #expect(written.prefix(8).elementsEqual([UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]))
    #expect(String(decoding: written.dropFirst(8).prefix(padded.utf8.count), as: UTF8.self) == padded)
    #expect(written.suffix(6).elementsEqual([0, 0, 0x80, 0x3F, 1, 2]))
  }

  @Test("a PyTorch file read and written again is the same file")
  func rewritten() throws {
    let file = try Safetensors.open(fixture("state.safetensors"))
    #expect(try Safetensors.encode(file.tensors(), metadata: file.metadata) == contents(file.path))
  }

  @Test("a file on the disk is what encoding in memory gives")
  func fileEqualsEncoding() throws {
    let folder = try TemporaryFolder()
    let tensors = Dictionary(uniqueKeysWithValues: DType.allCases.map { ("\($0)", sample($0, [7, 3])) })
    try Safetensors.save(tensors, to: folder.file("a.safetensors"), metadata: ["z": "1", "a": "2"])
    #expect(try contents(folder.file("a.safetensors")) == Safetensors.encode(tensors, metadata: ["a": "2", "z": "1"]))
    #expect(folder.names == ["a.safetensors"])
  }

  @Test("a strided view is written in row-major order")
  func strided() throws {
    let base = Tensor([2, 3], [1, 2, 3, 4, 5, 6] as [Int32])
    let transposed = base.viewed(base.layout.permuted([1, 0]))
    let opened = try Safetensors.decode(Safetensors.encode(["t": transposed]))
    #expect(try opened.tensor("t").array(of: Int.self) == [1, 4, 2, 5, 3, 6])
    #expect(try opened.tensor("t").shape == [3, 2])
  }

  @Test("a header with control characters, quotes and accents reads back")
  func strangeNames() throws {
    let names = ["a\u{1}\n\"\\", "\u{7F}/\u{2028}", "caf\u{E9}", "\u{1F600}", ""]
    let tensors = Dictionary(uniqueKeysWithValues: names.map { ($0, sample(.uint8, [2], seed: UInt64($0.utf8.count))) })
    let opened = try Safetensors.decode(Safetensors.encode(tensors))
    for name in names { #expect(try bytes(opened.tensor(name)) == bytes(tensors[name]!)) }
  }

  @Test("two tensors of one name, and the name that the format keeps, are refused")
  func names() {
    let tensor = Tensor([1], [1] as [UInt8])
    let twice: [(key: String, value: Tensor)] = [("a", tensor), ("a", tensor)]
    #expect(checkpointError { _ = try Safetensors.encode(twice) }?.kind == .invalidRequest)
    #expect(checkpointError { _ = try Safetensors.encode(["__metadata__": tensor]) }?.kind == .invalidRequest)
  }

  @Test("when making a tensor fails, the old file stays and nothing else is left")
  func failure() throws {
    struct Failure: Error {}
    let folder = try TemporaryFolder()
    let path = folder.file("a.safetensors")
    try Safetensors.save(["x": sample(.float32, [4])], to: path)
    let old = try contents(path)
    let specs: [(name: String, spec: TensorSpec)] = [
      ("a", TensorSpec(.float32, [1 << 16])), ("b", TensorSpec(.uint8, [4])),
    ]
    #expect(throws: Failure.self) {
      try Safetensors.save(specs: specs, to: path) { index in
        if index == 1 { throw Failure() }
        return sample(.float32, [1 << 16])
      }
    }
    #expect(try contents(path) == old)
    #expect(folder.names == ["a.safetensors"])
  }

  @Test("a tensor that is not what was announced is refused")
  func announced() throws {
    let folder = try TemporaryFolder()
    let error = checkpointError {
      try Safetensors.save(specs: [("a", TensorSpec(.float32, [2]))], to: folder.file("a")) { _ in
        sample(.float32, [3])
      }
    }
    #expect(error?.kind == .invalidRequest)
    #expect(folder.names.isEmpty)
  }
}

@Suite("An atomic file replaces another whole")
struct AtomicFileTests {
  @Test("permissions of the file replaced are kept, and a link is followed")
  func replacing() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("real"))
    chmod(folder.file("real"), 0o640)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("real"))
    try AtomicFile.write([2, 3], to: folder.file("link"))
    #expect(try contents(folder.file("real")) == [2, 3])
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("real"))
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == folder.file("real"))
    #expect(folder.names == ["link", "real"])
  }

  @Test("a file that is not committed leaves nothing")
  func abandoned() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try AtomicFile(replacing: folder.file("a"))
      try file.write([1, 2, 3])
      #expect(folder.names.count == 1)
    }
    #expect(folder.names.isEmpty)
  }

  @Test("a missing folder, a folder in the way, and a name of the greatest length")
  func places() throws {
    let folder = try TemporaryFolder()
    #expect(checkpointError { try AtomicFile.write([1], to: folder.file("none/a")) }?.kind == .unwritable)
    #expect(checkpointError { try AtomicFile.write([1], to: folder.path) }?.kind == .unwritable)
    let long = String(repeating: "x", count: 255)
    try AtomicFile.write([1], to: folder.file(long))
    #expect(folder.names == [long])
  }

  @Test("SHA-256 gives the digests of FIPS 180-4's examples")
  func digests() {
    let hash = Digest()
    Array("ab".utf8).withUnsafeBytes { hash.update($0) }
    Array("c".utf8).withUnsafeBytes { hash.update($0) }
    #expect(hash.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest().finish() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
