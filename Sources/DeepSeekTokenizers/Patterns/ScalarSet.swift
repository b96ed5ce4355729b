/// A character class of a regular expression.
struct ScalarSet: Sendable {
  /// What a set is made of; a scalar is in it when any element holds.
  indirect enum Element: Sendable {
    case range(UInt32, UInt32)
    case categories(CategorySet)
    case classes(ScalarClasses)
    case script(String)
    case nested(ScalarSet)
    /// In both: `[a-z&&[^aeiou]]`.
    case intersection(ScalarSet, ScalarSet)
  }

  private(set) var elements: [Element]
  private(set) var isNegated: Bool
  /// The answers for ASCII.
  private var low: (UInt64, UInt64) = (0, 0)
  /// Where the set beyond ASCII is a union of categories and nothing else: no list to walk.
  private var onlyCategories: CategorySet?

  init(_ elements: [Element], negated: Bool = false) {
    self.elements = elements
    isNegated = negated
    var categories: CategorySet? = []
    for element in elements {
      switch element {
      case .categories(let set): categories?.formUnion(set)
      case .range(_, let last) where last < 0x80: break
      default: categories = nil
      }
    }
    onlyCategories = categories
    for value in 0..<UInt32(128) where matches(value) != negated {
      if value < 64 { low.0 |= 1 << UInt64(value) } else { low.1 |= 1 << UInt64(value - 64) }
    }
  }

  init(_ value: UInt32) { self.init([.range(value, value)]) }

  /// The scalars with these, in upper and lower case.
  func ignoringCase() -> ScalarSet {
    var extra: [Element] = []
    for case .range(let first, let last) in elements where last - first < 0x500 {
      for value in first...last {
        for variant in CaseVariants.of(value) { extra.append(.range(variant, variant)) }
      }
    }
    return extra.isEmpty ? self : ScalarSet(elements + extra, negated: isNegated)
  }

  @inline(__always)
  func contains(_ value: UInt32) -> Bool {
    if value < 64 { return low.0 >> UInt64(value) & 1 != 0 }
    if value < 128 { return low.1 >> UInt64(value - 64) & 1 != 0 }
    if let onlyCategories { return onlyCategories.isDisjoint(with: CategorySet.of(value)) == isNegated }
    return matches(value) != isNegated
  }

  private func matches(_ value: UInt32) -> Bool {
    for element in elements {
      let holds =
        switch element {
        case .range(let first, let last): first <= value && value <= last
        case .categories(let set): !set.isDisjoint(with: CategorySet.of(value))
        case .classes(let classes): !classes.isDisjoint(with: ScalarClasses.of(value))
        case .script(let name): UnicodeScript.pattern.name(of: value) == name
        case .nested(let set): set.contains(value)
        case .intersection(let left, let right): left.contains(value) && right.contains(value)
        }
      if holds { return true }
    }
    return false
  }
}

/// Scalars that differ only in case.
enum CaseVariants {
  static func of(_ value: UInt32) -> [UInt32] {
    guard let scalar = Unicode.Scalar(value) else { return [] }
    var variants: [UInt32] = []
    for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
      let scalars = mapping.unicodeScalars
      if scalars.count == 1, let variant = scalars.first?.value, variant != value { variants.append(variant) }
    }
    // Letters to which others fold that are not their lower or upper case.
    switch value {
    case 0x53, 0x73: variants.append(0x17F)
    case 0x4B, 0x6B: variants.append(0x212A)
    case 0xC5, 0xE5: variants.append(0x212B)
    default: break
    }
    return variants
  }
}
