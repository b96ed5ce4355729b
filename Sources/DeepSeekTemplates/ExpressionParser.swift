/// Reads the expressions of one tag.
struct ExpressionParser {
  let line: Int
  private var tokens: ArraySlice<TemplateToken>
  private var depth = 0
  private var chained = 0
  /// Expressions in expressions, and operators one behind the other, beyond which a tag is refused: both are levels of a tree.
  private static let deepest = 64
  private static let longest = 256

  init(_ tokens: [TemplateToken], line: Int) {
    self.tokens = tokens[...]
    self.line = line
  }

  // MARK: - Words

  var isAtEnd: Bool { tokens.isEmpty }

  func failure(_ reason: String) -> TemplateError { TemplateError(reason: reason, line: line) }

  private var next: String {
    switch tokens.first {
    case nil: "the end of the tag"
    case .name(let name): "'\(name)'"
    case .integer(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string: "a string"
    case .symbol(let symbol): "'\(symbol)'"
    }
  }

  mutating func take(symbol: String) -> Bool {
    if tokens.first != .symbol(symbol) { return false }
    tokens.removeFirst()
    return true
  }

  mutating func take(name: String) -> Bool {
    if tokens.first != .name(name) { return false }
    tokens.removeFirst()
    return true
  }

  mutating func expect(symbol: String) throws(TemplateError) {
    if !take(symbol: symbol) { throw failure("\(next); '\(symbol)' is expected") }
  }

  mutating func expectEnd() throws(TemplateError) {
    if !isAtEnd { throw failure("\(next) where the tag should end") }
  }

  mutating func name(_ what: String) throws(TemplateError) -> String {
    guard case .name(let name)? = tokens.first else { throw failure("\(next); \(what) is expected") }
    tokens.removeFirst()
    return name
  }

  /// What stands between commas, up to a closing symbol, which is taken too; a comma may stand before it.
  mutating func list(
    until end: String, _ element: (inout ExpressionParser) throws(TemplateError) -> Void
  ) throws(TemplateError) {
    while !take(symbol: end) {
      try element(&self)
      if !take(symbol: ",") { return try expect(symbol: end) }
    }
  }

  /// Names with commas between, in brackets or not.
  mutating func targets() throws(TemplateError) -> [String] {
    let isBracketed = take(symbol: "(")
    var names = [try name("a name")]
    while take(symbol: ",") {
      if case .name(let another)? = tokens.first, another != "in" { names.append(try name("a name")) }
    }
    if isBracketed { try expect(symbol: ")") }
    return names
  }

  /// Counts an operator that makes the tree one level deeper.
  private mutating func chain() throws(TemplateError) {
    chained += 1
    if chained > ExpressionParser.longest {
      throw failure("more than \(ExpressionParser.longest) operators in one tag")
    }
  }

  // MARK: - Expressions, loosest first

  /// An expression, or several with commas between, which are a list.
  mutating func tuple(conditional: Bool = true) throws(TemplateError) -> TemplateExpression {
    let first = conditional ? try expression() : try disjunction()
    if tokens.first != .symbol(",") { return first }
    var elements = [first]
    while take(symbol: ",") {
      if isAtEnd || tokens.first == .symbol(")") || tokens.first == .symbol("=") { break }
      elements.append(conditional ? try expression() : try disjunction())
    }
    return .list(elements)
  }

  mutating func expression() throws(TemplateError) -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    if depth > ExpressionParser.deepest {
      throw failure("more than \(ExpressionParser.deepest) expressions in one another")
    }
    var result = try disjunction()
    while take(name: "if") {
      try chain()
      let condition = try disjunction()
      let otherwise = take(name: "else") ? try expression() : nil
      result = .conditional(condition, then: result, otherwise: otherwise)
    }
    return result
  }

