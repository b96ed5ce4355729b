import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("A GGUF file is read as llama.cpp's own package reads it")
struct GGUFTests {
  @Test("blocks of every type that is read give the package's floats, bit for bit")
  func blocks() throws {
    let file = try GGUF.open(fixture("blocks.gguf"))
    let expected = try Npz.open(fixture("blocks_expected.npz"))
    #expect(expected.names.count == 11)
    for name in expected.names {
      let tensor = try file.tensor(name)
      let wanted = try expected.tensor(name)
      #expect(tensor.dtype == .float32 && tensor.shape == wanted.shape, "\(name)")
      #expect(bytes(tensor) == bytes(wanted), "\(name)")
    }
  }

  @Test("plain types are views of the file, with the dimensions in row-major order")
  func plainTypes() throws {
    let file = try GGUF.open(fixture("blocks.gguf"))
    #expect(file.version == 3 && file.format == "GGUF")
    let floats = try file.tensor("F32")
    #expect(floats.shape == [2, 3, 4] && !floats.storage.isWritable)
    let brain = try file.tensor("BF16")
    #expect(brain.dtype == .bfloat16 && brain.shape == [2, 3, 4])
    let halves = floats.array(of: Float.self).map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
    #expect(brain.array(of: Float.self) == halves)
    #expect(try file.tensor("F16").dtype == .float16)
    #expect(try file.tensor("I32").array(of: Int.self) == [0, 1, 2, 3, 4, 5])
    #expect(file.archiveEntries.first { $0.name == "Q4_K" }?.byteCount == 2 * 2 * 144)
  }

  @Test("a type that is not read is listed, and refused by its name")
  func unreadType() throws {
    let file = try GGUF.open(fixture("blocks.gguf"))
    let entry = try #require(file.archiveEntries.first { $0.name == "IQ4_NL" })
    #expect(entry.dtype == nil && entry.storedType == "IQ4_NL" && entry.lengths == [1, 32])
    let error = try #require(checkpointError { _ = try file.tensor("IQ4_NL") })
    #expect(error.kind == .unsupported && error.message.contains("IQ4_NL"))
  }

  @Test("metadata of every type")
  func metadata() throws {
    let file = try GGUF.open(fixture("blocks.gguf"))
    #expect(file["test.uint8"]?.int == 255 && file["test.int8"]?.int == -128)
    #expect(file["test.uint16"]?.int == 65535 && file["test.int16"]?.int == -32768)
    #expect(file["test.uint32"]?.int == 4_294_967_295 && file["test.int32"]?.int == -2_147_483_648)
    #expect(file["test.uint64"]?.description == "18446744073709551615" && file["test.uint64"]?.int == nil)
    #expect(file["test.int64"]?.int == .min)
    #expect(file["test.float32"]?.double == Double(Float(0.1)) && file["test.float64"]?.double == 0.1)
    #expect(file["test.bool"]?.bool == true && file["test.string"]?.string == "tiny é")
    #expect(file["test.integers"]?.array?.integers == [1, -2, 3])
    #expect(file["test.floats"]?.array?.doubles == [0.5, 1.5])
    #expect(file.metadata["test.bools"] == "[true, false]" && file.metadata["general.architecture"] == "llama")
    let tokens = try #require(file["tokenizer.ggml.tokens"]?.array)
    #expect(tokens.count == 33 && tokens.strings?.prefix(3) == ["<s>", "a", "é"])
    #expect(file.metadata["tokenizer.ggml.tokens"] == "33 values")
    #expect(file["missing"] == nil)
  }

  @Test(
    "a file that is damaged or of another version is refused",
    arguments: [
      FileCase("other magic", .malformed, Array("GGML".utf8) + [3, 0, 0, 0]),
      FileCase("version 1", .unsupported, Array("GGUF".utf8) + [1, 0, 0, 0]),
      FileCase("big-endian", .unsupported, Array("GGUF".utf8) + [0, 0, 0, 3]),
      FileCase("cut short", .truncated, Array("GGUF".utf8) + [3, 0, 0, 0, 1]),
      FileCase(
        "more tensors than bytes", .truncated,
        Array("GGUF".utf8) + [3, 0, 0, 0] + [255, 255, 255, 255, 255, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0]),
    ])
  func refused(file: FileCase) throws {
    let error = try #require(checkpointError { _ = try GGUF.decode(file.bytes) })
    #expect(error.kind == file.kind, "\(error)")
  }

  @Test("halves have their values: zero, subnormal, largest, infinite")
  func halves() {
    #expect(HalfFloat.value(0).bitPattern == 0 && HalfFloat.value(0x8000).sign == .minus)
    #expect(HalfFloat.value(1) == 0x1p-24 && HalfFloat.value(0x83FF) == -0x1.ff8p-15)
    #expect(HalfFloat.value(0x3C00) == 1 && HalfFloat.value(0x7BFF) == 65504)
    #expect(HalfFloat.value(0xFC00) == -.infinity && HalfFloat.value(0x7E00).isNaN)
  }
}
