import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("NumPy's files read and are written as NumPy reads and writes them")
struct NumPyTests {
  @Test("every element type in both byte orders has NumPy's values", arguments: ["stored.npz", "deflated.npz"])
  func everyType(archive: String) throws {
    let file = try Npz.open(fixture(archive))
    for name in file.names where !["fortran", "fortran_big", "scalar", "empty"].contains(name) {
      let dtypeName = name.replacing("_big", with: "")
      let tensor = try file.tensor(name)
      #expect(tensor.dtype.description == dtypeName)
      #expect(tensor.shape == [3, 4])
      if tensor.dtype == .complex64 {
        let parts = tensor.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        #expect(parts == (0..<12).flatMap { [Float($0), 0] })
      } else {
        let expected = (0..<12).map { tensor.dtype == .bool ? Double($0 % 2) : Double($0) }
        #expect(tensor.array(of: Double.self) == expected, "\(name)")
      }
      #expect(try file.spec(of: name) == tensor.spec)
    }
    #expect(file.names.count == 27)
  }

  @Test("Fortran order, a scalar and an empty array", arguments: ["stored.npz", "deflated.npz"])
  func layouts(archive: String) throws {
    let file = try Npz.open(fixture(archive))
    let fortran = try file.tensor("fortran")
    #expect(fortran.shape == [2, 3, 4])
    #expect(fortran.layout.strides == [1, 2, 6])
    #expect(fortran.array(of: Int.self) == Array(0..<24))
    #expect(try file.tensor("fortran_big").array(of: Int.self) == Array(0..<6))
    #expect(try file.tensor("scalar").item(as: Double.self) == 42.5)
    #expect(try file.tensor("empty").shape == [0, 5])
  }

  @Test("each version of the format reads", arguments: 1...3)
  func versions(version: Int) throws {
    let file = try Npz.open(fixture("special.npz"))
    #expect(try file.tensor("version\(version)").array(of: Int.self) == [0, 1, 2])
  }

  @Test(
    "what tensors cannot hold is refused, and the error says what it is",
    arguments: [
      ("object", "pickle"), ("structured", "'x', 'y'"), ("bytes", "strings"), ("text", "strings"), ("date", "dates"),
      ("void", "bfloat16"), ("complex128", "complex"), ("longdouble", "extended precision"),
    ])
  func refused(name: String, words: String) throws {
    let error = checkpointError { _ = try Npz.open(fixture("special.npz")).tensor(name) }
    #expect(error?.kind == .unsupported)
    #expect(error?.message.contains(words) == true, "\(error.map(\.description) ?? "no error")")
    #expect(error?.item == name + ".npy")
  }

  @Test("members that are no arrays are listed apart")
  func others() throws {
    let file = try Npz.open(fixture("special.npz"))
    #expect(file.otherNames == ["notes.txt"])
    #expect(checkpointError { _ = try file.tensor("notes.txt") }?.kind == .missingTensor)
  }

  @Test("a file that NumPy wrote, written again, is the same file")
  func sameBytes() throws {
    let tensor = try Npy.load(fixture("plain.npy"))
    #expect(tensor.array(of: Int.self) == Array(0..<6))
    #expect(try Npy.encode(tensor) == contents(fixture("plain.npy")))
  }

  @Test("every type that NumPy has comes back from a file with its bits", arguments: DType.allCases)
  func roundTrip(dtype: DType) throws {
    let folder = try TemporaryFolder()
    for shape: Shape in [[], [5], [2, 3], [0, 4], [2, 1, 3, 1, 2, 1, 1, 2]] {
      let tensor = sample(dtype, shape)
      if NpyDType.name(dtype) == nil {
        #expect(checkpointError { _ = try Npy.encode(tensor) }?.kind == .unsupported)
        continue
      }
      try Npy.save(tensor, to: folder.file("a.npy"))
      let read = try Npy.load(folder.file("a.npy"))
      #expect(read.spec == tensor.spec)
      #expect(bytes(read) == bytes(tensor))
    }
  }

