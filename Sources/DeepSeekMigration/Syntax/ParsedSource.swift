#if Migrate
  import SwiftParser
  import SwiftSyntax

  /// A source file as a tree that keeps every byte.
  struct ParsedSource {
    /// Nodes that may stand in one another. People's code has under a hundred; a chain of thousands of calls would make
    /// every search for a declaration long.
    static let maximumDepth = 5_000

    let tree: SourceFileSyntax
    let bytes: [UInt8]
    let lines: LineTable

    /// Throws ``MigrationError`` when the text is no Swift.
    init(_ bytes: [UInt8], path: String) throws(MigrationError) {
      tree = Parser.parse(source: String(decoding: bytes, as: UTF8.self))
      self.bytes = bytes
      lines = LineTable(bytes)
      if tree.hasError {
        throw MigrationError(
          .doesNotParse, file: path, at: lines.location(at: min(ParsedSource.firstError(tree), bytes.count)),
          "it does not parse here", advice: "it is untouched; make it compile first")
      }
      var isTooDeep = false
      ParsedSource.forEachNode(Syntax(tree)) { _, depth in
        isTooDeep = isTooDeep || depth > ParsedSource.maximumDepth
        return !isTooDeep
      }
      if isTooDeep {
        throw MigrationError(
          .tooDeep, file: path, "more than \(ParsedSource.maximumDepth) expressions stand in one another",
          advice: "split the expression")
      }
    }

    /// Calls `body` with each node and its depth, a node before its parts, in the order of the text. Parts of a node for
    /// which `body` says false are left out. Not recursive: a text's nesting cannot exhaust the stack.
    static func forEachNode(_ root: Syntax, _ body: (Syntax, Int) -> Bool) {
      var waiting = [(root, 0)]
      while let (node, depth) = waiting.popLast() {
        guard body(node, depth), !node.is(TokenSyntax.self) else { continue }
        for child in node.children(viewMode: .sourceAccurate).reversed() { waiting.append((child, depth + 1)) }
      }
    }

    /// Where the first thing stands that the parser did not expect or missed.
    private static func firstError(_ tree: SourceFileSyntax) -> Int {
      var node = Syntax(tree)
      while let child = node.children(viewMode: .all).first(where: { $0.hasError }) { node = child }
      return node.positionAfterSkippingLeadingTrivia.utf8Offset
    }
  }

  extension SyntaxProtocol {
    /// The bytes of the node without what stands around it.
    var byteRange: Range<Int> {
      positionAfterSkippingLeadingTrivia.utf8Offset..<endPositionBeforeTrailingTrivia.utf8Offset
    }
  }

  extension TokenSyntax {
    /// The identifier, without the backticks that may stand around it.
    var name: String {
      text.count > 2 && text.hasPrefix("`") && text.hasSuffix("`") ? String(text.dropFirst().dropLast()) : text
    }
  }
#endif
