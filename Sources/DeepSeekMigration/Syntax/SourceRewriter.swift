#if Migrate
  import DeepSeekLegacyNames
  import SwiftSyntax

  /// Looks at the nodes of one file in order, and gathers what is to change.
  struct SourceRewriter {
    private let source: ParsedSource
    private let rules: MigrationRules
    private let declared: DeclaredNames
    private let declaredElsewhere: Set<String>
    private(set) var edits: [TextEdit] = []
    private(set) var changes: [FileMigration.Change] = []
    private(set) var places: [FileMigration.Place] = []

    init(source: ParsedSource, rules: MigrationRules, declaredElsewhere: Set<String>) {
      self.source = source
      self.rules = rules
      self.declaredElsewhere = declaredElsewhere
      declared = DeclaredNames(source)
    }

    mutating func visit(_ node: Syntax) {
      if let root = node.as(DeclReferenceExprSyntax.self) {
        if let path = NamePath(root) { visit(path) }
      } else if let root = node.as(IdentifierTypeSyntax.self) {
        visit(NamePath(root))
      } else if let access = node.as(MemberAccessExprSyntax.self) {
        visit(access)
      }
    }

    // MARK: Names

    private mutating func visit(_ path: NamePath) {
      let names = path.names
      let found = rules.resolve(names)
      if path.module == nil, found != nil || rules.isBeginning(names), let declaration = ownDeclaration(path) {
        if found != nil { leave(path.node, names, "'\(names[0])' is \(declaration)") }
        return
      }
      let new = found.map { $0.replacement + names[$0.consumedCount...] } ?? names
      if path.node.parent?.is(TypeInitializerClauseSyntax.self) == true, rules.isBeginning(new) {
        leave(path.node, names, "names that are reached through this alias are not followed")
      }
      guard let found else { return }
      do {
        let made = try rewrite(path, found)
        if let row = found.byHand { place(.byHand, path.node, row) }
        guard !made.isEmpty, let last = found.rows.last else { return }
        let isMethod = found.method != nil && path.call != nil
        edits += made
        changes.append(
          FileMigration.Change(
            location: location(path.node), old: names.joined(separator: "."),
            new: isMethod ? last.new : new.joined(separator: ".")))
        for row in found.rows where row != found.byHand && row.exactness != .exact && !row.note.isEmpty {
          place(.check, path.node, row)
        }
      } catch {
        let row = found.rows[found.rows.count - 1]
        place(.byHand, path.node, row, because: error.reason)
      }
    }

    private func rewrite(
      _ path: NamePath, _ found: MigrationRules.Resolution
    ) throws(CallEdits.Refusal) -> [TextEdit] {
      let calls = CallEdits(source: source)
      if let method = found.method {
        guard let call = path.call else {
          throw CallEdits.Refusal(reason: "it is a method today, and not called here")
        }
        return try calls.method(method, call, found.labels)
      }
      var made: [TextEdit] = []
      if let edit = path.edit(found.consumedCount, found.replacement) {
        if source.bytes[edit.range].contains(UInt8(ascii: "/")) { throw .comment }
        made.append(edit)
      }
      if let call = path.call { made += try calls.relabel(call, found.labels) }
      if let names = path.argumentNames { made += calls.relabel(names, found.labels) }
      return made
    }

    /// What the program itself declares under the first part of the name, in words.
    private func ownDeclaration(_ path: NamePath) -> String? {
      let name = path.names[0]
      if let position = declared.declaration(of: name, at: path.node) { return "declared on line \(position.line)" }
      return declaredElsewhere.contains(name) ? "declared in another file" : nil
    }

    // MARK: Methods

    /// A method of a value, whose type is not known: `model.fit(x, y, batch_size: 32)`.
    private mutating func visit(_ access: MemberAccessExprSyntax) {
      let name = access.declName.baseName
      guard let row = rules.method(name.name), let base = access.base, !isNamespace(base) else { return }
      let old = MigrationRules.path(row.old)
      let new = MigrationRules.path(row.new)
      let isTelling = name.name.contains("_") || SourceRewriter.isNamed(base, old[0])
      let call = NamePath.call(of: Syntax(access))
      var made: [TextEdit] = []
      var refusal: String?
      switch row.rewrite {
      case .rename, .relabel:
        // Labels tell an old call by themselves; a name tells it when it is of the old spelling, or of a value of that name.
        do {
          let labels = row.rewrite.labels.map { [$0] } ?? []
          if let call { made += try CallEdits(source: source).relabel(call, labels) }
          if let names = access.declName.argumentNames { made += CallEdits(source: source).relabel(names, labels) }
        } catch {
          refusal = error.reason
        }
        guard refusal == nil, new.count == 2, new[0] == old[0] else {
          refusal = refusal ?? (isTelling ? "" : nil)
          break
        }
        if new[1] != name.name && isTelling { made.append(TextEdit(name.byteRange, new[1])) }
      case .method, .byHand:
        // Where the name is the same today, the old call is told by a string: that is how optimizers and losses were named.
        let isOld = row.old != row.new || call.map { SourceRewriter.hasString($0) } ?? false
        if isTelling && isOld { refusal = "" }
      }
      if made.isEmpty && refusal == nil { return }
      if declared.methods.contains(name.name) || declaredElsewhere.contains(".\(name.name)") {
        leave(Syntax(access), old, "the program declares a method '\(name.name)' itself", at: name)
      } else if let refusal {
        place(.byHand, Syntax(name), row, because: refusal)
      } else {
        edits += made
        changes.append(FileMigration.Change(location: location(Syntax(name)), old: row.old, new: row.new))
        if row.exactness != .exact && !row.note.isEmpty { place(.check, Syntax(name), row) }
      }
    }

    /// Whether a call on `base` is of a function or type in a namespace, not of a method.
    private func isNamespace(_ base: ExprSyntax) -> Bool {
      var root = base
      while let access = root.as(MemberAccessExprSyntax.self), let next = access.base { root = next }
      guard let reference = root.as(DeclReferenceExprSyntax.self) else { return false }
      let name = reference.baseName.name
      return MigrationRules.namespaces.contains(name)
        && declared.declaration(of: name, at: Syntax(reference)) == nil && !declaredElsewhere.contains(name)
    }

    /// Whether the value's own name says what it is: `model`, `self.model`, `bertModel`, and `sess` for `session`.
    private static func isNamed(_ base: ExprSyntax, _ usual: String) -> Bool {
      let name =
        base.as(DeclReferenceExprSyntax.self)?.baseName.name
        ?? base.as(MemberAccessExprSyntax.self)?.declName.baseName.name
      guard let name = name?.lowercased() else { return false }
      return name.hasSuffix(usual) || name.count >= 3 && usual.hasPrefix(name)
    }

    private static func hasString(_ call: FunctionCallExprSyntax) -> Bool {
      call.arguments.contains { argument in
        if let array = argument.expression.as(ArrayExprSyntax.self) {
          return array.elements.contains { $0.expression.is(StringLiteralExprSyntax.self) }
        }
        return argument.expression.is(StringLiteralExprSyntax.self)
      }
    }

    // MARK: Places

    private func location(_ node: Syntax) -> SourcePosition { source.lines.location(at: node.byteRange.lowerBound) }

    private mutating func place(
      _ kind: FileMigration.Place.Kind, _ node: Syntax, _ row: LegacyName, because reason: String = ""
    ) {
      let note = [reason, row.note].filter { !$0.isEmpty }.joined(separator: ". ")
      places.append(FileMigration.Place(kind: kind, location: location(node), old: row.old, new: row.new, note: note))
    }

    private mutating func leave(_ node: Syntax, _ names: [String], _ reason: String, at token: TokenSyntax? = nil) {
      let position = location(token.map { Syntax($0) } ?? node)
      places.append(
        FileMigration.Place(
          kind: .left, location: position, old: names.joined(separator: "."), new: "", note: reason))
    }
  }
#endif
