/// The alphabet in which byte-level BPE writes bytes as printable characters (Radford et al. 2019): bytes that are
/// visible in Latin-1 stand for themselves, the others follow from U+0100 on.
enum ByteAlphabet {
  /// The scalar of each byte.
  static let scalars: [UInt32] = {
    var result = [UInt32](repeating: 0, count: 256)
    var next: UInt32 = 0x100
    for byte in 0..<UInt32(256) {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: result[Int(byte)] = byte
      default:
        result[Int(byte)] = next
        next += 1
      }
    }
    return result
  }()

  /// The byte of each scalar below U+0144, or -1.
  private static let bytes: [Int16] = {
    var result = [Int16](repeating: -1, count: 0x144)
    for (byte, value) in scalars.enumerated() { result[Int(value)] = Int16(byte) }
    return result
  }()

  static func byte(_ value: UInt32) -> UInt8? {
    guard value < 0x144, bytes[Int(value)] >= 0 else { return nil }
    return UInt8(bytes[Int(value)])
  }
}

extension PreTokenizedText {
  /// Writes every byte of the pieces that are no tokens in the byte alphabet.
  mutating func encodeBytes() {
    var newBytes: [UInt8] = []
    var newSpans: [Span] = []
    newBytes.reserveCapacity(text.bytes.count * 5 / 4 + 16)
    newSpans.reserveCapacity(text.bytes.count * 5 / 4 + 16)
    text.materialize()
    ByteAlphabet.scalars.withUnsafeBufferPointer { alphabet in
      for index in pieces.indices {
        let range = pieces[index].range
        pieces[index].start = Int32(newBytes.count)
        if pieces[index].token >= 0 {
          newBytes += text.bytes[range]
          newSpans += text.spans[range]
        } else {
          for position in range {
            let value = alphabet[Int(text.bytes[position])]
            let span = text.spans[position]
            newBytes.append(scalar: value)
            newSpans.append(span)
            if value >= 0x80 { newSpans.append(span) }
          }
        }
        pieces[index].end = Int32(newBytes.count)
      }
    }
    text.bytes = newBytes
    text.spans = newSpans
  }
}
