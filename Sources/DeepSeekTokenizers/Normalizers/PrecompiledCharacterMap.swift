/// SentencePiece's table of replacements (Kudo and Richardson 2018): a double-array trie from byte strings to positions
/// in a blob of replacement texts that end in zero bytes.
struct PrecompiledCharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// Graphemes longer than this are not looked up as a whole.
  private static let longestGrapheme = 5

  init(base64: String, path: String) throws(TokenizerError) {
    guard let bytes = Base64.decode(base64) else { throw .invalidField(path: path, reason: "not base64") }
    try self.init(bytes: bytes, path: path)
  }

  /// From the size of the trie in bytes (32 bits, little-endian), the trie's units, and the texts.
  init(bytes: [UInt8], path: String) throws(TokenizerError) {
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
    guard bytes.count >= 4, Int(word(0)) <= bytes.count - 4, word(0) % 4 == 0 else {
      throw .invalidField(path: path, reason: "the trie is longer than the table")
    }
    let end = 4 + Int(word(0))
    units = stride(from: 4, to: end, by: 4).map(word)
    texts = Array(bytes[end...])
    guard String(validating: texts, as: UTF8.self) != nil else {
      throw .invalidField(path: path, reason: "the texts are not UTF-8")
    }
  }

  /// The replacement of the shortest prefix of a text that has one.
  private func replacement(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    guard let root = units.first else { return nil }
    var node = Self.offset(root)
    for byte in text {
      if byte == 0 { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= Self.offset(unit)
      guard node < units.count else { return nil }
      if unit >> 8 & 1 == 1 {
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start <= texts.count else { return nil }
        // A damaged table may point into the middle of a character.
        if start < texts.count, texts[start] & 0xC0 == 0x80 { return nil }
        let end = texts[start...].firstIndex(of: 0) ?? texts.count
        return start..<end
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & (1 << 9)) >> 6) }

  func apply(to text: inout AlignedText) {
    var changes: [(value: UInt32, change: Int)] = []
    changes.reserveCapacity(text.bytes.count)
    var isModified = false
    func put(_ range: Range<Int>, replacing old: UnsafeBufferPointer<UInt8>) {
      isModified = true
      let oldCount = old.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
      var newCount = 0
      texts.withUnsafeBufferPointer { texts in
        var index = range.lowerBound
        while index < range.upperBound {
          let (value, width) = scalar(texts, index)
          newCount += 1
          changes.append((value, newCount > oldCount ? 1 : 0))
          index += width
        }
      }
      // What vanished is booked on the last scalar before.
      if newCount < oldCount, !changes.isEmpty { changes[changes.count - 1].change += newCount - oldCount }
    }
    text.bytes.withUnsafeBufferPointer { bytes in
      Graphemes.forEach(in: bytes) { range in
        let grapheme = UnsafeBufferPointer(rebasing: bytes[range])
        if grapheme.count <= Self.longestGrapheme, let found = replacement(grapheme) {
          return put(found, replacing: grapheme)
        }
        var index = 0
        while index < grapheme.count {
          let (value, width) = scalar(grapheme, index)
          let part = UnsafeBufferPointer(rebasing: grapheme[index..<index + width])
          if let found = replacement(part) { put(found, replacing: part) } else { changes.append((value, 0)) }
          index += width
        }
      }
    }
    guard isModified else { return }
    text.rewrite { rewriter, _ in
      for change in changes { rewriter.put(change.value, change: change.change) }
    }
  }
}

/// Extended grapheme clusters of UTF-8 text.
enum Graphemes {
  static func forEach(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    var index = 0
    while index < bytes.count {
      // Between two ASCII characters there is always a boundary, save inside CR LF.
      let next = index + 1
      if bytes[index] < 0x80, next == bytes.count || (bytes[next] < 0x80 && bytes[index] != 0x0D) {
        body(index..<next)
        index = next
        continue
      }
      // Up to the next plain pair, the standard library finds the boundaries.
      var end = next
      while end < bytes.count, !(bytes[end] < 0x80 && bytes[end - 1] < 0x80 && bytes[end - 1] != 0x0D) { end += 1 }
      for character in String(decoding: UnsafeBufferPointer(rebasing: bytes[index..<end]), as: UTF8.self) {
        let width = character.utf8.count
        body(index..<index + width)
        index += width
      }
    }
  }
}

/// Base 64 (RFC 4648, section 4).
enum Base64 {
  /// The bytes, or `nil` when the text is not base 64.
  static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let digit: UInt32
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = UInt32(byte) - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = UInt32(byte) - 97 + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte) - 48 + 52
      case UInt8(ascii: "+"): digit = 62
      case UInt8(ascii: "/"): digit = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      default: return nil
      }
      if padding > 0 { return nil }
      bits = bits << 6 | digit
      count += 1
      if count % 4 == 0 {
        result.append(UInt8(truncatingIfNeeded: bits >> 16))
        result.append(UInt8(truncatingIfNeeded: bits >> 8))
        result.append(UInt8(truncatingIfNeeded: bits))
      }
    }
    switch count % 4 {
    case 0: return padding == 0 ? result : nil
    case 2: result.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
      result.append(UInt8(truncatingIfNeeded: bits >> 10))
      result.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: return nil
    }
    return (count + padding) % 4 == 0 ? result : nil
  }
}
