import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekProtocols
import DeepSeekRecords
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import DeepSeekInterchange

/// What a checkpoint must hold.
private struct Expected {
  let dtype: String
  let shape: [Int]
  let values: [JSONValue]

  static func read(_ name: String) throws -> [String: Expected] {
    let json = try JSONValue(parsing: contents(fixture("checkpoints.json")))
    var result: [String: Expected] = [:]
    for member in json[name]?["tensors"]?.object?.members ?? [] {
      let (key, entry) = (member.key, member.value)
      result[key] = Expected(
        dtype: entry["dtype"]?.string ?? "", shape: (entry["shape"]?.array ?? []).compactMap(\.integer),
        values: entry["values"]?.array ?? [])
    }
    return result
  }
}

@Suite("TensorFlow checkpoints")
struct CheckpointTests {
  @Test(
    "every type, parts put together, bit for bit",
    arguments: [("tf1_saver", "model.ckpt-7"), ("tf2_object", "ckpt-1"), ("tf1_v1format", "old.ckpt")])
  func tensors(folder: String, name: String) throws {
    let checkpoint = try TensorFlowCheckpoint(fixture("\(folder)/\(name)"))
    let expected = try Expected.read(folder)
    #expect(!expected.isEmpty)
    #expect(Set(expected.keys).isSubset(of: checkpoint.entries.map(\.name)))
    for (key, wanted) in expected {
      if wanted.dtype == "object" {
        let texts = try checkpoint.texts(key)
        #expect(texts == wanted.values.map { ($0.string ?? "?").unicodeScalars.map { UInt8($0.value) } }, "\(key)")
        continue
      }
      let tensor = try checkpoint.tensor(key)
      #expect(tensor.dtype.description == wanted.dtype && Array(tensor.shape) == wanted.shape, "\(key)")
      if tensor.dtype == .complex64 {
        let parts = tensor.withUnsafeBytes { Array($0.assumingMemoryBound(to: Float.self)) }
        let numbers = wanted.values.flatMap { $0.array ?? [] }.compactMap(\.double)
        #expect(parts.map { Double($0) } == numbers, "\(key)")
      } else if tensor.dtype == .bool {
        #expect(tensor.array(of: Bool.self) == wanted.values.map { $0 == .bool(true) }, "\(key)")
      } else if tensor.dtype == .int64 {
        #expect(tensor.array(of: Int64.self) == wanted.values.compactMap { $0.integer.map { Int64($0) } }, "\(key)")
      } else {
        #expect(tensor.array(of: Double.self) == wanted.values.compactMap(\.double), "\(key)")
      }
    }
  }

