import DeepSeekJSON

/// What the header of a safetensors file says about one tensor, checked against the file.
public struct SafetensorsEntry: Sendable, Hashable {
  /// The tensor's name.
  public let name: String
  /// The element type, which may be one that tensors do not have.
  public let format: SafetensorsDType
  /// The lengths of the axes, of any number.
  public let lengths: [Int]
  /// Where the elements are in the file, in bytes from its start.
  public let range: Range<Int>
}

/// A tensor's name, equal only to one of the same bytes: `String` would take two spellings of an accented letter for one.
struct ExactName: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactName, right: ExactName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(text.utf8.count)
  }
}

/// The header of a safetensors file: eight bytes that say how long it is, then JSON.
///
/// Accepts and refuses what the reference implementation (the `safetensors` crate, 0.8) does, and refuses three things
/// that it lets pass against the format's own text: a name that occurs twice, a tensor written as an array instead of an
/// object, and a length beyond 2⁶³.
struct SafetensorsHeader {
  /// The tensors in the order of their bytes.
  let entries: [SafetensorsEntry]
  let metadata: [String: String]

  /// The longest header that the format allows, in bytes.
  static let maximumByteCount = 100_000_000
  static let metadataKey = "__metadata__"
  private static let lengthByteCount = 8

  init(reading bytes: UnsafeRawBufferPointer, file: String) throws {
    guard bytes.count >= SafetensorsHeader.lengthByteCount else {
      throw CheckpointError(
        .truncated, file: file, offset: bytes.count,
        "\(bytes.count) bytes cannot hold the 8-byte length of the header", advice: CheckpointError.downloadAgain)
    }
    let declared = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard declared <= UInt64(SafetensorsHeader.maximumByteCount) else {
      throw CheckpointError(
        .malformed, file: file, offset: 0,
        "the header's length is given as \(declared) bytes; the format allows \(SafetensorsHeader.maximumByteCount)",
        advice: "check that this is a safetensors file")
    }
    let start = SafetensorsHeader.lengthByteCount + Int(declared)
    guard start <= bytes.count else {
      throw CheckpointError(
        .truncated, file: file, offset: bytes.count,
        "the header is \(declared) bytes long, but the file ends after \(bytes.count)",
        advice: CheckpointError.downloadAgain)
    }
    let object = try SafetensorsHeader.object(bytes, start, file)
    var parsed: [SafetensorsEntry] = []
    parsed.reserveCapacity(object.count)
    var metadata: [String: String] = [:]
    for member in object.members {
      if member.key == SafetensorsHeader.metadataKey {
        metadata = try SafetensorsHeader.metadata(member.value, file)
      } else {
        parsed.append(try SafetensorsHeader.entry(member.key, member.value, dataStart: start, file))
      }
    }
    parsed.sort { left, right in
      (left.range.lowerBound, left.range.upperBound) < (right.range.lowerBound, right.range.upperBound)
    }
    try SafetensorsHeader.checkCoverage(parsed, from: start, to: bytes.count, file)
    entries = parsed
    self.metadata = metadata
  }

  private static func object(_ bytes: UnsafeRawBufferPointer, _ end: Int, _ file: String) throws -> JSONObject {
    let text = UnsafeRawBufferPointer(rebasing: bytes[lengthByteCount..<end])
    // The JSON reader passes over a byte order mark; the format's reference does not.
    if text.first == 0xEF {
      throw CheckpointError(
        .malformed, file: file, offset: lengthByteCount, "the header starts with a byte order mark",
        advice: CheckpointError.writeAgain)
    }
    do {
      let value = try text.withMemoryRebound(to: UInt8.self) { try JSONValue(parsing: $0) }
      guard case .object(let object) = value else {
        throw CheckpointError(
          .malformed, file: file, offset: lengthByteCount, "the header is \(value.kind), not an object",
          advice: "check that this is a safetensors file")
      }
      return object
    } catch let error as JSONError {
      throw CheckpointError(
        .malformed, file: file, offset: lengthByteCount + error.offset, "the header is not valid: \(error)",
        advice: "check that this is a safetensors file, and that it is complete")
    }
  }

