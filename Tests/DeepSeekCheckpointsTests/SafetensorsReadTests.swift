import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekTensor
import TestSupport
import Testing

/// A safetensors file as bytes.
private func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  let text = Array(header.utf8)
  return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Array($0) } + text + data
}

private func tensorText(_ dtype: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
  #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
}

@Suite("A safetensors file is read as its reference implementation reads it")
struct SafetensorsReadTests {
  @Test("every tensor of a file that PyTorch wrote has the values that PyTorch saw")
  func pyTorchFile() throws {
    let opened = try Safetensors.open(fixture("state.safetensors"))
    let expected = try JSONValue(parsing: contents(fixture("state_expected.json")))
    let members = try #require(expected.object).members
    #expect(Set(opened.names) == Set(members.map(\.key)))
    #expect(opened.metadata == ["format": "pt"])
    for member in members {
      let tensor = try opened.tensor(member.key)
      #expect(tensor.dtype.description == member.value["dtype"]?.string, "\(member.key)")
      #expect(Array(tensor.shape) == member.value["shape"]?.array?.compactMap(\.integer), "\(member.key)")
      let values = try #require(member.value["values"]?.array)
      if tensor.dtype == .bool {
        #expect(tensor.array(of: Bool.self) == values.compactMap(\.bool))
      } else if tensor.dtype.isInteger {
        #expect(tensor.array(of: Int.self) == values.compactMap(\.integer), "\(member.key)")
      } else {
        #expect(tensor.array(of: Double.self) == values.compactMap(\.double), "\(member.key)")
      }
    }
  }

  @Test("every element type comes back with its bits", arguments: DType.allCases)
  func everyType(dtype: DType) throws {
    let tensor = sample(dtype, [3, 5])
    let opened = try Safetensors.decode(Safetensors.encode(["x": tensor]))
    #expect(try opened.spec(of: "x") == TensorSpec(dtype, [3, 5]))
    #expect(try bytes(opened.tensor("x")) == bytes(tensor))
  }

  @Test("a tensor outlives the file object that it came from")
  func lifetime() throws {
    let folder = try TemporaryFolder()
    let tensor = sample(.float32, [1000])
    try Safetensors.save(["x": tensor], to: folder.file("a.safetensors"), synchronizes: false)
    func load() throws -> Tensor { try Safetensors.open(folder.file("a.safetensors")).tensor("x") }
    #expect(try bytes(load()) == bytes(tensor))
  }

  @Test("elements that are not aligned are copied to where they are")
  func misaligned() throws {
    let header =
      #"{"a":"# + tensorText("U8", "[1]", 0, 1) + #","b":"# + tensorText("F32", "[2]", 1, 9) + "}"
    let values: [Float] = [1.5, -2.25]
    let opened = try Safetensors.decode(file(header, [7] + values.withUnsafeBytes { Array($0) }))
    let tensor = try opened.tensor("b")
    #expect(Int(bitPattern: tensor.pointer) % 4 == 0)
    #expect(tensor.withUnsafeElements(of: Float.self) { Array($0) } == values)
  }

