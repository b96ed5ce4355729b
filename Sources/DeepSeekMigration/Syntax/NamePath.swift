#if Migrate
  import SwiftSyntax

  /// A dotted name as it stands in a text: `ds.layers.Conv2D`, as an expression or as a type.
  struct NamePath {
    /// The modules that have old names; `DeepSeek.ds` is `ds`, whatever `ds` is otherwise.
    static let modules: Set<String> = ["DeepSeek", "DeepSeekCompatibility"]

    /// The parts, without the module.
    private(set) var tokens: [TokenSyntax]
    /// The expression or type that is the whole name.
    let node: Syntax
    /// The module that is written before it.
    let module: String?
    /// The labels of `load(_:format:)` after the last part.
    let argumentNames: DeclNameArgumentsSyntax?

    var names: [String] { tokens.map(\.name) }

    /// The name whose first part is `root`, or `nil` when `root` is a later part of one.
    init?(_ root: DeclReferenceExprSyntax) {
      if let parent = root.parent?.as(MemberAccessExprSyntax.self), parent.declName.id == root.id { return nil }
      if root.parent?.is(KeyPathPropertyComponentSyntax.self) == true { return nil }
      var tokens = [root.baseName]
      var arguments = root.argumentNames
      var node = Syntax(root)
      while arguments == nil, let parent = node.parent?.as(MemberAccessExprSyntax.self), parent.base?.id == node.id {
        tokens.append(parent.declName.baseName)
        arguments = parent.declName.argumentNames
        node = Syntax(parent)
      }
      self.init(tokens, node, root.moduleSelector, arguments)
    }

    /// The type whose first part is `root`.
    init(_ root: IdentifierTypeSyntax) {
      var tokens = [root.name]
      var node = Syntax(root)
      var isOpen = root.genericArgumentClause == nil
      while isOpen, let parent = node.parent?.as(MemberTypeSyntax.self), parent.baseType.id == node.id {
        tokens.append(parent.name)
        isOpen = parent.genericArgumentClause == nil
        node = Syntax(parent)
      }
      self.init(tokens, node, root.moduleSelector, nil)
    }

    private init(
      _ tokens: [TokenSyntax], _ node: Syntax, _ selector: ModuleSelectorSyntax?, _ arguments: DeclNameArgumentsSyntax?
    ) {
      self.node = node
      argumentNames = arguments
      if selector == nil, tokens.count > 1, NamePath.modules.contains(tokens[0].name) {
        module = tokens[0].name
        self.tokens = Array(tokens.dropFirst())
      } else {
        module = selector?.moduleName.name
        self.tokens = tokens
      }
    }

    /// The call whose callee is the whole name.
    var call: FunctionCallExprSyntax? { NamePath.call(of: node) }

    /// The call whose callee is `node`, with generic arguments or without.
    static func call(of node: Syntax) -> FunctionCallExprSyntax? {
      var callee = node
      if let generic = node.parent?.as(GenericSpecializationExprSyntax.self) { callee = Syntax(generic) }
      guard let call = callee.parent?.as(FunctionCallExprSyntax.self), call.calledExpression.id == callee.id else {
        return nil
      }
      return call
    }

    /// The change of the first `count` parts to `replacement`: no more of the text than what differs. `nil` when nothing does.
    func edit(_ count: Int, _ replacement: [String]) -> TextEdit? {
      let old = Array(names.prefix(count))
      // The shim's module has no more than the old names.
      if module == "DeepSeekCompatibility" && old != replacement {
        let start = node.byteRange.lowerBound
        return TextEdit(start..<tokens[count - 1].byteRange.upperBound, replacement.joined(separator: "."))
      }
      var prefix = zip(old, replacement).prefix { $0 == $1 }.count
      if prefix == old.count && prefix == replacement.count { return nil }
      let room = min(old.count, replacement.count) - prefix
      var suffix = min(room, zip(old.reversed(), replacement.reversed()).prefix { $0 == $1 }.count)
      if prefix + suffix == old.count {
        // Something would be put in between: a part beside it is written again, so that every change has bytes.
        if suffix > 0 { suffix -= 1 } else { prefix -= 1 }
      }
      let added = replacement[prefix..<replacement.count - suffix].joined(separator: ".")
      let first = tokens[prefix]
      let last = tokens[count - suffix - 1]
      if !added.isEmpty { return TextEdit(first.byteRange.lowerBound..<last.byteRange.upperBound, added) }
      if count - suffix < tokens.count {
        return TextEdit(first.byteRange.lowerBound..<tokens[count - suffix].byteRange.lowerBound, "")
      }
      return TextEdit(tokens[prefix - 1].byteRange.upperBound..<last.byteRange.upperBound, "")
    }
  }
#endif
