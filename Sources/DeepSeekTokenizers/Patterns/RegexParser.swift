/// A regular expression as a tree.
indirect enum RegexNode: Sendable {
  enum Greed: Sendable { case greedy, lazy, possessive }
  enum Assertion: Sendable {
    case lineStart, lineEnd, textStart, textEnd, textEndOrNewline, wordBoundary, notWordBoundary
  }

  case empty
  case set(ScalarSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case repetition(RegexNode, minimum: Int, maximum: Int?, Greed)
  case assertion(Assertion)
  case look(RegexNode, behind: Bool, negative: Bool)
  case atomic(RegexNode)
}

/// Reads Oniguruma's syntax (its Ruby form), as far as tokenizers use it: alternatives, groups with options, look-around,
/// atomic groups, greedy, lazy and possessive repetition, classes with nesting and intersection, `\p{…}`. Back
/// references, subexpression calls and conditionals are refused.
struct RegexParser {
  /// Groups nest at most so deep: the parser, compiler and matcher recurse.
  static let maximumDepth = 50

  let pattern: String
  let scalars: [UInt32]
  var position = 0
  var depth = 0
  var ignoresCase = false
  var dotMatchesNewline = false
  var isExtended = false

  init(_ pattern: String) {
    self.pattern = pattern
    scalars = pattern.unicodeScalars.map(\.value)
  }

  func failure(_ reason: String) -> TokenizerError {
    .invalidPattern(pattern: pattern, offset: position, reason: reason)
  }

  func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    position + ahead < scalars.count ? Unicode.Scalar(scalars[position + ahead]) : nil
  }

  mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars.map(\.value)
    guard position + wanted.count <= scalars.count, scalars[position..<position + wanted.count].elementsEqual(wanted)
    else { return false }
    position += wanted.count
    return true
  }

  mutating func parse() throws(TokenizerError) -> RegexNode {
    let node = try alternatives()
    guard position == scalars.count else { throw failure("unmatched )") }
    return node
  }

  private mutating func alternatives() throws(TokenizerError) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth)") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func sequence() throws(TokenizerError) -> RegexNode {
    var parts: [RegexNode] = []
    while let next = peek(), next != "|", next != ")" {
      if isExtended {
        if next.properties.isWhitespace {
          position += 1
          continue
        }
        if next == "#" {
          while let other = peek(), other != "\n" { _ = other; position += 1 }
          continue
        }
      }
      guard let atom = try atom() else { continue }
      parts.append(try repeated(atom))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated(_ atom: RegexNode) throws(TokenizerError) -> RegexNode {
    var node = atom
    while let next = peek() {
      var minimum = 0
      var maximum: Int?
      var isInterval = false
      switch next {
      case "*": position += 1
      case "+":
        position += 1
        minimum = 1
      case "?":
        position += 1
        maximum = 1
      case "{":
        guard let bounds = try interval() else { return node }
        (minimum, maximum) = bounds
        isInterval = true
      default: return node
      }
      if case .assertion = node { throw failure("nothing to repeat") }
      var greed = RegexNode.Greed.greedy
      if take("?") {
        greed = .lazy
      } else if !isInterval, take("+") {
        greed = .possessive
      }
      node = .repetition(node, minimum: minimum, maximum: maximum, greed)
    }
    return node
  }

  /// `{n}`, `{n,}`, `{,m}` or `{n,m}`; anything else after a brace is plain text.
  private mutating func interval() throws(TokenizerError) -> (Int, Int?)? {
    let start = position
    position += 1
    let minimum = try number()
    let hasComma = take(",")
    let maximum = hasComma ? try number() : minimum
    guard take("}"), minimum != nil || maximum != nil else {
      position = start
      return nil
    }
    if let minimum, let maximum, maximum < minimum { throw failure("the bounds are in the wrong order") }
    return (minimum ?? 0, hasComma ? maximum : minimum)
  }

  private mutating func number() throws(TokenizerError) -> Int? {
    var value: Int?
    while let digit = peek(), ("0"..."9").contains(digit) {
      value = (value ?? 0) * 10 + Int(digit.value - 48)
      position += 1
      guard value ?? 0 <= 1000 else { throw failure("more than 1000 repetitions") }
    }
    return value
  }

  /// One element, or `nil` for what only sets options or comments.
  private mutating func atom() throws(TokenizerError) -> RegexNode? {
    guard let next = peek() else { throw failure("the pattern ends too soon") }
    switch next {
    case "(": return try group()
    case "[":
      position += 1
      return .set(try classBody())
    case ".":
      position += 1
      return .set(dotMatchesNewline ? ScalarSet([.range(0, 0x10FFFF)]) : ScalarSet([.range(0x0A, 0x0A)], negated: true))
    case "^":
      position += 1
      return .assertion(.lineStart)
    case "$":
      position += 1
      return .assertion(.lineEnd)
    case "\\": return try escape()
    case "*", "+", "?": throw failure("nothing to repeat")
    case "{":
      if try interval() != nil { throw failure("nothing to repeat") }
    default: break
    }
    position += 1
    return literal(next.value)
  }

  func literal(_ value: UInt32) -> RegexNode {
    let set = ScalarSet(value)
    return .set(ignoresCase ? set.ignoringCase() : set)
  }

  private mutating func group() throws(TokenizerError) -> RegexNode? {
    position += 1
    if take("?#") {
      while let next = peek(), next != ")" { _ = next; position += 1 }
      guard take(")") else { throw failure("unterminated comment") }
      return nil
    }
    let options = (ignoresCase, dotMatchesNewline, isExtended)
    defer { (ignoresCase, dotMatchesNewline, isExtended) = options }
    var wrap: (RegexNode) -> RegexNode = { $0 }
    if take("?") {
      if take(":") {
      } else if take("=") {
        wrap = { .look($0, behind: false, negative: false) }
      } else if take("!") {
        wrap = { .look($0, behind: false, negative: true) }
      } else if take("<=") {
        wrap = { .look($0, behind: true, negative: false) }
      } else if take("<!") {
        wrap = { .look($0, behind: true, negative: true) }
      } else if take(">") {
        wrap = { .atomic($0) }
      } else if take("<") || take("P<") {
        while let next = peek(), next != ">" { _ = next; position += 1 }
        guard take(">") else { throw failure("unterminated group name") }
      } else {
        try readOptions()
        if take(")") {
          // Options without a body hold to the end of the group around: the rest is read as its body.
          let rest = try alternatives()
          return rest
        }
        guard take(":") else { throw failure("unsupported group") }
      }
    }
    let body = try alternatives()
    guard take(")") else { throw failure("unmatched (") }
    return wrap(body)
  }

  private mutating func readOptions() throws(TokenizerError) {
    var enable = true
    while let next = peek(), next != ")", next != ":" {
      switch next {
      case "-": enable = false
      case "i": ignoresCase = enable
      case "m": dotMatchesNewline = enable
      case "x": isExtended = enable
      default: throw failure("unsupported group or option \"\(next)\"")
      }
      position += 1
    }
  }

  private mutating func escape() throws(TokenizerError) -> RegexNode {
    position += 1
    guard let letter = peek() else { throw failure("the pattern ends in a backslash") }
    switch letter {
    case "A", "z", "Z", "b", "B":
      position += 1
      switch letter {
      case "A": return .assertion(.textStart)
      case "z": return .assertion(.textEnd)
      case "Z": return .assertion(.textEndOrNewline)
      case "b": return .assertion(.wordBoundary)
      default: return .assertion(.notWordBoundary)
      }
    case "R":
      position += 1
      let newline = ScalarSet([.range(0x0A, 0x0D), .range(0x85, 0x85), .range(0x2028, 0x2029)])
      return .atomic(
        .alternatives([.sequence([.set(ScalarSet(0x0D)), .set(ScalarSet(0x0A))]), .set(newline)]))
    case "1"..."9", "k", "g", "G", "K", "X", "y", "Y", "N", "O":
      throw failure("\\\(letter) is not supported")
    default:
      let element = try escapedElement()
      let set = ScalarSet([element])
      return .set(ignoresCase ? set.ignoringCase() : set)
    }
  }
}
