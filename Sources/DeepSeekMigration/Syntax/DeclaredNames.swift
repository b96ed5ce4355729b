#if Migrate
  import SwiftSyntax

  /// What a file declares, and where that is seen: which names mean something of its own.
  final class DeclaredNames {
    /// A declaration in a list of statements or members.
    private struct Entry {
      let offset: Int
      /// The byte from which it is seen; 0 for what is seen in the whole list.
      let start: Int
    }

    private let source: ParsedSource
    /// What each list declares, found when it is first asked for.
    private var lists: [SyntaxIdentifier: [String: [Entry]]] = [:]
    /// The member lists of each type that the file declares, for its extensions.
    private var members: [String: [MemberBlockItemListSyntax]] = [:]
    /// The functions that the file declares in types.
    private(set) var methods: Set<String> = []

    init(_ source: ParsedSource) {
      self.source = source
      ParsedSource.forEachNode(Syntax(source.tree)) { node, _ in
        if let type = node.asProtocol((any DeclGroupSyntax).self),
          let name = node.asProtocol((any NamedDeclSyntax).self)?.name.name
        {
          members[name, default: []].append(type.memberBlock.members)
        }
        if let function = node.as(FunctionDeclSyntax.self), function.parent?.is(MemberBlockItemSyntax.self) == true {
          methods.insert(function.name.name)
        }
        return true
      }
    }

    /// What other files of a module may use: names at the top level, and methods with a dot before them. Variables of a
    /// file with statements at its top level belong to a script.
    var visibleElsewhere: Set<String> {
      var names = Set(methods.map { ".\($0)" })
      let items = source.tree.statements
      let isScript = items.contains { !$0.item.is(DeclSyntax.self) }
      for item in items {
        guard let declaration = item.item.as(DeclSyntax.self) else { continue }
        let modifiers = declaration.asProtocol((any WithModifiersSyntax).self)?.modifiers.map(\.name.text) ?? []
        if modifiers.contains("private") || modifiers.contains("fileprivate") { continue }
        if isScript && declaration.is(VariableDeclSyntax.self) { continue }
        names.formUnion(declared(by: Syntax(declaration)).map(\.name.name))
      }
      return names
    }

    /// Where the file itself declares what `name` means at `node`; `nil` when it does not.
    func declaration(of name: String, at node: Syntax) -> SourcePosition? {
      var child = node
      while let parent = child.parent {
        if let offset = declaration(of: name, in: parent, from: child) { return source.lines.location(at: offset) }
        child = parent
      }
      return nil
    }

    /// The declaration of `name` that `scope` makes for its part `child`.
    private func declaration(of name: String, in scope: Syntax, from child: Syntax) -> Int? {
      func first(_ tokens: [TokenSyntax]) -> Int? { tokens.first { $0.name == name }?.byteRange.lowerBound }
      switch scope.as(SyntaxEnum.self) {
      case .codeBlockItemList(let list):
        let isTopLevel = list.parent?.is(SourceFileSyntax.self) == true
        return entries(Syntax(list))[name]?.first { isTopLevel || $0.start <= child.position.utf8Offset }?.offset
      case .memberBlockItemList(let list):
        return entries(Syntax(list))[name]?.first?.offset
      case .extensionDecl(let extended):
        let lists = members[extended.extendedType.trimmedDescription] ?? []
        return lists.lazy.compactMap { self.entries(Syntax($0))[name]?.first?.offset }.first
      case .functionDecl(let function):
        return first(generics(function.genericParameterClause) + parameters(function.signature, child))
      case .initializerDecl(let initializer):
        return first(generics(initializer.genericParameterClause) + parameters(initializer.signature, child))
      case .subscriptDecl(let element):
        return first(
          generics(element.genericParameterClause)
            + element.parameterClause.parameters.map { $0.secondName ?? $0.firstName })
      case .structDecl(let type): return first(generics(type.genericParameterClause))
      case .classDecl(let type): return first(generics(type.genericParameterClause))
      case .enumDecl(let type): return first(generics(type.genericParameterClause))
      case .actorDecl(let type): return first(generics(type.genericParameterClause))
      case .typeAliasDecl(let alias): return first(generics(alias.genericParameterClause))
      case .accessorDecl(let accessor): return first(accessor.parameters.map { [$0.name] } ?? [])
      case .closureExpr(let closure):
        guard let signature = closure.signature, child.id != Syntax(signature).id else { return nil }
        return first(closureNames(signature))
      case .forStmt(let loop):
        return child.id == Syntax(loop.sequence).id ? nil : first(bound(Syntax(loop.pattern)))
      case .conditionElementList(let conditions):
        return first(conditions.prefix { $0.id != child.id }.flatMap { bound(Syntax($0)) })
      case .ifExpr(let test):
        return child.id == Syntax(test.body).id ? first(bound(Syntax(test.conditions))) : nil
      case .whileStmt(let loop):
        return child.id == Syntax(loop.body).id ? first(bound(Syntax(loop.conditions))) : nil
      case .switchCase(let choice): return first(bound(Syntax(choice.label)))
      case .catchClause(let clause): return first(bound(Syntax(clause.catchItems)))
      default: return nil
      }
    }

    private func generics(_ clause: GenericParameterClauseSyntax?) -> [TokenSyntax] {
      clause?.parameters.map(\.name) ?? []
    }

    /// The parameters, which are seen in a function's body.
    private func parameters(_ signature: FunctionSignatureSyntax, _ child: Syntax) -> [TokenSyntax] {
      if child.id == Syntax(signature).id { return [] }
      return signature.parameterClause.parameters.map { $0.secondName ?? $0.firstName }
    }

    private func closureNames(_ signature: ClosureSignatureSyntax) -> [TokenSyntax] {
      let captured = signature.capture?.items.map(\.name) ?? []
      switch signature.parameterClause {
      case .simpleInput(let list): return captured + list.map(\.name)
      case .parameterClause(let clause): return captured + clause.parameters.map { $0.secondName ?? $0.firstName }
      case nil: return captured
      }
    }

    /// The names that patterns in `node` bind; what closures in it bind is their own.
    private func bound(_ node: Syntax) -> [TokenSyntax] {
      var names: [TokenSyntax] = []
      ParsedSource.forEachNode(node) { part, _ in
        if let pattern = part.as(IdentifierPatternSyntax.self) { names.append(pattern.identifier) }
        return !part.is(ClosureExprSyntax.self)
      }
      return names
    }

    private func entries(_ list: Syntax) -> [String: [Entry]] {
      if let known = lists[list.id] { return known }
      var result: [String: [Entry]] = [:]
      var waiting = Array(list.children(viewMode: .sourceAccurate))
      let isOrdered = list.is(CodeBlockItemListSyntax.self)
      while let item = waiting.popLast() {
        let content: Syntax =
          switch item.as(SyntaxEnum.self) {
          case .codeBlockItem(let statement): Syntax(statement.item)
          case .memberBlockItem(let member): Syntax(member.decl)
          default: item
          }
        if let conditional = content.as(IfConfigDeclSyntax.self) {
          for clause in conditional.clauses {
            if let elements = clause.elements { waiting += Syntax(elements).children(viewMode: .sourceAccurate) }
          }
          continue
        }
        for (name, isSeenAfter) in declared(by: content) {
          let start = isOrdered && isSeenAfter ? content.endPosition.utf8Offset : 0
          result[name.name, default: []].append(Entry(offset: name.byteRange.lowerBound, start: start))
        }
      }
      lists[list.id] = result
      return result
    }

    /// What a declaration or statement declares in the list where it stands, and whether only what follows sees it.
    private func declared(by node: Syntax) -> [(name: TokenSyntax, isSeenAfter: Bool)] {
      if let variable = node.as(VariableDeclSyntax.self) {
        return variable.bindings.flatMap { bound(Syntax($0.pattern)) }.map { ($0, true) }
      }
      if let statement = node.as(GuardStmtSyntax.self) {
        return bound(Syntax(statement.conditions)).map { ($0, true) }
      }
      if let cases = node.as(EnumCaseDeclSyntax.self) { return cases.elements.map { ($0.name, false) } }
      if let named = node.asProtocol((any NamedDeclSyntax).self) { return [(named.name, false)] }
      return []
    }
  }
#endif