  private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
    var left = try conjunction()
    while take(name: "or") {
      try chain()
      left = .or(left, try conjunction())
    }
    return left
  }

  private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
    var left = try negation()
    while take(name: "and") {
      try chain()
      left = .and(left, try negation())
    }
    return left
  }

  private mutating func negation() throws(TemplateError) -> TemplateExpression {
    var count = 0
    while take(name: "not") { count += 1 }
    let operand = try comparison()
    // Of an even number only the truth remains.
    return count == 0 ? operand : count % 2 == 1 ? .not(operand) : .not(.not(operand))
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    let left = try sum()
    var rest: [(TemplateComparison, TemplateExpression)] = []
    while true {
      if case .symbol(let symbol)? = tokens.first, let kind = TemplateComparison(rawValue: symbol) {
        tokens.removeFirst()
        rest.append((kind, try sum()))
      } else if take(name: "in") {
        rest.append((.isIn, try sum()))
      } else if tokens.first == .name("not"), tokens.dropFirst().first == .name("in") {
        tokens.removeFirst(2)
        rest.append((.isNotIn, try sum()))
      } else {
        return rest.isEmpty ? left : .comparison(left, rest)
      }
    }
  }

  private mutating func sum() throws(TemplateError) -> TemplateExpression {
    var left = try joint()
    while case .symbol(let symbol)? = tokens.first, symbol == "+" || symbol == "-" {
      try chain()
      tokens.removeFirst()
      left = .arithmetic(left, TemplateOperator(rawValue: symbol)!, try joint())
    }
    return left
  }

  private mutating func joint() throws(TemplateError) -> TemplateExpression {
    var left = try product()
    while take(symbol: "~") {
      try chain()
      left = .arithmetic(left, .join, try product())
    }
    return left
  }

  private mutating func product() throws(TemplateError) -> TemplateExpression {
    var left = try power()
    while case .symbol(let symbol)? = tokens.first, ["*", "/", "//", "%"].contains(symbol) {
      try chain()
      tokens.removeFirst()
      left = .arithmetic(left, TemplateOperator(rawValue: symbol)!, try power())
    }
    return left
  }

  private mutating func power() throws(TemplateError) -> TemplateExpression {
    var left = try unary(filters: true)
    while take(symbol: "**") {
      try chain()
      left = .arithmetic(left, .power, try unary(filters: true))
    }
    return left
  }

  private mutating func unary(filters: Bool) throws(TemplateError) -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    if depth > ExpressionParser.deepest {
      throw failure("more than \(ExpressionParser.deepest) expressions in one another")
    }
    var result: TemplateExpression
    if take(symbol: "-") {
      result = .negative(try unary(filters: false))
    } else if take(symbol: "+") {
      result = try unary(filters: false)
    } else {
      result = try postfixed(try primary())
    }
    return filters ? try filtered(result) : result
  }

  private mutating func primary() throws(TemplateError) -> TemplateExpression {
    switch tokens.popFirst() {
    case .integer(let value): return .literal(.integer(value))
    case .double(let value): return .literal(.double(value))
    case .string(var text):
      while case .string(let more)? = tokens.first {
        tokens.removeFirst()
        text += more
      }
      return .literal(.string(text))
    case .name(let name):
      switch name {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None": return .literal(.none)
      default: return .name(name)
      }
    case .symbol("("):
      if take(symbol: ")") { return .list([]) }
      let inner = try tuple()
      try expect(symbol: ")")
      return inner
    case .symbol("["):
      var elements: [TemplateExpression] = []
      try list(until: "]") { words throws(TemplateError) in elements.append(try words.expression()) }
      return .list(elements)
    case .symbol("{"):
      var entries: [(TemplateExpression, TemplateExpression)] = []
      try list(until: "}") { words throws(TemplateError) in
        let key = try words.expression()
        try words.expect(symbol: ":")
        entries.append((key, try words.expression()))
      }
      return .dictionary(entries)
    case let token:
      if let token { tokens = [token] + tokens }
      throw failure("\(next); an expression is expected")
    }
  }

  /// Members, indices and calls behind an expression.
  private mutating func postfixed(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var result = base
    while true {
      if [.symbol("."), .symbol("["), .symbol("(")].contains(tokens.first) { try chain() }
      if take(symbol: ".") {
        if case .integer(let index)? = tokens.first {
          tokens.removeFirst()
          result = .member(result, .literal(.integer(index)))
        } else {
          result = .member(result, .literal(.string(try name("a name behind '.'"))))
        }
      } else if take(symbol: "[") {
        result = try indexed(result)
      } else if take(symbol: "(") {
        result = .call(result, try arguments())
      } else {
        return result
      }
    }
  }

  private mutating func indexed(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var parts: [TemplateExpression?] = []
    var isSlice = false
    while true {
      let isEmpty = tokens.first == .symbol(":") || tokens.first == .symbol("]")
      parts.append(isEmpty ? nil : try tuple())
      if take(symbol: "]") { break }
      try expect(symbol: ":")
      isSlice = true
      if parts.count == 3 { throw failure("a slice has more than three parts") }
    }
    if isSlice { return .slice(base, parts[0], parts[1], parts.count > 2 ? parts[2] : nil) }
    guard let index = parts[0] else { throw failure("an index is expected between '[' and ']'") }
    return .member(base, index)
  }

  /// What stands behind `(`, up to its end.
  private mutating func arguments() throws(TemplateError) -> TemplateCall {
    var call = TemplateCall()
    try list(until: ")") { words throws(TemplateError) in
      if case .name(let name)? = words.tokens.first, words.tokens.dropFirst().first == .symbol("=") {
        words.tokens.removeFirst(2)
        call.named.append((name, try words.expression()))
      } else {
        if !call.named.isEmpty { throw words.failure("an argument without a name behind one with a name") }
        call.positional.append(try words.expression())
      }
    }
    return call
  }

  /// A filter's name and arguments.
  mutating func filterName() throws(TemplateError) -> (String, TemplateCall) {
    let filter = try name("a filter's name")
    return (filter, take(symbol: "(") ? try arguments() : TemplateCall())
  }

  private mutating func filtered(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
    var result = base
    while true {
      if take(symbol: "|") {
        try chain()
        let (filter, call) = try filterName()
        result = .filter(result, filter, call)
      } else if take(name: "is") {
        try chain()
        let isNegated = take(name: "not")
        let test = try name("a test's name")
        var call = TemplateCall()
        if take(symbol: "(") {
          call = try arguments()
        } else if beginsArgument {
          call.positional = [try postfixed(try primary())]
        }
        result = .test(result, test, call, isNegated: isNegated)
      } else {
        return result
      }
    }
  }

  /// Whether a test's argument without brackets follows.
  private var beginsArgument: Bool {
    switch tokens.first {
    case .name(let name): !["else", "or", "and", "is", "if", "not", "in", "recursive"].contains(name)
    case .string, .integer, .double: true
    case .symbol(let symbol): symbol == "[" || symbol == "{"
    case nil: false
    }
  }
}