  @Test("an archive comes back, stored, compressed, and with 64-bit lengths")
  func archives() throws {
    let folder = try TemporaryFolder()
    let long = Tensor([100_000], (0..<100_000).map { Float($0 % 7) })
    let tensors = ["weights/\u{E9}": sample(.float64, [33, 7]), "long": long, "none": sample(.int8, [0])]
    for compressed in [false, true] {
      for forces64 in [false, true] {
        let path = folder.file("\(compressed)-\(forces64).npz")
        try Npz.save(tensors, to: path, compressed: compressed, forces64: forces64)
        let file = try Npz.open(path)
        #expect(file.names == tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        for (name, tensor) in tensors { #expect(try bytes(file.tensor(name)) == bytes(tensor), "\(path) \(name)") }
      }
    }
    let stored = try contents(folder.file("false-false.npz")).count
    let deflated = try contents(folder.file("true-false.npz")).count
    #expect(deflated < stored / 10)
  }

  @Test("an archive of more members than 16 bits count")
  func manyMembers() throws {
    let folder = try TemporaryFolder()
    let tensor = sample(.uint8, [1])
    let count = 65_537
    let pairs = (0..<count).map { (key: "\($0)", value: tensor) }
    try Npz.save(pairs, to: folder.file("a.npz"))
    let file = try Npz.open(folder.file("a.npz"))
    #expect(file.names.count == count)
    #expect(try bytes(file.tensor("65536")) == bytes(tensor))
  }

  @Test("a damaged byte is found by the checksum, a missing end by the length")
  func damage() throws {
    let folder = try TemporaryFolder()
    let tensor = sample(.float32, [1000])
    for compressed in [false, true] {
      try Npz.save(["x": tensor], to: folder.file("a.npz"), compressed: compressed)
      var damaged = try contents(folder.file("a.npz"))
      damaged[2000] ^= 0x10
      let error = checkpointError { _ = try Npz.decode(damaged).tensor("x") }
      #expect(error?.kind == .checksumMismatch || (compressed && error?.kind == .malformed))
      damaged.removeLast(10)
      #expect(checkpointError { _ = try Npz.decode(damaged) }?.kind == .malformed)
    }
    let plain = try contents(fixture("plain.npy"))
    #expect(checkpointError { _ = try Npy.decode(plain.dropLast()) }?.kind == .truncated)
    #expect(checkpointError { _ = try Npy.decode(plain.prefix(60)) }?.kind == .truncated)
    #expect(checkpointError { _ = try Npy.decode(plain.prefix(9)) }?.kind == .truncated)
  }

  @Test("a member that claims to be far larger than its bytes is refused before memory is taken")
  func bomb() throws {
    let folder = try TemporaryFolder()
    try Npz.save(["x": Tensor([4096], [UInt8](repeating: 0, count: 4096))], to: folder.file("a.npz"), compressed: true)
    var archive = try contents(folder.file("a.npz"))
    // The uncompressed length in the table of contents, whose entry begins with its signature.
    let signature: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
    let entry = try #require(archive.indices.first { archive[$0...].starts(with: signature) })
    archive.replaceSubrange(entry + 24..<entry + 28, with: [0xFF, 0xFF, 0xFF, 0x7F])
    #expect(checkpointError { _ = try Npz.decode(archive).tensor("x") }?.kind == .malformed)
  }

  @Test(
    "headers that break the format are refused",
    arguments: [
      "", "{", "{}", "[]", "'descr'", "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "{'descr': 4, 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,)}",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (4611686018427387904, 4611686018427387904)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
      "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3,)}", String(repeating: "(", count: 60_000),
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,)}",
    ])
  func badHeader(text: String) throws {
    var file: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    file.append(littleEndian: UInt16(text.utf8.count))
    file += Array(text.utf8) + [UInt8](repeating: 0, count: 64)
    let error = checkpointError { _ = try Npy.decode(file) }
    #expect(error?.kind == .malformed || error?.kind == .unsupported)
  }

  @Test("a length of zero before enormous ones is an empty tensor, in both orders", arguments: ["True", "False"])
  func emptyAndEnormous(order: String) throws {
    let text =
      "{'descr': '<f4', 'fortran_order': \(order), 'shape': (0, 4611686018427387904, 4611686018427387904)}"
    var file: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    file.append(littleEndian: UInt16(text.utf8.count))
    file += Array(text.utf8)
    #expect(try Npy.decode(file).elementCount == 0)
  }
}
