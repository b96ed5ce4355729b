import DeepSeekCheckpoints
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekRecords

@Suite("Record files")
struct RecordTests {
  @Test("TensorFlow's plain, gzip and zlib files read back whole", arguments: ["plain", "gzip", "zlib"])
  func tensorFlow(name: String) throws {
    let found = try records(fixture("\(name).tfrecord"))
    var expected: [[UInt8]] = [[], Array("one".utf8), (0..<3).flatMap { _ in (0...255).map(UInt8.init) }]
    if name != "plain" { expected.append(Array(repeating: 0, count: 70000)) }
    expected.append(Array("last".utf8))
    #expect(found == expected)
    #expect(try RecordReader(fixture("\(name).tfrecord")).compression.rawValue == (name == "plain" ? "none" : name))
  }

  @Test(
    "what is written reads back, and a plain file has TensorFlow's own bytes", arguments: RecordCompression.allCases)
  func roundTrip(compression: RecordCompression) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("records")
    var all = try records(fixture("plain.tfrecord"))
    let writer = try RecordWriter(path, compression: compression)
    for record in all { try writer.write(record) }
    if compression != .none {
      let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
      try writer.write(large)
      all.append(large)
    }
    #expect(folder.names.allSatisfy { $0.hasSuffix(".tmp") }, "the file is not there before it is whole")
    try writer.close()
    #expect(writer.count == all.count)
    #expect(try records(path) == all)
    if compression == .none { #expect(try contents(path) == contents(fixture("plain.tfrecord"))) }
  }

  @Test("a damaged record is refused with the byte at which it begins")
  func damaged() throws {
    let bytes = try contents(fixture("plain.tfrecord"))
    // The third record begins behind an empty one (16 bytes) and one of three.
    let start = 16 + 19
    func read(_ bytes: [UInt8]) throws {
      let reader = try RecordReader(MappedFile(copying: bytes, named: "damaged"), compression: RecordCompression.none)
      while try reader.next() != nil {}
    }
    for (place, kind) in [
      (start, CheckpointError.Kind.checksumMismatch), (start + 9, .checksumMismatch),
      (start + 12, .checksumMismatch), (start + 12 + 767, .checksumMismatch), (start + 12 + 768, .checksumMismatch),
    ] {
      var damaged = bytes
      damaged[place] ^= 4
      let error = failure { try read(damaged) }
      #expect(error?.kind == kind && error?.offset == start, "byte \(place)")
    }
    for count in [start + 5, start + 12, start + 100, start + 12 + 768 + 3] {
      let error = failure { try read(Array(bytes[..<count])) }
      #expect(error?.kind == .truncated && error?.offset == start, "cut at \(count)")
    }
    #expect(failure { try read(Array(bytes[..<start])) } == nil)
    let gzip = try contents(fixture("gzip.tfrecord"))
    let cut = failure {
      let reader = try RecordReader(MappedFile(copying: Array(gzip[..<(gzip.count - 20)]), named: "cut"))
      while try reader.next() != nil {}
    }
    #expect(cut?.kind == .truncated)
    #expect(failure { _ = try RecordReader("/nowhere/at/all") }?.kind == .missingFile)
  }

  @Test("a length that no file has takes no memory")
  func absurdLength() throws {
    var bytes: [UInt8] = []
    [UInt8]().withUnsafeBytes { RecordFraming.framed($0, into: &bytes) }
    for length in [UInt64(1) << 40, 1 << 60, .max] {
      var writer = WireWriter()
      writer.fixed(length)
      writer.fixed(MaskedChecksum.of(length))
      let error = failure {
        let reader = try RecordReader(MappedFile(copying: writer.bytes, named: "absurd"))
        _ = try reader.next()
      }
      #expect(error?.kind == .truncated && error?.offset == 0)
    }
  }

  @Test(
    "a compressed record longer than is allowed is refused before memory is taken",
    arguments: [RecordCompression.gzip, .zlib])
  func largestRecord(compression: RecordCompression) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("records")
    let writer = try RecordWriter(path, compression: compression)
    for count in [100, 1 << 20] { try writer.write(Array(repeating: 7, count: count)) }
    try writer.close()
    let reader = try RecordReader(path, largestRecord: (1 << 20) - 1)
    #expect(try reader.next()?.count == 100)
    #expect(failure { _ = try reader.next() }?.kind == .tooLarge)
    #expect(try records(path).map(\.count) == [100, 1 << 20])
  }

  @Test("damaged files give an error or records, never a trap")
  func fuzz() throws {
    var generator = SplitMix(1)
    let seeds = try ["plain", "gzip", "zlib"].map { try contents(fixture("\($0).tfrecord")) }
    let messages = try records(fixture("examples.tfrecord"))
    let events =
      try records(fixture("events.out.tfevents.tensorflow2")) + records(fixture("events.out.tfevents.tensorflow1"))
    let sequence = try contents(fixture("sequence.bin"))
    let parser = ExampleParser([
      "image": .fixed([2, 2], .float32), "label": .fixed([], .int64, default: .integers([1])),
      "words": .variable(.int64),
      "name": .variableBytes,
    ])
    var refused = 0
    for number in 0..<Fuzzing.count {
      do {
        let reader = try RecordReader(
          MappedFile(copying: Fuzzing.mutated(seeds[number % 3], &generator), named: "fuzz"))
        while try reader.next() != nil {}
      } catch is CheckpointError {
        refused += 1
      }
      do {
        _ = try parser.parse([Fuzzing.mutated(messages[number % messages.count], &generator)])
        _ = try Example(Fuzzing.mutated(messages[number % messages.count], &generator))
        _ = try SequenceExample(Fuzzing.mutated(sequence, &generator))
      } catch is ExampleError {}
      do {
        _ = try Fuzzing.mutated(events[number % events.count], &generator).withUnsafeBytes { try Event($0) }
      } catch is WireReader.Failure {}
    }
    #expect(refused > Fuzzing.count / 2)
  }
}
