import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekRecords
import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tensor bundle (tensorflow/core/util/tensor_bundle): the index is a table from names to places in the files of elements.
struct BundleStorage: CheckpointStorage {
  let entries: [TensorFlowCheckpoint.Entry]
  private let index: MappedFile
  private let protos: [Tensorflow_BundleEntryProto]
  private let parts: [[UInt8]: Tensorflow_BundleEntryProto]
  private let shards: [MappedFile]

  init(prefix: String, index file: MappedFile, _ access: FileAccess) throws {
    index = file
    let table = try SortedTable(file)
    var header: Tensorflow_BundleHeaderProto?
    var entries: [TensorFlowCheckpoint.Entry] = []
    var protos: [Tensorflow_BundleEntryProto] = []
    var parts: [[UInt8]: Tensorflow_BundleEntryProto] = [:]
    for entry in table.entries {
      if entry.key.isEmpty {
        header = try table.message(entry)
        continue
      }
      let proto: Tensorflow_BundleEntryProto = try table.message(entry)
      // The keys of parts begin with zero, which no name does.
      if entry.key[0] == 0 {
        parts[entry.key] = proto
      } else {
        let name = String(decoding: entry.key, as: UTF8.self)
        entries.append(try TensorFlowCheckpoint.Entry(name, proto.dtype, proto.shape, file))
        protos.append(proto)
      }
    }
    guard let header else {
      throw CheckpointError(
        .malformed, file: file.path, "it has no header", advice: "see that it is a TensorFlow checkpoint")
    }
    guard header.endianness == .little else {
      throw CheckpointError(.unsupported, file: file.path, "it was written on a big-endian machine")
    }
    // Every shard is a file that must be there, so the number is no danger.
    guard (1...99_999).contains(header.numShards) else {
      throw CheckpointError(.malformed, file: file.path, "it speaks of \(header.numShards) files")
    }
    var shards: [MappedFile] = []
    for shard in 0..<Int(header.numShards) {
      let name = BundleStorage.shardName(shard, of: Int(header.numShards))
      shards.append(try MappedFile(path: prefix + name, access: access))
    }
    self.entries = entries
    self.protos = protos
    self.parts = parts
    self.shards = shards
  }

  /// `.data-00000-of-00001`.
  private static func shardName(_ shard: Int, of count: Int) -> String {
    func five(_ number: Int) -> String { String(String(100_000 + number).dropFirst()) }
    return ".data-\(five(shard))-of-\(five(count))"
  }

  func tensor(_ place: Int, _ spec: TensorSpec) throws -> Tensor {
    let proto = protos[place]
    return proto.slices.isEmpty
      ? try stored(proto, entries[place].name, spec) : try assembled(entries[place], proto, spec.dtype)
  }

  func byteCount(_ place: Int) -> Int {
    let entry = entries[place]
    // Of a variable in parts, the index has no size.
    guard protos[place].slices.isEmpty || entry.dtype == nil else {
      return entry.shape.elementCount * (entry.dtype?.byteCount ?? 0)
    }
    return max(0, Int(protos[place].size))
  }

  func texts(_ place: Int) throws -> [[UInt8]] {
    try withBytes(protos[place], entries[place].name) { try texts(entries[place], protos[place], $0) }
  }

  private func failure(
    _ kind: CheckpointError.Kind, _ entry: TensorFlowCheckpoint.Entry, _ message: String, advice: String = ""
  ) -> CheckpointError {
    CheckpointError(kind, file: index.path, item: entry.name, message, advice: advice)
  }

