/// Sets of general categories, as bits, for regular expressions: by Unicode 16, as Oniguruma has them.
struct CategorySet: OptionSet, Sendable {
  let rawValue: UInt32

  private init(bit: UInt32) { rawValue = 1 << bit }
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The categories by their short names, in the order of their bits.
  private static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
    "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  private static let longNames = [
    "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt", "modifierletter": "Lm",
    "otherletter": "Lo", "mark": "M", "combiningmark": "M", "nonspacingmark": "Mn", "spacingmark": "Mc",
    "enclosingmark": "Me", "number": "N", "decimalnumber": "Nd", "letternumber": "Nl", "othernumber": "No",
    "punctuation": "P", "punct": "P", "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "openpunctuation": "Ps",
    "closepunctuation": "Pe", "initialpunctuation": "Pi", "finalpunctuation": "Pf", "otherpunctuation": "Po",
    "symbol": "S", "mathsymbol": "Sm", "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So",
    "separator": "Z", "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C",
    "control": "Cc", "cntrl": "Cc", "format": "Cf", "surrogate": "Cs", "privateuse": "Co", "unassigned": "Cn",
    "digit": "Nd",
  ]

  /// The set of a property's name such as `Lu`, `L` or `Letter`; `nil` when it names no category.
  init?(name: String) {
    let simple = name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
    let short = (Self.longNames[simple] ?? simple).lowercased()
    var bits: UInt32 = 0
    for (index, category) in Self.names.enumerated() {
      let category = category.lowercased()
      if category == short || (short.count == 1 && category.hasPrefix(short)) { bits |= 1 << UInt32(index) }
    }
    if bits == 0 { return nil }
    rawValue = bits
  }

  private static let basicPlane: [UInt8] = (0..<0x10000).map { bit(UInt32($0)) }

  /// The category of a scalar.
  @inline(__always)
  static func of(_ value: UInt32) -> CategorySet {
    CategorySet(bit: UInt32(value < 0x10000 ? basicPlane[Int(value)] : bit(value)))
  }

  private static func bit(_ value: UInt32) -> UInt8 {
    guard let scalar = Unicode.Scalar(value) else { return 27 }
    if !UnicodeAge.isOniguruma(scalar) { return 29 }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}

/// Which scalars there were in an older Unicode.
enum UnicodeAge {
  /// Whether Oniguruma's tables have the scalar. Private use and the like have no age.
  static func isOniguruma(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 16 } ?? true
  }
}
