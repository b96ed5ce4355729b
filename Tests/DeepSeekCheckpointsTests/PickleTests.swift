import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

/// Reads a pickle of these bytes, then lists what is in it.
@discardableResult
private func read(_ bytes: [UInt8], _ unknown: UnknownClasses = .refused) throws -> (
  tree: PickleTree, contents: TorchContents
) {
  try bytes.withUnsafeBytes {
    var reader = PickleReader(
      $0, file: "pickle", item: nil, allowed: PickleGlobals(unknown: unknown, isTorchScript: false))
    let tree = try reader.read().tree
    return (tree, try TorchContents(tree, file: "pickle", item: nil))
  }
}

private func text(_ characters: String) -> [UInt8] { Array(characters.utf8) }

/// The value of a pickle.
private func value(_ bytes: [UInt8]) throws -> PickleValue {
  let tree = try read(bytes).tree
  return PickleValue(tree: tree, node: tree.root)
}

@Suite("A pickle is read as data, whatever it says, in time and memory of its own length")
struct PickleTests {
  @Test("protocol 0: numbers and text as lines")
  func textProtocol() throws {
    let list = try value(
      text("(lp0\nI-5\naI01\naL123456789012345678901234567890L\naF1.5\naS'a\\x41\\n'\np1\naVx\\u00e9\nag1\na."))
    let elements = try #require(list.elements)
    #expect(
      elements.map(\.description) == ["-5", "True", "123456789012345678901234567890", "1.5", "aA\n", "xé", "aA\n"])
  }

  @Test(
    "classes by every instruction that can name one",
    arguments: [
      "cposix\nsystem\n.", "(S'echo'\niposix\nsystem\n.", "(cposix\nsystem\nS'echo'\no.",
      "\u{8C}\u{05}posix\u{8C}\u{06}system\u{93}.",
    ])
  func refusedGlobals(pickle: String) throws {
    let bytes = pickle.unicodeScalars.map { UInt8($0.value) }
    let error = try #require(checkpointError { try read(bytes) })
    #expect(error.kind == .refused && error.item == "posix.system", "\(error)")
    #expect(try read(bytes, .keptAsData).contents.entries.isEmpty)
  }

  @Test(
    "damage is refused",
    arguments: [
      FileCase("empty", .truncated, []),
      FileCase("no end", .truncated, text("N")),
      FileCase("nothing left", .malformed, text(".")),
      FileCase("unknown instruction", .malformed, [0xFF]),
      FileCase("protocol 6", .unsupported, [0x80, 6, 0x4E, 0x2E]),
      FileCase("tuple without a mark", .malformed, text("t.")),
      FileCase("value below its mark", .malformed, text("N(R.")),
      FileCase("a key without a value", .malformed, text("(Nd.")),
      FileCase("append to None", .malformed, text("NNa.")),
      FileCase("set in a list", .malformed, text("]NNs.")),
      FileCase("memo that was never kept", .malformed, [0x68, 7, 0x2E]),
      FileCase("a call of None", .malformed, text("N)R.")),
      FileCase("a call without a tuple", .malformed, text("ccollections\nOrderedDict\nNR.")),
      FileCase("longer than the file", .truncated, [0x58, 0xFF, 0xFF, 0xFF, 0x7F, 0x2E]),
      FileCase("longer than any file", .truncated, [0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]),
      FileCase(
        "an integer of a million bytes", .unsupported, [0x8B, 0, 0, 16, 0] + [UInt8](repeating: 1, count: 1 << 20)),
      FileCase("an integer of negative length", .malformed, [0x8B, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]),
      FileCase("a buffer outside", .unsupported, [0x97, 0x2E]),
      FileCase("Python's extension registry", .unsupported, [0x82, 1, 0x2E]),
      FileCase("two names that look alike", .unsupported, tensorPickle(keys: ["I1\n", "S'1'\n"])),
      FileCase(
        "a tensor beyond its storage", .malformed, tensorPickle(keys: ["S'w'\n"], shape: "(I3\nt", stride: "(I1\nt")),
      FileCase("a negative stride", .malformed, tensorPickle(keys: ["S'w'\n"], shape: "(I2\nt", stride: "(I-1\nt")),
      FileCase(
        "a stride that overflows", .malformed,
        tensorPickle(keys: ["S'w'\n"], shape: "(I4\nt", stride: "(I9223372036854775807\nt")),
      FileCase(
        "a length that overflows", .unsupported,
        tensorPickle(keys: ["S'w'\n"], shape: "(I9223372036854775807\nI4\nt", stride: "(I0\nI0\nt")),
      FileCase(
        "uncountably many elements", .tooLarge,
        tensorPickle(keys: ["S'w'\n"], shape: "(I4611686018427387904\nt", stride: "(I0\nt")),
    ])
  func damage(file: FileCase) throws {
    let error = try #require(checkpointError { try read(file.bytes) })
    #expect(error.kind == file.kind, "\(error)")
  }

  @Test("a value that contains itself is listed once")
  func cycle() throws {
    // A dictionary with itself under a key, and a list that ends in itself.
    let contents = try read(text("}p0\nS'self'\ng0\nsS'n'\nI1\nsS'list'\n(lp1\nI2\nag1\nas.")).contents
    #expect(contents.metadata["n"] == "1")
    #expect(contents.metadata["list.0"] == "2" && contents.metadata.count == 2)
  }

  @Test("values shared in doubling numbers cost no more than the pickle, and listing them is refused")
  func sharedBomb() throws {
    // Each of 60 lists holds the one before twice: 2⁶⁰ paths.
    var pickle = tensorPickle(keys: ["S'w'\n"]).dropLast()
    for level in 0..<60 { pickle += text("p\(level)\n0(lg\(level)\nag\(level)\na") }
    let error = try #require(checkpointError { try read(Array(pickle) + text(".")) })
    #expect(error.kind == .tooLarge, "\(error)")
  }

  @Test("a long name shared by many tensors is not written out for each")
  func nameBomb() throws {
    let name = String(repeating: "n", count: 100_000)
    var pickle = text("}S'\(name)'\n") + tensorPickle(keys: ["S'w'\n"]).dropLast() + text("p9\n0}")
    for number in 0..<1000 { pickle += text("I\(number)\ng9\ns") }
    let error = try #require(checkpointError { try read(pickle + text("s.")) })
    #expect(error.kind == .tooLarge, "\(error)")
  }

  @Test("values nested a million deep are refused, and let go, without recursion")
  func nesting() throws {
    let depth = 1_000_000
    let lists =
      [UInt8](repeating: UInt8(ascii: "]"), count: depth) + [UInt8](repeating: UInt8(ascii: "a"), count: depth - 1)
    let error = try #require(checkpointError { try read(lists + text(".")) })
    #expect(error.kind == .unsupported, "\(error)")
    // Marks, tuples and copies of the top without end.
    #expect(throws: CheckpointError.self) { try read([UInt8](repeating: UInt8(ascii: "("), count: depth) + text(".")) }
    _ = try read(text("N") + [UInt8](repeating: UInt8(ascii: "2"), count: depth) + text("."))
    #expect(throws: CheckpointError.self) { try read(text(")") + [UInt8](repeating: 0x85, count: depth) + text(".")) }
  }

  @Test("one value copied over and over is refused")
  func copyBomb() throws {
    let long = String(repeating: "x", count: 10_000)
    var pickle = text("]c_codecs\nencode\np1\n0S'\(long)'\np2\n0")
    for _ in 0..<1000 { pickle += text("g1\n(g2\ntRa") }
    let error = try #require(checkpointError { try read(pickle + text(".")) })
    #expect(error.kind == .malformed && error.message.contains("over and over"), "\(error)")
  }

  @Test("a tensor of elements that repeat is read up to a limit of its own")
  func repetition() throws {
    let record = TorchTensor(
      source: .none, type: .float32, offset: 0, lengths: [1 << 20, 1 << 20], strides: [0, 0], refusal: nil)
    #expect(record.count == 1 << 40)
    #expect(TorchTensor.end(offset: 3, lengths: [5, 2], strides: [0, 7]) == 11)
    #expect(TorchTensor.end(offset: 3, lengths: [0, 2], strides: [0, 7]) == 3)
    #expect(TorchTensor.end(offset: .max, lengths: [], strides: []) == nil)
  }
}

/// A dictionary of one tensor of two floats under each key, in protocol 0 with a binary reference to the storage.
private func tensorPickle(keys: [String], shape: String = "(I2\nt", stride: String = "(I1\nt") -> [UInt8] {
  let storage = "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI2\ntQ"
  let tensor = "ctorch._utils\n_rebuild_tensor_v2\n(\(storage)I0\n\(shape)\(stride)I00\nNtR"
  return Array(("}" + keys.map { "\($0)\(tensor)s" }.joined() + ".").utf8)
}