  private func withBytes<Result>(
    _ proto: Tensorflow_BundleEntryProto, _ name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let range = try range(proto, name)
    return try shards[Int(proto.shardID)].withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Where the bytes are, which lies in the file.
  private func range(_ proto: Tensorflow_BundleEntryProto, _ name: String) throws -> Range<Int> {
    guard shards.indices.contains(Int(proto.shardID)) else {
      throw CheckpointError(
        .malformed, file: index.path, item: name, "it is in file \(proto.shardID), of \(shards.count)")
    }
    let file = shards[Int(proto.shardID)]
    guard proto.offset >= 0, proto.size >= 0, proto.offset <= file.byteCount,
      proto.size <= file.byteCount - Int(proto.offset)
    else {
      throw CheckpointError(
        .truncated, file: file.path, item: name, offset: Int(proto.offset),
        "its \(proto.size) bytes reach beyond the file's \(file.byteCount)",
        advice: "the file is incomplete or damaged: copy it again")
    }
    return Int(proto.offset)..<Int(proto.offset + proto.size)
  }

  /// A tensor whose bytes stand as they are.
  private func stored(_ proto: Tensorflow_BundleEntryProto, _ name: String, _ spec: TensorSpec) throws -> Tensor {
    let range = try range(proto, name)
    let file = shards[Int(proto.shardID)]
    let expected = spec.shape.elementCount * spec.dtype.byteCount
    guard range.count == expected else {
      throw CheckpointError(
        .malformed, file: file.path, item: name, offset: range.lowerBound,
        "\(range.count) bytes; \(spec) takes \(expected)")
    }
    try withBytes(proto, name) { bytes in
      guard MaskedChecksum.of(bytes) == proto.crc32C else { throw mismatch(file, name, range.lowerBound) }
    }
    return try RawElements(file: file, range: range, item: name).tensor(spec)
  }

  private func mismatch(_ file: MappedFile, _ name: String, _ offset: Int) -> CheckpointError {
    CheckpointError(
      .checksumMismatch, file: file.path, item: name, offset: offset,
      "its bytes do not have the checksum that the index has for them",
      advice: "the file is incomplete or damaged: copy it again")
  }

  /// A variable that was written in parts.
  private func assembled(
    _ entry: TensorFlowCheckpoint.Entry, _ proto: Tensorflow_BundleEntryProto, _ dtype: DType
  ) throws -> Tensor {
    let whole = Layout(entry.shape)
    var pieces: [(proto: Tensorflow_BundleEntryProto, layout: Layout)] = []
    var seen: Set<[UInt8]> = []
    for slice in proto.slices {
      guard let (layout, extents) = slice.part(of: whole) else {
        throw failure(.malformed, entry, "a part lies outside the shape \(entry.shape)")
      }
      let key = OrderedCode.key(entry.name, extents)
      guard let part = parts[key], seen.insert(key).inserted else {
        throw failure(.malformed, entry, "the part \(extents) is not in the index, or named twice")
      }
      pieces.append((part, layout))
    }
    // Before memory is taken: the parts are as large as the whole.
    let covered = pieces.reduce(0.0) { $0 + Double($1.layout.shape.elementCount) }
    guard covered == Double(entry.shape.elementCount) else {
      throw failure(.malformed, entry, "its parts have \(covered) elements, it has \(entry.shape.elementCount)")
    }
    // And lie apart in the files: else a small file would fill a large tensor.
    var end = (shard: Int32(0), byte: 0)
    for proto in pieces.map(\.proto).sorted(by: { ($0.shardID, $0.offset) < ($1.shardID, $1.offset) }) {
      let range = try range(proto, entry.name)
      guard proto.shardID > end.shard || range.lowerBound >= end.byte else {
        throw failure(.malformed, entry, "two of its parts share bytes of a file")
      }
      end = (proto.shardID, range.upperBound)
    }
    let parts = try pieces.map { piece in
      (try stored(piece.proto, entry.name, TensorSpec(dtype, piece.layout.shape)), piece.layout)
    }
    guard let result = Tensor.joined(parts, TensorSpec(dtype, entry.shape)) else {
      throw failure(.malformed, entry, "two of its parts overlap")
    }
    return result
  }

  /// Texts: all lengths, their checksum, and all bytes. The index' checksum is of the lengths as whole words.
  private func texts(
    _ entry: TensorFlowCheckpoint.Entry, _ proto: Tensorflow_BundleEntryProto, _ bytes: UnsafeRawBufferPointer
  ) throws -> [[UInt8]] {
    let count = entry.shape.elementCount
    let file = shards[Int(proto.shardID)]
    let start = Int(proto.offset)
    guard count <= bytes.count else { throw failure(.malformed, entry, "\(count) texts in \(bytes.count) bytes") }
    var reader = WireReader(bytes)
    var checksum = MaskedChecksum()
    var lengths: [Int] = []
    do {
      for _ in 0..<count {
        let length = try reader.varint()
        lengths.append(Int(clamping: length))
        if length <= UInt32.max { checksum.add(UInt32(length)) } else { checksum.add(length) }
      }
      let stated = try reader.fixed32()
      guard stated == checksum.masked else { throw mismatch(file, entry.name, start) }
      checksum.add(stated)
      var texts: [[UInt8]] = []
      for length in lengths {
        let text = try reader.bytes(count: length)
        checksum.add(text)
        texts.append(Array(text))
      }
      guard reader.isAtEnd else { throw failure(.malformed, entry, "\(reader.remaining) bytes are left") }
      guard checksum.masked == proto.crc32C else { throw mismatch(file, entry.name, start) }
      return texts
    } catch let error as WireReader.Failure {
      throw CheckpointError(
        .malformed, file: file.path, item: entry.name, offset: start + error.offset, "its texts: \(error.message)")
    }
  }
}
