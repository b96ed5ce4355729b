/// Reads statements; expressions are in ``ExpressionParser``.
struct TemplateParser {
  private var pieces: ArraySlice<TemplatePiece>
  private var depth = 0
  private var loops = 0
  /// Blocks in blocks, beyond which a template is refused.
  private static let deepest = 64

  static func nodes(of source: String) throws(TemplateError) -> [TemplateNode] {
    var parser = TemplateParser(pieces: try TemplateLexer.pieces(of: source)[...])
    return try parser.nodes(until: [], from: 1).body
  }

  private init(pieces: ArraySlice<TemplatePiece>) { self.pieces = pieces }

  /// Nodes up to a statement of one of these names, which is taken too: its words follow.
  private mutating func nodes(
    until ends: [String], from line: Int
  ) throws(TemplateError) -> (body: [TemplateNode], end: String, words: ExpressionParser) {
    depth += 1
    defer { depth -= 1 }
    if depth > TemplateParser.deepest {
      throw TemplateError(reason: "more than \(TemplateParser.deepest) blocks in one another", line: line)
    }
    var body: [TemplateNode] = []
    while let piece = pieces.popFirst() {
      switch piece.kind {
      case .text(let text): body.append(TemplateNode(line: piece.line, kind: .text(text)))
      case .output(let tokens):
        var words = ExpressionParser(tokens, line: piece.line)
        let expression = try words.tuple()
        try words.expectEnd()
        body.append(TemplateNode(line: piece.line, kind: .output(expression)))
      case .statement(let tokens):
        var words = ExpressionParser(tokens, line: piece.line)
        let name = try words.name("a statement's name")
        if ends.contains(name) { return (body, name, words) }
        body.append(TemplateNode(line: piece.line, kind: try statement(name, &words)))
      }
    }
    if ends.isEmpty { return (body, "", ExpressionParser([], line: line)) }
    throw TemplateError(reason: "'\(ends.last!)' is missing", line: line)
  }

  private mutating func block(_ end: String, from line: Int) throws(TemplateError) -> [TemplateNode] {
    var (body, _, words) = try nodes(until: [end], from: line)
    try words.expectEnd()
    return body
  }

  private mutating func statement(
    _ name: String, _ words: inout ExpressionParser
  ) throws(TemplateError) -> TemplateNode.Kind {
    switch name {
    case "if": return try choice(&words)
    case "for": return try loop(&words)
    case "set": return try set(&words)
    case "macro": return try macro(&words)
    case "break", "continue":
      try words.expectEnd()
      if loops == 0 { throw words.failure("'\(name)' outside of a loop") }
      return name == "break" ? .leave : .next
    case "generation":
      // Marks what the model says, for training; the text is as it would be without.
      try words.expectEnd()
      return .block(try block("endgeneration", from: words.line))
    case "filter":
      let (filter, call) = try words.filterName()
      try words.expectEnd()
      return .filtered(try block("endfilter", from: words.line), filter, call)
    default: throw words.failure("the statement '\(name)' is not known")
    }
  }

  private mutating func choice(_ words: inout ExpressionParser) throws(TemplateError) -> TemplateNode.Kind {
    let line = words.line
    var branches: [(condition: TemplateExpression, body: [TemplateNode])] = []
    var condition = try words.tuple()
    try words.expectEnd()
    while true {
      var (body, end, rest) = try nodes(until: ["elif", "else", "endif"], from: line)
      branches.append((condition, body))
      switch end {
      case "elif":
        condition = try rest.tuple()
        try rest.expectEnd()
      case "else":
        try rest.expectEnd()
        return .choice(branches, otherwise: try block("endif", from: line))
      default:
        try rest.expectEnd()
        return .choice(branches, otherwise: [])
      }
    }
  }

  private mutating func loop(_ words: inout ExpressionParser) throws(TemplateError) -> TemplateNode.Kind {
    let line = words.line
    let targets = try words.targets()
    guard words.take(name: "in") else { throw words.failure("'in' is expected in 'for'") }
    let over = try words.tuple(conditional: false)
    let condition = words.take(name: "if") ? try words.expression() : nil
    let isRecursive = words.take(name: "recursive")
    if isRecursive { throw words.failure("recursive loops are not supported") }
    try words.expectEnd()
    loops += 1
    var (body, end, rest) = try nodes(until: ["else", "endfor"], from: line)
    loops -= 1
    try rest.expectEnd()
    let otherwise = end == "else" ? try block("endfor", from: line) : []
    return .loop(targets: targets, over: over, where: condition, body: body, otherwise: otherwise)
  }

  private mutating func set(_ words: inout ExpressionParser) throws(TemplateError) -> TemplateNode.Kind {
    let targets = try words.targets()
    if targets.count == 1, words.take(symbol: ".") {
      let member = try words.name("a name behind '.'")
      try words.expect(symbol: "=")
      let value = try words.tuple()
      try words.expectEnd()
      return .setMember(targets[0], member, value)
    }
    if targets.count == 1, words.isAtEnd { return .setText(targets[0], try block("endset", from: words.line)) }
    try words.expect(symbol: "=")
    let value = try words.tuple()
    try words.expectEnd()
    return .set(targets, value)
  }

  private mutating func macro(_ words: inout ExpressionParser) throws(TemplateError) -> TemplateNode.Kind {
    let line = words.line
    let name = try words.name("a macro's name")
    try words.expect(symbol: "(")
    var parameters: [(name: String, standard: TemplateExpression?)] = []
    try words.list(until: ")") { words throws(TemplateError) in
      let parameter = try words.name("a parameter")
      parameters.append((parameter, words.take(symbol: "=") ? try words.expression() : nil))
    }
    try words.expectEnd()
    let enclosing = loops
    loops = 0
    defer { loops = enclosing }
    return .macro(TemplateMacro(name: name, parameters: parameters, body: try block("endmacro", from: line)))
  }
}
