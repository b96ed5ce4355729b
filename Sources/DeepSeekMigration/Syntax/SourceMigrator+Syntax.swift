#if Migrate
  import DeepSeekLegacyNames
  import SwiftSyntax

  extension SourceMigrator {
    /// What becomes of a source text in UTF-8.
    ///
    /// - Parameter declaredElsewhere: What other files declare at their top level, and the names of methods with a dot
    ///   before them: these mean something of the program's own.
    /// - Throws: ``MigrationError`` when the text is no Swift, too long or nested too deep.
    public func migrate(
      _ bytes: [UInt8], path: String, declaredElsewhere: Set<String> = []
    ) throws(MigrationError) -> FileMigration {
      let rules = rules
      return try parsed(bytes, path: path) { source in
        var rewriter = SourceRewriter(source: source, rules: rules, declaredElsewhere: declaredElsewhere)
        ParsedSource.forEachNode(Syntax(source.tree)) { node, _ in
          rewriter.visit(node)
          return true
        }
        return FileMigration(
          path: path, changes: rewriter.changes, places: rewriter.places,
          text: EditedText(bytes, lines: source.lines, edits: rewriter.edits))
      }
    }

    /// What a file declares for the others of its module; nothing when it is no Swift.
    func declarations(in bytes: [UInt8], path: String) -> Set<String> {
      (try? parsed(bytes, path: path) { DeclaredNames($0).visibleElsewhere }) ?? []
    }

    /// What `body` makes of the text as a tree.
    private func parsed<Result: Sendable>(
      _ bytes: [UInt8], path: String, _ body: @escaping @Sendable (ParsedSource) -> Result
    ) throws(MigrationError) -> Result {
      if bytes.count > SourceFiles.maximumByteCount { throw .tooLarge(path) }
      if let offset = DeepStack.tooDeep(bytes) {
        throw MigrationError(
          .tooDeep, file: path, at: LineTable(bytes).location(at: offset),
          "more than \(DeepStack.maximumBracketDepth) brackets stand in one another", advice: "split the expression")
      }
      let result: Swift.Result<Result, MigrationError> = DeepStack.run {
        do throws(MigrationError) {
          return .success(body(try ParsedSource(bytes, path: path)))
        } catch {
          return .failure(error)
        }
      }
      return try result.get()
    }
  }
#endif