  @Test("a checkpoint in several files reads as one, also a tensor in parts; a file that is not there is named")
  func sharded() throws {
    let checkpoint = try TensorFlowCheckpoint(fixture("tf1_sharded/model.ckpt"))
    #expect(try checkpoint.tensor("a").array(of: Float.self) == [0, 1, 2, 3, 4, 5])
    #expect(try checkpoint.tensor("b").array(of: Int64.self) == [0, 10, 20, 30])
    let whole = try checkpoint.tensor("c")
    #expect(whole.shape == [5, 2] && whole.array(of: Float.self) == (0..<10).map { Float($0) })
    let folder = try TemporaryFolder()
    let names = try FileManager.default.contentsOfDirectory(atPath: fixture("tf1_sharded"))
    #expect(names.count == 4)
    for name in names where !name.contains("00001-of") {
      try FileManager.default.copyItem(atPath: fixture("tf1_sharded/\(name)"), toPath: folder.file(name))
    }
    let error = #expect(throws: CheckpointError.self) {
      let part = try TensorFlowCheckpoint(folder.file("model.ckpt"))
      for entry in part.entries { _ = try part.tensor(entry.name) }
    }
    #expect("\(error!)".contains("data-00001-of-00003"), "\(error!)")
  }

  @Test("what is not there or is of another kind is refused by name")
  func refusals() throws {
    let checkpoint = try TensorFlowCheckpoint(fixture("tf1_saver/model.ckpt-7.index"))
    func kind(_ body: () throws -> Void) -> CheckpointError.Kind? {
      do {
        try body()
        return nil
      } catch { return (error as? CheckpointError)?.kind }
    }
    #expect(kind { _ = try checkpoint.tensor("nobody") } == .missingTensor)
    #expect(kind { _ = try checkpoint.tensor("strs") } == .unsupported)
    #expect(kind { _ = try checkpoint.texts("i32") } == .unsupported)
    #expect(kind { _ = try TensorFlowCheckpoint(fixture("tf1_saver/other")) } == .missingFile)
    #expect(kind { _ = try TensorFlowCheckpoint(fixture("frozen.pb")) } == .malformed)
  }

  @Test("numbers in keys are written as TensorFlow writes them")
  func orderedCode() {
    #expect(OrderedCode.number(0) == [0] && OrderedCode.number(300) == [2, 1, 44])
    #expect(OrderedCode.string("a\0b") == [97, 0, 255, 98, 0, 1])
    let cases: [(Int, [UInt8])] = [
      (0, [0x80]), (63, [0xBF]), (-1, [0x7F]), (-64, [0x40]), (64, [0xC0, 0x40]), (-65, [0x3F, 0xBF]),
      (8191, [0xDF, 0xFF]), (8192, [0xE0, 0x20, 0x00]),
      (.max, [0xFF, 0xC0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ]
    for (number, bytes) in cases { #expect(OrderedCode.signed(number) == bytes, "\(number)") }
  }

  @Test("keys that share their beginnings without end, and blocks named often, are refused")
  func greedyTables() throws {
    // A key of 60,000 bytes, and 20,000 more that differ in their end: 1.2 GB of keys in 160 KB.
    var entries = WireWriter()
    func entry(shared: Int, _ key: [UInt8], _ value: [UInt8]) {
      for number in [shared, key.count, value.count] { entries.varint(UInt64(number)) }
      append(key + value, &entries)
    }
    entry(shared: 0, Array(repeating: 65, count: 60_000), [])
    for number in 0..<20_000 {
      entry(shared: 60_000 - 3, [UInt8(66 + number / 6400), UInt8(number / 80 % 80), UInt8(number % 80)], [])
    }
    let keys = try table(blocks: [entries.bytes], places: [0])
    #expect(keys?.kind == .tooLarge, "\(String(describing: keys))")
    // The same block, a thousand times.
    entries = WireWriter()
    for number in 0..<100 { entry(shared: 0, [1, UInt8(number)], [7]) }
    #expect(try table(blocks: [entries.bytes], places: [0]) == nil)
    let often = try table(blocks: [entries.bytes], places: Array(repeating: 0, count: 1000))
    #expect(often?.kind == .malformed && often?.message.contains("overlap") == true, "\(String(describing: often))")
  }

  private func append(_ bytes: [UInt8], _ writer: inout WireWriter) {
    for byte in bytes { writer.fixed(byte) }
  }

  /// What is wrong with a table of these blocks, whose index names them by their places.
  private func table(blocks: [[UInt8]], places: [Int]) throws -> CheckpointError? {
    var file = WireWriter()
    func block(_ contents: [UInt8]) -> (Int, Int) {
      let start = file.bytes.count
      let whole = contents + [0, 0, 0, 0, 0]
      let checksum = whole.withUnsafeBytes { MaskedChecksum.of($0) }
      append(whole, &file)
      file.fixed(checksum)
      return (start, contents.count + 4)
    }
    let written = blocks.map { block($0) }
    var index = WireWriter()
    for (number, place) in places.enumerated() {
      var handle = WireWriter()
      handle.varint(UInt64(written[place].0))
      handle.varint(UInt64(written[place].1))
      for length in [0, 2, handle.bytes.count] { index.varint(UInt64(length)) }
      append([UInt8(number >> 8), UInt8(number & 0xFF)] + handle.bytes, &index)
    }
    let place = block(index.bytes)
    let start = file.bytes.count
    for number in [0, 0, place.0, place.1] { file.varint(UInt64(number)) }
    append(Array(repeating: 0, count: 40 - (file.bytes.count - start)), &file)
    file.fixed(UInt64(0xDB47_7524_8B80_FB57))
    do {
      _ = try SortedTable(MappedFile(copying: file.bytes, named: "table"))
      return nil
    } catch { return error as? CheckpointError }
  }

  @Test("parts of a tensor that overlap leave others empty, and are found")
  func overlappingParts() {
    let whole = Layout([4, 2])
    func part(_ start: Int, _ count: Int) -> (tensor: Tensor, layout: Layout) {
      (Tensor.ones([count, 2]), whole.sliced(axis: 0, start: start, count: count, step: 1))
    }
    let spec = TensorSpec(.float32, [4, 2])
    #expect(Tensor.joined([part(0, 1), part(1, 3)], spec)?.array(of: Float.self) == Array(repeating: 1, count: 8))
    #expect(Tensor.joined([part(0, 2), part(1, 2)], spec) == nil)
  }

  @Test("a graph of objects that is damaged, runs in circles or is endlessly deep gives an error or short names")
  func objectGraphs() throws {
    let checkpoint = try TensorFlowCheckpoint(fixture("tf2_object/ckpt-1"))
    let bytes = try #require(try checkpoint.texts(ObjectGraph.key).first)
    var generator = SplitMix(17)
    var refused = 0
    for _ in 0..<Fuzzing.count {
      do {
        _ = try ObjectGraph(Fuzzing.mutated(bytes, &generator), file: "graph").names.count
      } catch is CheckpointError { refused += 1 }
    }
    #expect(refused > Fuzzing.count / 10)

    var graph = Tensorflow_TrackableObjectGraph()
    let count = 3000
    for place in 0..<count {
      var node = Tensorflow_TrackableObjectGraph.TrackableObject()
      for (name, target) in [("next", (place + 1) % count), ("self", place)] {
        var child = Tensorflow_TrackableObjectGraph.TrackableObject.ObjectReference()
        (child.localName, child.nodeID) = (name, Int32(target))
        node.children.append(child)
      }
      var value = Tensorflow_TrackableObjectGraph.TrackableObject.SerializedTensor()
      (value.name, value.checkpointKey) = ("VARIABLE_VALUE", "k\(place)/.ATTRIBUTES/VARIABLE_VALUE")
      node.attributes.append(value)
      graph.nodes.append(node)
    }
    let names = try ObjectGraph(Array(graph.serializedData()), file: "graph").names
    #expect(names["k2/.ATTRIBUTES/VARIABLE_VALUE"]?.path == "next/next")
    #expect(names["k2999/.ATTRIBUTES/VARIABLE_VALUE"]?.path == "k2999")
    #expect(ObjectGraph.path(ofKey: "a.Sb/c..d/.ATTRIBUTES/VARIABLE_VALUE") == "a/b/c.d")
  }

  @Test("damaged checkpoints give an error or tensors, never a trap")
  func fuzz() throws {
    let folder = try TemporaryFolder()
    let prefix = folder.file("c")
    let seeds = try ["tf1_saver/model.ckpt-7", "tf2_object/ckpt-1"].map {
      (try contents(fixture($0 + ".index")), try contents(fixture($0 + ".data-00000-of-00001")))
    }
    let old = try contents(fixture("tf1_v1format/old.ckpt"))
    var generator = SplitMix(3)
    var refused = 0
    for number in 0..<Fuzzing.count {
      var (index, data) = seeds[number % 2]
      // Checksums find every damage, so half of the indexes get theirs put right.
      if number % 3 < 2 {
        damage(&index, &generator)
      } else {
        data[.random(in: 0..<data.count, using: &generator)] ^= 1
      }
      if number % 3 == 0 { repairChecksums(&index) }
      do {
        let checkpoint: TensorFlowCheckpoint
        if number % 5 == 4 {
          var bytes = old
          damage(&bytes, &generator)
          repairChecksums(&bytes)
          try Data(bytes).write(to: URL(fileURLWithPath: folder.file("old")))
          checkpoint = try TensorFlowCheckpoint(folder.file("old"), access: .read)
        } else {
          try Data(index).write(to: URL(fileURLWithPath: prefix + ".index"))
          try Data(data).write(to: URL(fileURLWithPath: prefix + ".data-00000-of-00001"))
          checkpoint = try TensorFlowCheckpoint(prefix, access: .read)
        }
        for entry in checkpoint.entries {
          _ = entry.isText ? try checkpoint.texts(entry.name).count : try checkpoint.tensor(entry.name).elementCount
        }
      } catch is CheckpointError {
        refused += 1
      }
    }
    #expect(refused > Fuzzing.count / 2)
  }

  private func damage(_ bytes: inout [UInt8], _ generator: inout SplitMix) {
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
    case 2: bytes[place] = 0xFF
    default: bytes[place] &+= 1
    }
  }

  /// Puts the checksum of the first block, where the entries are, right, if the index block still says where it ends.
  private func repairChecksums(_ bytes: inout [UInt8]) {
    guard let trailer = firstBlockEnd(bytes) else { return }
    let checksum = bytes[0...trailer].withUnsafeBytes { MaskedChecksum.of($0) }
    withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(trailer + 1..<trailer + 5, with: $0) }
  }

  /// The metaindex block follows the first one and is always the same eight bytes.
  private func firstBlockEnd(_ bytes: [UInt8]) -> Int? {
    let metaindex: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 0xF2, 0xA1, 0xB0]
    for start in stride(from: bytes.count - metaindex.count, through: 5, by: -1)
    where Array(bytes[start..<start + metaindex.count]) == metaindex { return start - 5 }
    return nil
  }
}
