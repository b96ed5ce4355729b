import DeepSeekJSON
import DeepSeekTensor

/// Where each tensor goes in a file that is to be written, and the header that says so: byte for byte what the reference
/// implementation writes for the same tensors and at most one metadata string. (It leaves the order of several to chance;
/// here they are sorted.)
struct SafetensorsLayout {
  /// The positions of the tensors, as they were given, in the order of their bytes.
  let order: [Int]
  /// The header's length and the header, padded with spaces so that the elements begin at a multiple of 8.
  let header: [UInt8]
  /// Bytes of all elements.
  let elementByteCount: Int

  /// With `aligned`, the beginning of some names, tensors of such names come first, and the header is padded so that in the file
  /// the first of them lies at a multiple of 64 bytes, as do the others as long as their sizes are such; elements of every type
  /// then still lie at multiples of their size.
  init(
    _ tensors: [(name: String, spec: TensorSpec)], metadata: [String: String]?, file: String, aligned: String? = nil
  ) throws {
    try SafetensorsLayout.checkNames(tensors.map(\.name), file)
    let isAligned = tensors.map { tensor in aligned.map { tensor.name.hasPrefix($0) } ?? false }
    order = tensors.indices.sorted { left, right in
      if isAligned[left] != isAligned[right] { return isAligned[left] }
      let ranks = (SafetensorsDType(tensors[left].spec.dtype).rank, SafetensorsDType(tensors[right].spec.dtype).rank)
      if ranks.0 != ranks.1 { return ranks.0 > ranks.1 }
      return tensors[left].name.utf8.lexicographicallyPrecedes(tensors[right].name.utf8)
    }
    var object = JSONObject()
    if let metadata {
      var strings = JSONObject()
      for key in metadata.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        strings[key] = .string(metadata[key]!)
      }
      object[SafetensorsHeader.metadataKey] = .object(strings)
    }
    var position = 0
    for index in order {
      let spec = tensors[index].spec
      let end = position + spec.shape.elementCount * spec.dtype.byteCount
      object[tensors[index].name] = [
        "dtype": .string(SafetensorsDType(spec.dtype).rawValue),
        "shape": .array(spec.shape.map { .integer($0) }),
        "data_offsets": [.integer(position), .integer(end)],
      ]
      position = end
    }
    elementByteCount = position
    var text = try JSONValue.object(object).serialized()
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -text.count & 7))
    if isAligned.contains(true) {
      let start = MemoryLayout<UInt64>.size + text.count
      text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -start & 63))
    }
    guard text.count <= SafetensorsHeader.maximumByteCount else {
      throw CheckpointError(
        .invalidRequest, file: file,
        "the header would take \(text.count) bytes; the format allows \(SafetensorsHeader.maximumByteCount)",
        advice: "write the tensors to several files")
    }
    header = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  private static func checkNames(_ names: [String], _ file: String) throws {
    var seen = Set<ExactName>()
    for name in names {
      if name == SafetensorsHeader.metadataKey {
        throw CheckpointError(
          .invalidRequest, file: file, item: name, "the format keeps this name for itself", advice: "rename the tensor")
      }
      if !seen.insert(ExactName(name)).inserted {
        throw CheckpointError(
          .invalidRequest, file: file, item: name, "two tensors have this name", advice: "rename one of them")
      }
    }
  }
}
