import DeepSeekTensor
import Foundation
import Testing

@testable import DeepSeekCheckpoints

/// Damages a file in one to four places: a byte, a bit, a number, a piece removed, repeated or taken from elsewhere.
private func mutated(_ original: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
  let numbers: [UInt64] = [
    0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 1 << 31, 0xFFFF_FFFF, 1 << 32, 1 << 62, .max,
  ]
  let texts = [
    "-1", "0", "18446744073709551616", "9223372036854775807", "1e9", "{", "}", "[", "]", "\"", "null", "F64", "'",
  ]
  var bytes = original
  for _ in 0..<Int.random(in: 1...4, using: &generator) {
    guard !bytes.isEmpty else { return bytes }
    // Structures stand at the beginning and the end: half of the damage goes to the first 200 bytes and the last 100.
    let place =
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: Int.random(in: 0..<min(200, bytes.count), using: &generator)
      case 1: Int.random(in: max(0, bytes.count - 100)..<bytes.count, using: &generator)
      default: Int.random(in: 0..<bytes.count, using: &generator)
      }
    let length = min(Int.random(in: 1...16, using: &generator), bytes.count - place)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2:
      let number = numbers.randomElement(using: &generator)!
      let width = min([1, 2, 4, 8].randomElement(using: &generator)!, bytes.count - place)
      withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(place..<place + width, with: $0.prefix(width)) }
    case 3: bytes.removeSubrange(place..<place + length)
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 5: bytes.replaceSubrange(place..<place + length, with: texts.randomElement(using: &generator)!.utf8)
    default: bytes.removeSubrange(place...)
    }
  }
  return bytes
}

/// Reads every element, so that a view that reached outside would be caught by the sanitizer.
private func touch(_ tensor: Tensor) -> Int {
  tensor.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
}

/// `DEEPSEEK_FUZZ_COUNT` sets how many damaged files each test reads; the suite's own runs are short.
private let mutationCount = ProcessInfo.processInfo.environment["DEEPSEEK_FUZZ_COUNT"].flatMap(Int.init) ?? 2000

@Suite("A damaged file gives an error or tensors, never a trap")
struct FuzzTests {
  /// Reads `mutationCount` damaged copies of `seeds`; anything thrown must be a `CheckpointError` about this file.
  private func fuzz(_ seeds: [[UInt8]], seed: UInt64, _ read: ([UInt8]) throws -> Void) throws {
    var generator = SplitMix(state: seed)
    Memory.resetPeak()
    let before = Memory.statistics.inUse
    var refused = 0
    for number in 0..<mutationCount {
      let bytes = mutated(seeds[number % seeds.count], &generator)
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
    #expect(refused > mutationCount / 4)
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
