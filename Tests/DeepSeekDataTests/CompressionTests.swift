import DeepSeekCheckpoints
import Testing

@testable import DeepSeekData

@Suite("Compressed bytes")
struct CompressionTests {
  @Test("no codec is believed when it declares more than its bytes can hold", arguments: Codec.allCases)
  func declared(_ codec: Codec) {
    let input = Bytes(copying: [UInt8](repeating: 7, count: 40))
    for byteCount in [41, 1 << 30, 1 << 50, Int.max, -1] {
      let error = dataError {
        _ = try codec.decompress(input, byteCount: byteCount, file: "file", item: "column")
      }
      #expect(error?.file == "file", "\(byteCount)")
    }
  }

  @Test("a library that is not there is named with the line that installs it")
  func missing() {
    let error = dataError {
      _ = try DynamicLibrary.open(["libdeepseek-nothing.so.9"], for: "Nothing", package: "libnothing9")
    }
    #expect(error?.kind == .missingLibrary)
    #expect(error?.description.contains("apt-get install libnothing9") == true)
  }

  @Test("LZ4 in Hadoop's wrapping: blocks behind their lengths, and one bare block")
  func hadoop() throws {
    // Blocks of literals alone: how many in the token's upper half, then they themselves.
    let (abc, de): ([UInt8], [UInt8]) = ([0x30, 97, 98, 99], [0x20, 100, 101])
    let wrapped: [UInt8] = [0, 0, 0, 3, 0, 0, 0, 4] + abc + [0, 0, 0, 2, 0, 0, 0, 3] + de
    func text(_ bytes: [UInt8], _ count: Int) throws -> String {
      let result = try Codec.lz4Hadoop.decompress(Bytes(copying: bytes), byteCount: count, file: "file", item: nil)
      return String(decoding: result.buffer, as: UTF8.self)
    }
    #expect(try text(wrapped, 5) == "abcde")
    #expect(try text(abc, 3) == "abc")
    let cases: [[UInt8]] = [
      Array(wrapped.dropLast()), [0, 0, 0, 9] + wrapped.dropFirst(4), Array(wrapped.dropFirst(12)),
    ]
    for damaged in cases {
      #expect(dataError { _ = try text(damaged, 5) }?.kind == .malformed)
    }
  }

  @Test("Snappy's copies may overlap what they write")
  func snappy() {
    // "abc", then 17 bytes from three back, then 64 from 16 back.
    let input: [UInt8] = [84, 2 << 2, 97, 98, 99, 16 << 2 | 2, 3, 0, 63 << 2 | 2, 16, 0]
    var target = [UInt8](repeating: 0, count: 84)
    let isWhole = input.withUnsafeBytes { source in
      target.withUnsafeMutableBytes { Snappy.decompress(source, into: $0) }
    }
    #expect(isWhole)
    var expected: [UInt8] = (0..<20).map { 97 + UInt8($0 % 3) }
    for _ in 0..<64 { expected.append(expected[expected.count - 16]) }
    #expect(target == expected)
  }
}
