#if Migrate
  import SwiftSyntax

  /// The changes of one call's arguments.
  struct CallEdits {
    /// Why a call is left to a person.
    struct Refusal: Error {
      let reason: String

      static let comment = Refusal(reason: "a comment stands where the text would change")
    }

    let source: ParsedSource

    /// Changes of labels: of a call's arguments and closures, and of the labels of a function that is named with them.
    ///
    /// - Parameter labels: Old label to new, one dictionary after another; see ``DeepSeekLegacyNames/LegacyName/Rewrite``.
    func relabel(
      _ call: FunctionCallExprSyntax, _ labels: [[String: String]], from first: Int = 0
    ) throws(Refusal) -> [TextEdit] {
      var edits: [TextEdit] = []
      var seen: Set<String> = []
      for (index, argument) in call.arguments.enumerated() where index >= first {
        let old = argument.label?.name
        let new = CallEdits.label(old, at: index, labels)
        if let new, old != new, call.arguments.contains(where: { $0.label?.name == new }) || seen.contains(new) {
          throw Refusal(reason: "it has '\(old ?? "an argument without a label")' and '\(new)', which are one today")
        }
        if let new { seen.insert(new) }
        guard old != new else { continue }
        let value = argument.expression.byteRange.lowerBound
        switch (argument.label, new) {
        case (let label?, let new?): edits.append(TextEdit(label.byteRange, new))
        case (let label?, nil): edits.append(try removal(label.byteRange.lowerBound..<value))
        case (nil, let new?): edits.append(TextEdit(value..<value, "\(new): "))
        case (nil, nil): break
        }
      }
      for closure in call.additionalTrailingClosures {
        let new = CallEdits.label(closure.label.name, at: nil, labels)
        guard let new else { throw Refusal(reason: "the closure '\(closure.label.name)' has no label today") }
        if new != closure.label.name { edits.append(TextEdit(closure.label.byteRange, new)) }
      }
      return edits
    }

    /// Changes of the labels in `load(_:batch_size:)`.
    func relabel(_ names: DeclNameArgumentsSyntax, _ labels: [[String: String]]) -> [TextEdit] {
      names.arguments.enumerated().compactMap { index, argument in
        let old = argument.name.name == "_" ? nil : argument.name.name
        let new = CallEdits.label(old, at: index, labels)
        return old == new ? nil : TextEdit(argument.name.byteRange, new ?? "_")
      }
    }

    /// Makes a method of a function: `tf.matmul(a, b)` becomes `a.matmul(b)`.
    func method(
      _ name: String, _ call: FunctionCallExprSyntax, _ labels: [[String: String]]
    ) throws(Refusal) -> [TextEdit] {
      guard let receiver = call.arguments.first, let close = call.rightParen else {
        throw Refusal(reason: "its first argument, on which the method is called, is not written here")
      }
      if CallEdits.label(receiver.label?.name, at: 0, labels) != nil {
        throw Refusal(reason: "the method is called on its first argument, which has a label here")
      }
      let needsParentheses = try CallEdits.needsParentheses(receiver.expression)
      let value = receiver.expression.byteRange
      let head = try removal(call.byteRange.lowerBound..<value.lowerBound)
      let next = call.arguments.dropFirst().first
      // A line break after the comma stays; without more arguments the call closes at once.
      let end: Int
      if let next, let comma = receiver.trailingComma {
        let gap = comma.byteRange.upperBound..<next.byteRange.lowerBound
        end = source.bytes[gap].contains(UInt8(ascii: "\n")) ? comma.byteRange.upperBound : gap.upperBound
      } else {
        end = close.byteRange.lowerBound
      }
      let tail = try removal(value.upperBound..<end)
      return [
        TextEdit(head.range, needsParentheses ? "(" : ""),
        TextEdit(tail.range, "\(needsParentheses ? ")" : "").\(name)("),
      ] + (try relabel(call, labels, from: 1))
    }

    /// The label that stands for `old`; a position's number stands for an argument without a label.
    private static func label(_ old: String?, at index: Int?, _ labels: [[String: String]]) -> String? {
      var current = old
      for step in labels {
        guard let new = step[current ?? index.map { String($0) } ?? ""] else { continue }
        current = new.isEmpty ? nil : new
      }
      return current
    }

    /// What goes has no comment in it: names, labels, punctuation and spaces alone.
    private func removal(_ range: Range<Int>) throws(Refusal) -> TextEdit {
      if source.bytes[range].contains(UInt8(ascii: "/")) { throw .comment }
      return TextEdit(range, "")
    }

    /// Whether a method can be called on `expression` only in parentheses. Throws where the meaning would not be the same:
    /// a literal, or a member of a type that is not written, has its type from the argument that it is.
    private static func needsParentheses(_ expression: ExprSyntax) throws(Refusal) -> Bool {
      switch expression.as(ExprSyntaxEnum.self) {
      case .sequenceExpr, .prefixOperatorExpr, .tryExpr, .awaitExpr, .asExpr, .ternaryExpr, .infixOperatorExpr:
        return true
      case .tupleExpr(let tuple) where tuple.elements.count == 1 && tuple.elements.first?.label == nil: return false
      default: break
      }
      var base = expression
      while true {
        switch base.as(ExprSyntaxEnum.self) {
        case .declReferenceExpr: return false
        case .tupleExpr where base.id != expression.id: return false
        case .memberAccessExpr(let access):
          guard let next = access.base else {
            throw Refusal(reason: "the type of its first argument is not written")
          }
          base = next
        case .functionCallExpr(let call): base = call.calledExpression
        case .subscriptCallExpr(let call): base = call.calledExpression
        case .forceUnwrapExpr(let unwrapped): base = unwrapped.expression
        case .genericSpecializationExpr(let generic): base = generic.expression
        default: throw Refusal(reason: "its first argument has its type from being an argument")
        }
      }
    }
  }
#endif
