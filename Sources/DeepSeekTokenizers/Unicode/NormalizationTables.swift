/// Decompositions, compositions and combining classes, made ready for look-up at the first use (a few milliseconds).
final class NormalizationTables: Sendable {
  static let shared = NormalizationTables()

  /// Per scalar of the basic plane: position in `pool` of its full decomposition's length, or 0 for none.
  private let canonicalIndex: [UInt16]
  private let compatibilityIndex: [UInt16]
  /// The same for the scalars beyond.
  private let canonicalBeyond: [UInt32: UInt16]
  private let compatibilityBeyond: [UInt32: UInt16]
  /// Lengths, each followed by so many scalars.
  private let pool: [UInt32]
  private let compositions: [UInt64: UInt32]
  private let classes: [UInt8]

  private init() {
    let steps = Self.entries(CanonicalDecompositions.text)
    let full = Self.entries(CompatibilityDecompositions.text)
    var pool: [UInt32] = [0]
    var canonical = [UInt16](repeating: 0, count: 0x10000)
    var compatibility = canonical
    var canonicalBeyond: [UInt32: UInt16] = [:]
    var compatibilityBeyond: [UInt32: UInt16] = [:]
    var compositions: [UInt64: UInt32] = [:]
    var oneStep: [UInt32: [UInt32]] = [:]
    for (value, mapping) in steps { oneStep[value] = mapping }
    func expand(_ value: UInt32) -> [UInt32] {
      guard let mapping = oneStep[value] else { return [value] }
      return mapping.flatMap(expand)
    }
    func store(_ mapping: [UInt32]) -> UInt16 {
      let position = UInt16(truncatingIfNeeded: pool.count)
      pool.append(UInt32(mapping.count))
      pool += mapping
      return position
    }
    for (value, mapping) in steps {
      let position = store(expand(value))
      if value < 0x10000 { canonical[Int(value)] = position } else { canonicalBeyond[value] = position }
      if mapping.count == 2, let scalar = Unicode.Scalar(value), !scalar.properties.isFullCompositionExclusion {
        compositions[UInt64(mapping[0]) << 32 | UInt64(mapping[1])] = value
      }
    }
    for (value, mapping) in full {
      let position = store(mapping)
      if value < 0x10000 { compatibility[Int(value)] = position } else { compatibilityBeyond[value] = position }
    }
    self.pool = pool
    canonicalIndex = canonical
    compatibilityIndex = compatibility
    self.canonicalBeyond = canonicalBeyond
    self.compatibilityBeyond = compatibilityBeyond
    self.compositions = compositions
    classes = (0..<0x10000).map { Self.computeClass(UInt32($0)) }
  }

  /// Reads `step:scalar,scalar …` in base 36.
  private static func entries(_ text: StaticString) -> [(UInt32, [UInt32])] {
    var result: [(UInt32, [UInt32])] = []
    var last: UInt32 = 0
    var number: UInt32 = 0
    var mapping: [UInt32] = []
    var inMapping = false
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    func close() {
      guard inMapping else { return }
      mapping.append(number)
      result.append((last, mapping))
      mapping = []
      number = 0
      inMapping = false
    }
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number * 36 + UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): number = number * 36 + UInt32(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: ":"):
        last += number
        number = 0
        inMapping = true
      case UInt8(ascii: ","):
        mapping.append(number)
        number = 0
      default: close()
      }
    }
    close()
    return result
  }

  private static func computeClass(_ value: UInt32) -> UInt8 {
    guard value >= 0x300, let scalar = Unicode.Scalar(value) else { return 0 }
    // Marks younger than the reference's tables count as starters there.
    guard let age = scalar.properties.age, age.major <= 9 else { return 0 }
    return scalar.properties.canonicalCombiningClass.rawValue
  }

  /// The canonical combining class.
  @inline(__always)
  func combiningClass(_ value: UInt32) -> UInt8 {
    value < 0x300 ? 0 : value < 0x10000 ? classes[Int(value)] : Self.computeClass(value)
  }

  /// Calls the closure with each scalar of the full decomposition; a scalar without one decomposes to itself.
  @inline(__always)
  func decompose(_ value: UInt32, compatibility: Bool, _ body: (UInt32) -> Void) {
    if value < 0xA0 { return body(value) }
    if value >= Hangul.firstSyllable, value < Hangul.firstSyllable + Hangul.syllableCount {
      return Hangul.decompose(value, body)
    }
    var position: UInt16 = 0
    if compatibility {
      position =
        value < 0x10000 ? compatibilityIndex[Int(value)] : compatibilityBeyond[value, default: 0]
    }
    if position == 0 {
      position = value < 0x10000 ? canonicalIndex[Int(value)] : canonicalBeyond[value, default: 0]
    }
    if position == 0 { return body(value) }
    let start = Int(position)
    for index in start + 1...start + Int(pool[start]) { body(pool[index]) }
  }

  /// The scalar that two adjacent ones compose to.
  @inline(__always)
  func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    // Nothing below U+0300 composes with what stands before it.
    if second < 0x300 { return nil }
    return Hangul.compose(first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
  }
}

/// The arithmetic of Hangul syllables (The Unicode Standard, section 3.12).
enum Hangul {
  static let firstSyllable: UInt32 = 0xAC00
  static let syllableCount: UInt32 = 11172
  private static let firstLeading: UInt32 = 0x1100
  private static let firstVowel: UInt32 = 0x1161
  private static let firstTrailing: UInt32 = 0x11A7
  private static let leadingCount: UInt32 = 19
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  @inline(__always)
  static func decompose(_ value: UInt32, _ body: (UInt32) -> Void) {
    let index = value - firstSyllable
    body(firstLeading + index / (vowelCount * trailingCount))
    body(firstVowel + index % (vowelCount * trailingCount) / trailingCount)
    if index % trailingCount != 0 { body(firstTrailing + index % trailingCount) }
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= firstLeading, first < firstLeading + leadingCount, second >= firstVowel,
      second < firstVowel + vowelCount
    {
      return firstSyllable + ((first - firstLeading) * vowelCount + (second - firstVowel)) * trailingCount
    }
    if first >= firstSyllable, first < firstSyllable + syllableCount,
      (first - firstSyllable) % trailingCount == 0, second > firstTrailing,
      second < firstTrailing + trailingCount
    {
      return first + second - firstTrailing
    }
    return nil
  }
}
