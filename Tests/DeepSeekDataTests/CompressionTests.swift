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
