extension RegexParser {
  /// The inside of a character class, after its opening bracket.
  mutating func classBody() throws(TokenizerError) -> ScalarSet {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth)") }
    let negated = take("^")
    var elements: [ScalarSet.Element] = []
    var left: ScalarSet?
    var isFirst = true
    while true {
      guard let next = peek() else { throw failure("unterminated character class") }
      if next == "]", !isFirst {
        position += 1
        break
      }
      isFirst = false
      if take("&&") {
        let part = folded(elements)
        left = left.map { ScalarSet([.intersection($0, part)]) } ?? part
        elements = []
        continue
      }
      if next == "[" {
        if let bracket = try posixBracket() {
          elements.append(bracket)
        } else {
          position += 1
          elements.append(.nested(try classBody()))
        }
        continue
      }
      let element = try classAtom()
      guard case .range(let first, let last) = element, first == last, peek() == "-", let end = peek(1), end != "]",
        end != "["
      else {
        elements.append(element)
        continue
      }
      position += 1
      guard case .range(let upper, let same) = try classAtom(), upper == same else {
        throw failure("a range ends in a class")
      }
      guard first <= upper else { throw failure("the range is in the wrong order") }
      elements.append(.range(first, upper))
    }
    var set = folded(elements)
    if let left { set = ScalarSet([.intersection(left, set)]) }
    return negated ? ScalarSet([.nested(set)], negated: true).simplified(set) : set
  }

  private func folded(_ elements: [ScalarSet.Element]) -> ScalarSet {
    let set = ScalarSet(elements)
    return ignoresCase ? set.ignoringCase() : set
  }

  private mutating func classAtom() throws(TokenizerError) -> ScalarSet.Element {
    guard let next = peek() else { throw failure("unterminated character class") }
    position += 1
    if next != "\\" { return .range(next.value, next.value) }
    if peek() == "b" {
      position += 1
      return .range(8, 8)
    }
    return try escapedElement()
  }

  /// What stands after a backslash, in a class or outside.
  mutating func escapedElement() throws(TokenizerError) -> ScalarSet.Element {
    guard let letter = peek() else { throw failure("the pattern ends in a backslash") }
    position += 1
    func one(_ value: UInt32) -> ScalarSet.Element { .range(value, value) }
    func not(_ element: ScalarSet.Element) -> ScalarSet.Element { .nested(ScalarSet([element], negated: true)) }
    switch letter {
    case "s": return .classes(.space)
    case "S": return not(.classes(.space))
    case "d": return .categories(Self.digits)
    case "D": return not(.categories(Self.digits))
    case "w": return .classes(.onigurumaWord)
    case "W": return not(.classes(.onigurumaWord))
    case "h": return .nested(Self.hexadecimalDigits)
    case "H": return not(.nested(Self.hexadecimalDigits))
    case "p", "P": return try property(negated: letter == "P")
    case "n": return one(0x0A)
    case "r": return one(0x0D)
    case "t": return one(0x09)
    case "f": return one(0x0C)
    case "v": return one(0x0B)
    case "a": return one(0x07)
    case "e": return one(0x1B)
    case "x":
      if take("{") {
        let value = try hexadecimal(1...8)
        guard take("}") else { throw failure("unterminated \\x{") }
        return one(value)
      }
      return one(try hexadecimal(1...2))
    case "u": return one(try hexadecimal(4...4))
    case "0": return one(0)
    default:
      if letter.properties.isAlphabetic && letter.value < 0x80 { throw failure("\\\(letter) is not supported") }
      return one(letter.value)
    }
  }

  private static let digits = CategorySet(name: "Nd") ?? []
  private static let hexadecimalDigits = ScalarSet([.range(0x30, 0x39), .range(0x41, 0x46), .range(0x61, 0x66)])

  private mutating func hexadecimal(_ count: ClosedRange<Int>) throws(TokenizerError) -> UInt32 {
    var value: UInt32 = 0
    var digits = 0
    while digits < count.upperBound, let digit = peek()?.hexadecimalValue {
      value = value << 4 | digit
      digits += 1
      position += 1
    }
    guard count.contains(digits), Unicode.Scalar(value) != nil else { throw failure("not a scalar's number") }
    return value
  }

  private mutating func property(negated: Bool) throws(TokenizerError) -> ScalarSet.Element {
    var name = ""
    var negated = negated
    if take("{") {
      if take("^") { negated.toggle() }
      while let next = peek(), next != "}" {
        name.unicodeScalars.append(next)
        position += 1
      }
      guard take("}") else { throw failure("unterminated property") }
    } else {
      throw failure("\\p needs braces")
    }
    guard let element = Self.named(name) else { throw failure("unknown property \"\(name)\"") }
    return negated ? .nested(ScalarSet([element], negated: true)) : element
  }

  private static func named(_ name: String) -> ScalarSet.Element? {
    if let categories = CategorySet(name: name) { return .categories(categories) }
    switch name.lowercased() {
    case "any": return .range(0, 0x10FFFF)
    case "ascii": return .range(0, 0x7F)
    case "space", "white_space", "whitespace": return .classes(.space)
    case "word": return .classes(.onigurumaWord)
    case "alnum": return .nested(ScalarSet([.classes(.alphabetic), .categories(digits)]))
    case "alpha", "alphabetic": return .classes(.alphabetic)
    case "upper", "uppercase": return .classes(.uppercase)
    case "lower", "lowercase": return .classes(.lowercase)
    case "xdigit": return .nested(hexadecimalDigits)
    case "blank": return .nested(ScalarSet([.range(9, 9), .categories(CategorySet(name: "Zs") ?? [])]))
    default: return UnicodeScript.pattern.canonicalName(name).map { .script($0) }
    }
  }

  /// `[:alpha:]` and the like, or `nil` when this is another bracket.
  private mutating func posixBracket() throws(TokenizerError) -> ScalarSet.Element? {
    let start = position
    guard take("[:") else { return nil }
    let negated = take("^")
    var name = ""
    while let next = peek(), next.properties.isAlphabetic {
      name.unicodeScalars.append(next)
      position += 1
    }
    guard take(":]"), let element = Self.named(name) else {
      position = start
      return nil
    }
    return negated ? .nested(ScalarSet([element], negated: true)) : element
  }
}

extension ScalarSet {
  /// The negation of a set that is not negated itself, without a level of nesting.
  fileprivate func simplified(_ inner: ScalarSet) -> ScalarSet {
    inner.isNegated ? self : ScalarSet(inner.elements, negated: true)
  }
}

extension Unicode.Scalar {
  /// The value of an ASCII hexadecimal digit.
  fileprivate var hexadecimalValue: UInt32? {
    switch self {
    case "0"..."9": value - 0x30
    case "a"..."f": value - 0x61 + 10
    case "A"..."F": value - 0x41 + 10
    default: nil
    }
  }
}
