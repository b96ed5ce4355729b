/// What the tokenizers ask about a scalar, as a set of bits.
///
/// The reference implementation draws on crates with tables of several Unicode versions. Properties named "old" are
/// those of Unicode 8, by which its BERT components decide; the others are those of the newest version at hand.
struct ScalarClasses: OptionSet, Sendable {
  let rawValue: UInt32

  /// White_Space.
  static let space = ScalarClasses(rawValue: 1)
  /// Punctuation (old), or an ASCII symbol: what BERT splits at.
  static let bertPunctuation = ScalarClasses(rawValue: 1 << 1)
  /// Control, format or private use (old), save tab, line feed and carriage return: what BERT removes.
  static let bertControl = ScalarClasses(rawValue: 1 << 2)
  /// Nonspacing mark (old): what BERT strips as an accent.
  static let oldNonspacingMark = ScalarClasses(rawValue: 1 << 3)
  /// Any mark in Unicode 9: what the StripAccents normalizer strips.
  static let oldMark = ScalarClasses(rawValue: 1 << 4)
  /// Numbers of any kind (N).
  static let number = ScalarClasses(rawValue: 1 << 5)
  /// A word character by UTS 18: alphabetic, mark, decimal digit, connector punctuation or join control.
  static let word = ScalarClasses(rawValue: 1 << 7)
  /// A word character as Oniguruma has it: alphabetic, mark, decimal digit, connector punctuation and a few more.
  static let onigurumaWord = ScalarClasses(rawValue: 1 << 8)
  /// Alphabetic.
  static let alphabetic = ScalarClasses(rawValue: 1 << 9)
  /// Uppercase.
  static let uppercase = ScalarClasses(rawValue: 1 << 10)
  /// Lowercase.
  static let lowercase = ScalarClasses(rawValue: 1 << 11)
  /// The blocks that BERT takes for Chinese, each character of which is a word.
  static let bertChinese = ScalarClasses(rawValue: 1 << 12)
}

extension ScalarClasses {
  /// The classes of every scalar of the basic plane, made at the first use (about a millisecond): asking Unicode's
  /// properties each time would take most of the time of encoding.
  private static let basicPlane: [ScalarClasses] = (0..<0x10000).map { compute(UInt32($0)) }

  /// The classes of the ASCII characters.
  static let ascii: [ScalarClasses] = (0..<0x80).map { compute(UInt32($0)) }

  /// The classes of a scalar.
  @inline(__always)
  static func of(_ value: UInt32) -> ScalarClasses {
    if value < 0x80 { return ascii[Int(value)] }
    if value < 0x10000 { return basicPlane[Int(value)] }
    return compute(value)
  }

  private static func compute(_ value: UInt32) -> ScalarClasses {
    guard let scalar = Unicode.Scalar(value) else { return [] }
    let properties = scalar.properties
    let category = properties.generalCategory
    let isMark = category == .nonspacingMark || category == .spacingMark || category == .enclosingMark
    var classes: ScalarClasses = []
    if properties.isWhitespace { classes.insert(.space) }
    if properties.isAlphabetic { classes.insert(.alphabetic) }
    if properties.isUppercase { classes.insert(.uppercase) }
    if properties.isLowercase { classes.insert(.lowercase) }
    switch category {
    case .decimalNumber, .letterNumber, .otherNumber: classes.insert(.number)
    default: break
    }
    if UnicodeAge.isOniguruma(scalar) {
      let isWord =
        properties.isAlphabetic || isMark || category == .decimalNumber || category == .connectorPunctuation
      if isWord || properties.isJoinControl { classes.insert(.word) }
      // Oniguruma counts the superscripts and fractions of Latin-1 too, and no others.
      if isWord || (category == .otherNumber && value < 0x100) { classes.insert(.onigurumaWord) }
    }
    let age = properties.age.map { $0.major } ?? Int.max
    if age <= 8 { classes.formUnion(oldClasses(category, value)) }
    if age <= 9, isMark || wasMark(value), !becameMark(value) { classes.insert(.oldMark) }
    if isBertChinese(value) { classes.insert(.bertChinese) }
    return classes
  }

  /// The classes in Unicode 8 of a scalar that was in it, from its category today and the few that have changed.
  private static func oldClasses(_ category: Unicode.GeneralCategory, _ value: UInt32) -> ScalarClasses {
    switch value {
    case 0x09, 0x0A, 0x0D: return []
    case 0x24, 0x2B, 0x3C...0x3E, 0x5E, 0x60, 0x7C, 0x7E: return .bertPunctuation
    case 0x166D, 0x111C9: return .bertPunctuation
    case 0x1734, 0x1171E: return .oldNonspacingMark
    case 0x1885, 0x1886, 0xA9BD: return []
    default: break
    }
    switch category {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return .bertPunctuation
    case .control, .format, .privateUse: return .bertControl
    case .nonspacingMark: return .oldNonspacingMark
    default: return []
    }
  }

  /// Scalars that were marks in Unicode 9 and are letters today.
  private static func wasMark(_ value: UInt32) -> Bool { value == 0x1CF2 || value == 0x1CF3 }

  /// A punctuation sign in Unicode 9 that is a mark today.
  private static func becameMark(_ value: UInt32) -> Bool { value == 0x111C9 }

  /// The blocks of the reference, with its gap before U+2B920.
  private static func isBertChinese(_ value: UInt32) -> Bool {
    switch value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