  private static func metadata(_ value: JSONValue, _ file: String) throws -> [String: String] {
    if value.isNull { return [:] }
    guard let object = value.object else {
      throw CheckpointError(
        .malformed, file: file, item: metadataKey, "it is \(value.kind), not an object of strings",
        advice: CheckpointError.writeAgain)
    }
    var result: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.string else {
        throw CheckpointError(
          .malformed, file: file, item: "\(metadataKey).\(member.key)", "it is \(member.value.kind), not a string",
          advice: CheckpointError.writeAgain)
      }
      result[member.key] = text
    }
    return result
  }

  private static func entry(
    _ name: String, _ value: JSONValue, dataStart: Int, _ file: String
  ) throws -> SafetensorsEntry {
    func failure(_ message: String, _ kind: CheckpointError.Kind = .malformed) -> CheckpointError {
      CheckpointError(kind, file: file, item: name, message, advice: CheckpointError.writeAgain)
    }
    guard let object = value.object else { throw failure("its description is \(value.kind), not an object") }
    guard let code = object["dtype"]?.string else { throw failure("'dtype' is missing or not a string") }
    guard let format = SafetensorsDType(rawValue: code) else {
      throw failure("'dtype' is '\(code)', which the format does not have", .unsupported)
    }
    guard let lengths = object["shape"].flatMap(naturalNumbers) else {
      throw failure("'shape' is missing or not an array of non-negative integers")
    }
    guard let offsets = object["data_offsets"].flatMap(naturalNumbers), offsets.count == 2 else {
      throw failure("'data_offsets' is missing or not two non-negative integers")
    }
    let (begin, overflowBegin) = offsets[0].addingReportingOverflow(dataStart)
    let (end, overflowEnd) = offsets[1].addingReportingOverflow(dataStart)
    guard offsets[0] <= offsets[1], !overflowBegin, !overflowEnd else {
      throw failure("'data_offsets' \(offsets) is not a range")
    }
    var bits = 1
    for factor in lengths + [format.bitCount] {
      let (product, overflow) = bits.multipliedReportingOverflow(by: factor)
      if overflow { throw failure("shape \(lengths) has more elements than can be counted") }
      bits = product
    }
    guard bits % 8 == 0 else { throw failure("\(code)\(lengths) does not end at a whole byte") }
    guard bits / 8 == end - begin else {
      throw failure("\(code)\(lengths) takes \(bits / 8) bytes, but 'data_offsets' spans \(end - begin)")
    }
    return SafetensorsEntry(name: name, format: format, lengths: lengths, range: begin..<end)
  }

  private static func naturalNumbers(_ value: JSONValue) -> [Int]? {
    guard let array = value.array else { return nil }
    var numbers: [Int] = []
    numbers.reserveCapacity(array.count)
    for element in array {
      guard let number = element.integer, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// The tensors must lie end to end from the header to the end of the file, so that nothing overlaps and nothing hides.
  private static func checkCoverage(
    _ entries: [SafetensorsEntry], from start: Int, to fileEnd: Int, _ file: String
  ) throws {
    var position = start
    for entry in entries {
      guard entry.range.lowerBound == position else {
        let what = entry.range.lowerBound < position ? "overlaps the tensor before it" : "leaves a gap before it"
        throw CheckpointError(
          .malformed, file: file, item: entry.name, offset: entry.range.lowerBound,
          "it \(what): it starts at byte \(entry.range.lowerBound), where byte \(position) is next",
          advice: CheckpointError.writeAgain)
      }
      position = entry.range.upperBound
      guard position <= fileEnd else {
        throw CheckpointError(
          .truncated, file: file, item: entry.name, offset: fileEnd,
          "it ends at byte \(position), but the file ends after \(fileEnd)", advice: CheckpointError.downloadAgain)
      }
    }
    guard position == fileEnd else {
      throw CheckpointError(
        .malformed, file: file, offset: position, "\(fileEnd - position) bytes at the end belong to no tensor",
        advice: CheckpointError.writeAgain)
    }
  }
}
