import CZlib
import DeepSeekCheckpoints
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("IDX files")
struct IDXTests {
  private static let bytes: [UInt8] = [0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]

  private func write(_ bytes: [UInt8], _ name: String = "file") throws -> (path: String, folder: TemporaryFolder) {
    let folder = try TemporaryFolder()
    try AtomicFile.write(bytes, to: folder.file(name))
    return (folder.file(name), folder)
  }

  /// gzip's form with stored bytes.
  private func packed(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    let checksum = bytes.withUnsafeBytes { Gzip.checksum($0) }
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
    let lengths = [count, ~count].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    return head + lengths + bytes + word(UInt32(checksum)) + word(UInt32(bytes.count))
  }

  @Test("plain and compressed, bytes and wider elements in big-endian order")
  func reads() throws {
    let plain = try write(IDXTests.bytes)
    let tensor = try IDXFile.read(path: plain.path)
    #expect(tensor.dtype == .uint8 && tensor.shape == [2, 3] && tensor.array(of: Int.self) == [1, 2, 3, 4, 5, 6])
    let gzip = try write(packed(IDXTests.bytes))
    #expect(sameBits(try IDXFile.read(path: gzip.path), tensor))
    let wide = try write([0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 2])
    #expect(try IDXFile.read(path: wide.path).array(of: Int.self) == [-2, 258])
    let real = try write([0, 0, 0x0D, 0, 0x3F, 0x80, 0, 0])
    #expect(try IDXFile.read(path: real.path).item(as: Float.self) == 1)
  }

  @Test("damaged files are refused, whatever is wrong", arguments: [false, true])
  func damaged(isPacked: Bool) throws {
    let original = isPacked ? packed(IDXTests.bytes) : IDXTests.bytes
    for count in original.indices {
      let part = try write(Array(original[..<count]))
      #expect(throws: DataError.self) { try IDXFile.read(path: part.path) }
    }
    var generator = SplitMix(3)
    for _ in 0..<Fuzzing.count(otherwise: 250) {
      let file = DataFile(copying: Fuzzing.mutated(original, &generator), named: "mutated")
      do { _ = try IDXFile.read(file) } catch { #expect(error.file == "mutated") }
    }
    let huge = try write([0, 0, 0x0E, 3] + [UInt8](repeating: 0xFF, count: 12))
    #expect(dataError { _ = try IDXFile.read(path: huge.path) }?.kind == .malformed)
  }
}