  @Test("a bool byte other than 0 and 1 counts as true")
  func strangeBool() throws {
    let opened = try Safetensors.decode(file(#"{"a":"# + tensorText("BOOL", "[3]", 0, 3) + "}", [0, 2, 255]))
    #expect(try bytes(opened.tensor("a")) == [0, 1, 1])
  }

  @Test("reading a tensor does not change the file's own bytes for others")
  func copyOnWrite() throws {
    let opened = try Safetensors.decode(Safetensors.encode(["x": Tensor([4], [1, 2, 3, 4] as [Int64])]))
    var changed = try opened.tensor("x")
    changed.withUnsafeMutableBytes { $0[0] = 99 }
    #expect(try bytes(opened.tensor("x"))[0] == 1)
    #expect(bytes(changed)[0] == 99)
  }

  @Test("types that tensors do not have are named, and their bytes can be read")
  func unsupportedType() throws {
    let opened = try Safetensors.decode(file(#"{"a":"# + tensorText("F4", "[4]", 0, 2) + "}", [1, 2]))
    #expect(opened.entry("a")?.format == .float4)
    #expect(try opened.withBytes(of: "a") { Array($0) } == [1, 2])
    let error = checkpointError { _ = try opened.tensor("a") }
    #expect(error?.kind == .unsupported)
    #expect(error?.description.contains("F4") == true)
  }

  @Test("a rank beyond what tensors have is refused for that tensor alone")
  func highRank() throws {
    let ones = "[" + Array(repeating: "1", count: 20).joined(separator: ",") + "]"
    let opened = try Safetensors.decode(file(#"{"a":"# + tensorText("U8", ones, 0, 1) + "}", [1]))
    #expect(checkpointError { _ = try opened.tensor("a") }?.kind == .unsupported)
  }

  @Test("names that differ only in how an accent is written are two tensors")
  func unicodeNames() throws {
    let pairs: [(key: String, value: Tensor)] = [
      ("caf\u{E9}", Tensor([1], [1] as [UInt8])), ("cafe\u{301}", Tensor([1], [2] as [UInt8])),
    ]
    let opened = try Safetensors.decode(Safetensors.encode(pairs))
    #expect(opened.names.count == 2)
    #expect(try bytes(opened.tensor("caf\u{E9}")) == [1])
    #expect(try bytes(opened.tensor("cafe\u{301}")) == [2])
  }

  @Test("a missing tensor's error names those with the closest names")
  func missingTensor() throws {
    let opened = try Safetensors.decode(Safetensors.encode(["bert.pooler.weight": sample(.float32, [2])]))
    let error = checkpointError { _ = try opened.tensor("pooler.weight") }
    #expect(error?.kind == .missingTensor)
    #expect(error?.advice.contains("bert.pooler.weight") == true)
  }

  static let accepted: [FileCase] = [
    FileCase("no tensors", nil, file("{}")),
    FileCase("space before the header", nil, file(" {}")),
    FileCase("a line break after it", nil, file("{}\n")),
    FileCase("metadata that is null", nil, file(#"{"__metadata__":null}"#)),
    FileCase("tensors without elements", nil, file(#"{"a":"# + tensorText("F32", "[0,5]", 0, 0) + "}")),
    FileCase(
      "a zero before lengths whose product is too large", nil,
      file(#"{"a":"# + tensorText("U8", "[0,1099511627776,1099511627776]", 0, 0) + "}")
    ),
    FileCase("an unknown field", nil, file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":[1]}}"#, [1])),
  ]

  @Test("what the reference accepts is accepted", arguments: accepted)
  func accepts(file: FileCase) {
    #expect(throws: Never.self) { _ = try Safetensors.decode(file.bytes) }
  }

  static let refused: [FileCase] = [
    FileCase("an empty file", .truncated, []),
    FileCase("seven bytes", .truncated, [2, 0, 0, 0, 0, 0, 0]),
    FileCase("a header beyond the format's limit", .malformed, file("{}", length: 100_000_001)),
    FileCase("a header of 2⁶³ bytes", .malformed, file("{}", length: 1 << 63)),
    FileCase("a header longer than the file", .truncated, file("{}", length: 3)),
    FileCase("an empty header", .malformed, file("")),
    FileCase("a header that is an array", .malformed, file("[]")),
    FileCase("a byte order mark", .malformed, file("\u{FEFF}{}")),
    FileCase("text after the header", .malformed, file("{}x")),
    FileCase("bytes that are not UTF-8", .malformed, [5, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22, 0x7D]),
    FileCase("metadata with a number", .malformed, file(#"{"__metadata__":{"a":1}}"#)),
    FileCase("metadata twice", .malformed, file(#"{"__metadata__":{},"__metadata__":{}}"#)),
    FileCase("bytes that belong to no tensor", .malformed, file("{}", [1])),
    FileCase("a gap at the start", .malformed, file(#"{"a":"# + tensorText("U8", "[1]", 1, 2) + "}", [1, 2])),
    FileCase(
      "an overlap", .malformed,
      file(#"{"a":"# + tensorText("U8", "[2]", 0, 2) + #","b":"# + tensorText("U8", "[2]", 1, 3) + "}", [1, 2, 3])
    ),
    FileCase(
      "two tensors on the same bytes", .malformed,
      file(#"{"a":"# + tensorText("U8", "[2]", 0, 2) + #","b":"# + tensorText("U8", "[2]", 0, 2) + "}", [1, 2])
    ),
    FileCase("a tensor beyond the end", .truncated, file(#"{"a":"# + tensorText("U8", "[4]", 0, 4) + "}", [1, 2])),
    FileCase(
      "a range that does not fit the shape", .malformed,
      file(#"{"a":"# + tensorText("F32", "[1]", 0, 3) + "}", [1, 2, 3])
    ),
    FileCase("a range that runs backwards", .malformed, file(#"{"a":"# + tensorText("U8", "[1]", 2, 1) + "}", [1, 2])),
    FileCase(
      "offsets at the edge of 64 bits", .malformed,
      file(#"{"a":"# + tensorText("U8", "[1]", Int.max - 1, Int.max) + "}", [1])
    ),
    FileCase(
      "lengths whose product is too large", .malformed,
      file(#"{"a":"# + tensorText("U8", "[1099511627776,1099511627776]", 0, 1) + "}", [1])
    ),
    FileCase("a length of 2⁶⁴", .malformed, file(#"{"a":"# + tensorText("U8", "[18446744073709551616]", 0, 0) + "}")),
    FileCase("a negative length", .malformed, file(#"{"a":"# + tensorText("U8", "[-1]", 0, 1) + "}", [1])),
    FileCase("a fractional length", .malformed, file(#"{"a":"# + tensorText("U8", "[1.0]", 0, 1) + "}", [1])),
    FileCase("half a byte", .malformed, file(#"{"a":"# + tensorText("F4", "[1]", 0, 1) + "}", [1])),
    FileCase(
      "an unknown type", .unsupported,
      file(#"{"a":"# + tensorText("C128", "[1]", 0, 16) + "}", Array(repeating: 0, count: 16))
    ),
    FileCase("three offsets", .malformed, file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, [1])),
    FileCase("no offsets", .malformed, file(#"{"a":{"dtype":"U8","shape":[1]}}"#, [1])),
    FileCase(
      "a name that occurs twice", .malformed,
      file(#"{"a":"# + tensorText("U8", "[1]", 0, 1) + #","a":"# + tensorText("U8", "[1]", 0, 1) + "}", [1])
    ),
    FileCase("arrays nested a million deep", .malformed, file(String(repeating: "[", count: 1_000_000))),
  ]

  @Test("what breaks the format is refused, and the error names the file", arguments: refused)
  func refuses(file: FileCase) {
    let error = checkpointError { _ = try Safetensors.decode(file.bytes, named: "some.safetensors") }
    #expect(error?.kind == file.kind, "\(error.map(\.description) ?? "no error")")
    #expect(error?.file == "some.safetensors")
  }

  @Test("a file that is not there, and a folder, are told apart from a damaged file")
  func missingFile() throws {
    let folder = try TemporaryFolder()
    #expect(checkpointError { _ = try Safetensors.open(folder.file("none.safetensors")) }?.kind == .missingFile)
    #expect(checkpointError { _ = try Safetensors.open(folder.path) }?.kind == .unreadable)
    #expect(checkpointError { _ = try Safetensors.open("") }?.kind == .unreadable)
    #expect(checkpointError { _ = try Safetensors.open("a\0b") }?.kind == .unreadable)
  }

  @Test("mapped and read at once, a file gives the same tensors")
  func access() throws {
    let mapped = try Safetensors.open(fixture("state.safetensors"), access: .mapped)
    let read = try Safetensors.open(fixture("state.safetensors"), access: .read)
    #expect(mapped.entries == read.entries)
    for name in mapped.names { #expect(try bytes(mapped.tensor(name)) == bytes(read.tensor(name))) }
  }
}
