/// A word of a tag.
enum TemplateToken: Equatable {
  case name(String)
  case integer(Int)
  case double(Double)
  case string(String)
  case symbol(String)
}

/// A template cut into texts and tags.
struct TemplatePiece {
  enum Kind {
    case text(String)
    /// `{{ … }}`
    case output([TemplateToken])
    /// `{% … %}`
    case statement([TemplateToken])
  }

  let kind: Kind
  let line: Int
}

/// Cuts a template up, with white space as Hugging Face's libraries have it: a newline behind a statement is left out, and so
/// is what only indents one.
struct TemplateLexer {
  private let source: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  private var pieces: [TemplatePiece] = []

  static func pieces(of source: String) throws(TemplateError) -> [TemplatePiece] {
    var lexer = TemplateLexer(source)
    try lexer.run()
    return lexer.pieces
  }

  private init(_ text: String) {
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      // Every kind of line end is one newline.
      if scalar == "\n", scalars.last == "\r" { scalars[scalars.count - 1] = "\n" } else { scalars.append(scalar) }
    }
    for index in scalars.indices where scalars[index] == "\r" { scalars[index] = "\n" }
    if scalars.last == "\n" { scalars.removeLast() }
    source = scalars
  }

  private func failure(_ reason: String, line: Int? = nil) -> TemplateError {
    TemplateError(reason: reason, line: line ?? self.line)
  }

  private func isAt(_ text: String, _ place: Int) -> Bool {
    var place = place
    for scalar in text.unicodeScalars {
      guard place < source.count, source[place] == scalar else { return false }
      place += 1
    }
    return true
  }

  private mutating func run() throws(TemplateError) {
    var stripsFront = false
    var isBehindStatement = false
    while position < source.count {
      let start = position
      while position < source.count && !(isAt("{{", position) || isAt("{%", position) || isAt("{#", position)) {
        position += 1
      }
      var text = Array(source[start..<position])
      let textLine = line
      line += text.count { $0 == "\n" }
      if stripsFront {
        text = Array(text.drop { $0.properties.isWhitespace })
      } else if isBehindStatement && text.first == "\n" {
        text.removeFirst()
      }
      (stripsFront, isBehindStatement) = (false, false)
      guard position < source.count else {
        append(text, textLine)
        return
      }
      let opening = source[position + 1]
      let mark = position + 2 < source.count ? source[position + 2] : " "
      if mark == "-" {
        while text.last?.properties.isWhitespace == true { text.removeLast() }
      } else if opening != "{" && mark != "+" {
        // What only indents a statement or a comment is no text, where the line begins in this text or before a tag's newline.
        let indent = text.reversed().prefix { $0 == " " || $0 == "\t" }.count
        let before = start + (position - start) - indent
        if before == 0 || source[before - 1] == "\n" { text.removeLast(min(indent, text.count)) }
      }
      append(text, textLine)
      position += mark == "-" || mark == "+" ? 3 : 2
      if opening == "#" {
        (stripsFront, isBehindStatement) = try skipComment()
        continue
      }
      let tagLine = line
      let (tokens, end) = try tag(closing: opening == "{" ? "}}" : "%}", from: tagLine)
      stripsFront = end == "-"
      if opening == "{" {
        pieces.append(TemplatePiece(kind: .output(tokens), line: tagLine))
        continue
      }
      isBehindStatement = end != "+"
      if tokens == [.name("raw")] {
        (stripsFront, isBehindStatement) = try raw(behind: end, from: tagLine)
      } else {
        pieces.append(TemplatePiece(kind: .statement(tokens), line: tagLine))
      }
    }
  }

  private mutating func append(_ text: [Unicode.Scalar], _ line: Int) {
    if text.isEmpty { return }
    var string = String.UnicodeScalarView()
    string.append(contentsOf: text)
    pieces.append(TemplatePiece(kind: .text(String(string)), line: line))
  }

  private mutating func skipComment() throws(TemplateError) -> (stripsFront: Bool, isBehindStatement: Bool) {
    let start = line
    while position < source.count {
      if isAt("#}", position) {
        let strips = source[position - 1] == "-"
        position += 2
        return (strips, true)
      }
      if source[position] == "\n" { line += 1 }
      position += 1
    }
    throw failure("a comment has no end", line: start)
  }

  /// What stands between `{% raw %}` and `{% endraw %}`.
  private mutating func raw(behind end: Unicode.Scalar, from start: Int) throws(TemplateError) -> (Bool, Bool) {
    var text: [Unicode.Scalar] = []
    let textLine = line
    if end == " " && isAt("\n", position) {
      position += 1
      line += 1
    }
    while position < source.count {
      if isAt("{%", position) {
        let (place, before) = (position, line)
        position += isAt("{%-", position) ? 3 : 2
        let stripsEnd = source[place + 2] == "-"
        if let (tokens, last) = try? tag(closing: "%}", from: line), tokens == [.name("endraw")] {
          if end == "-" { text = Array(text.drop { $0.properties.isWhitespace }) }
          if stripsEnd { while text.last?.properties.isWhitespace == true { text.removeLast() } }
          append(text, textLine)
          return (last == "-", last != "+")
        }
        (position, line) = (place, before)
      }
      if source[position] == "\n" { line += 1 }
      text.append(source[position])
      position += 1
    }
    throw failure("'raw' has no 'endraw'", line: start)
  }

  private static let symbols = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",",
    ".", ":", "|",
  ]

  /// The words up to the end of a tag, and what stands before its closing: `-`, `+` or nothing, which is a space.
  private mutating func tag(
    closing: String, from start: Int
  ) throws(TemplateError) -> (tokens: [TemplateToken], end: Unicode.Scalar) {
    var tokens: [TemplateToken] = []
    var open: [String] = []
    while position < source.count {
      let scalar = source[position]
      if scalar.properties.isWhitespace {
        if scalar == "\n" { line += 1 }
        position += 1
      } else if open.isEmpty, isAt("-" + closing, position) {
        position += 3
        return (tokens, "-")
      } else if open.isEmpty, isAt(closing, position) || isAt("+" + closing, position) {
        position += scalar == "+" ? 3 : 2
        return (tokens, scalar == "+" ? "+" : " ")
      } else if scalar == "'" || scalar == "\"" {
        tokens.append(.string(try string()))
      } else if scalar.properties.numericType == .decimal && scalar.isASCII {
        tokens.append(try number())
      } else if scalar == "_" || scalar.properties.isXIDStart {
        let begin = position
        while position < source.count, source[position] == "_" || source[position].properties.isXIDContinue {
          position += 1
        }
        tokens.append(.name(String(String.UnicodeScalarView(source[begin..<position]))))
      } else if let symbol = TemplateLexer.symbols.first(where: { isAt($0, position) }) {
        let pairs = ["(": ")", "[": "]", "{": "}"]
        if let end = pairs[symbol] {
          open.append(end)
        } else if symbol == ")" || symbol == "]" || symbol == "}" {
          guard open.popLast() == symbol else { throw failure("'\(symbol)' closes nothing") }
        }
        position += symbol.count
        tokens.append(.symbol(symbol))
      } else {
        throw failure("the character '\(scalar)' does not belong in a tag")
      }
    }
    throw failure("a tag has no '\(closing)'", line: start)
  }

  private mutating func number() throws(TemplateError) -> TemplateToken {
    let begin = position
    func isDigit(_ place: Int) -> Bool {
      place < source.count && source[place].value >= 48 && source[place].value <= 57
    }
    while isDigit(position) || (isAt("_", position) && isDigit(position + 1)) { position += 1 }
    var isWhole = true
    if isAt(".", position) && isDigit(position + 1) {
      isWhole = false
      position += 1
      while isDigit(position) { position += 1 }
    }
    if isAt("e", position) || isAt("E", position) {
      let sign = isAt("+", position + 1) || isAt("-", position + 1) ? 1 : 0
      if isDigit(position + 1 + sign) {
        isWhole = false
        position += 1 + sign
        while isDigit(position) { position += 1 }
      }
    }
    let text = String(String.UnicodeScalarView(source[begin..<position].filter { $0 != "_" }))
    if isWhole {
      guard let value = Int(text) else { throw failure("the number \(text) is too large") }
      return .integer(value)
    }
    guard let value = Double(text) else { throw failure("\(text) is no number") }
    return .double(value)
  }

  private mutating func string() throws(TemplateError) -> String {
    let (quote, start) = (source[position], line)
    var result = String.UnicodeScalarView()
    position += 1
    while position < source.count {
      let scalar = source[position]
      position += 1
      if scalar == quote { return String(result) }
      if scalar == "\n" { line += 1 }
      guard scalar == "\\", position < source.count else {
        result.append(scalar)
        continue
      }
      let escaped = source[position]
      position += 1
      switch escaped {
      case "n": result.append("\n")
      case "t": result.append("\t")
      case "r": result.append("\r")
      case "0": result.append("\0")
      case "b": result.append("\u{8}")
      case "f": result.append("\u{c}")
      case "v": result.append("\u{b}")
      case "a": result.append("\u{7}")
      case "x", "u", "U":
        let digits = escaped == "x" ? 2 : escaped == "u" ? 4 : 8
        let text = String(String.UnicodeScalarView(source[position..<min(position + digits, source.count)]))
        guard text.count == digits, let code = UInt32(text, radix: 16), let value = Unicode.Scalar(code) else {
          throw failure("'\\\(escaped)\(text)' is no character")
        }
        result.append(value)
        position += digits
      case "\n": line += 1
      case "\\", "'", "\"": result.append(escaped)
      default:
        result.append("\\")
        result.append(escaped)
      }
    }
    throw failure("a string has no end", line: start)
  }
}
