import DeepSeekJSON

/// Jinja's filters, as far as templates of conversations have them.
extension TemplateInterpreter {
  func filter(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> TemplateValue {
    switch name {
    case "trim": return .string(value.text.stripped(.both, of: arguments[0, "chars"]?.string))
    case "upper": return .string(value.text.uppercased())
    case "lower": return .string(value.text.lowercased())
    case "title": return .string(value.text.titled)
    case "capitalize": return .string(value.text.capitalizedFirst)
    case "string": return .string(value.text)
    case "safe": return value
    case "tojson": return try json(value, arguments)
    case "default", "d":
      let standsIn = value.isUndefined || (arguments[1, "boolean"]?.isTrue == true && !value.isTrue)
      return standsIn ? arguments[0, "default_value"] ?? .string("") : value
    case "replace":
      guard let old = arguments[0, "old"]?.text, let new = arguments[1, "new"]?.text else {
        throw TemplateFailure("replace: two strings are expected")
      }
      return .string(try value.text.replacing(old, by: new, atMost: arguments[2, "count"]?.integer ?? .max))
    case "indent": return .string(try indented(value.text, arguments))
    case "int":
      if let number = value.number {
        return Int(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? .integer(0)
      }
      let text = value.text.stripped(.both)
      let whole = Int(text) ?? Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }
      return whole.map { .integer($0) } ?? arguments[0, "default"] ?? .integer(0)
    case "float":
      return (value.number ?? Double(value.text.stripped(.both))).map { .double($0) } ?? arguments[0, "default"]
        ?? .double(0)
    case "abs":
      if let whole = value.integer, whole != .min { return .integer(abs(whole)) }
      guard let number = value.number else { throw TemplateFailure("abs of \(value.kind)") }
      return .double(abs(number))
    case "round": return try rounded(value, arguments)
    case "length", "count":
      if case .dictionary(let dictionary) = value { return .integer(dictionary.entries.count) }
      return .integer(try elements(name, value).count)
    case "dictsort", "items":
      if case .undefined = value, name == "items" { return .list([]) }
      guard case .dictionary(let dictionary) = value else { throw TemplateFailure("\(name) of \(value.kind)") }
      let pairs = dictionary.entries.map { TemplateValue.list([$0.key, $0.value]) }
      if name == "items" { return .list(pairs) }
      let place: TemplateValue = arguments[1, "by"]?.string == "value" ? .integer(1) : .integer(0)
      let isSensitive = arguments[0, "case_sensitive"]?.isTrue == true
      return .list(try sorted(pairs, by: place, isSensitive, isReversed: arguments[2, "reverse"]?.isTrue == true))
    default: return try listFilter(name, value, arguments)
    }
  }

  private func elements(_ name: String, _ value: TemplateValue) throws(TemplateFailure) -> [TemplateValue] {
    guard let elements = value.elements else { throw TemplateFailure("\(name) of \(value.kind)") }
    return elements
  }

  private func listFilter(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> TemplateValue {
    // Nothing, of whatever kind, has nothing to choose from.
    if ["map", "select", "reject", "selectattr", "rejectattr"].contains(name) && !value.isTrue { return .list([]) }
    let elements = try elements(name, value)
    let attribute = arguments.named.last { $0.name == "attribute" }?.value
    switch name {
    case "list": return .list(elements)
    case "first": return elements.first ?? .undefined("the first of nothing")
    case "last": return elements.last ?? .undefined("the last of nothing")
    case "reverse":
      if let text = value.string { return .string(String(text.unicodeScalars.reversed())) }
      return .list(elements.reversed())
    case "join":
      let parts = try each(elements, arguments[1, "attribute"])
      return .string(parts.map(\.text).joined(separator: arguments[0, "d"]?.text ?? ""))
    case "sum":
      var total = arguments[1, "start"] ?? .integer(0)
      for part in try each(elements, arguments[0, "attribute"]) {
        guard let x = total.number, let y = part.number else { throw TemplateFailure("sum of \(part.kind)") }
        if let a = total.integer, let b = part.integer, case (let sum, false) = a.addingReportingOverflow(b) {
          total = .integer(sum)
        } else {
          total = .double(x + y)
        }
      }
      return total
    case "min", "max":
      let parts = try sorted(
        elements, by: attribute, arguments[0, "case_sensitive"]?.isTrue == true, isReversed: name == "max")
      return parts.first ?? .undefined("the \(name) of nothing")
    case "sort":
      return .list(
        try sorted(
          elements, by: arguments[2, "attribute"], arguments[1, "case_sensitive"]?.isTrue == true,
          isReversed: arguments[0, "reverse"]?.isTrue == true))
    case "unique":
      var kept: [TemplateValue] = []
      for (element, key) in zip(elements, try each(elements, arguments[1, "attribute"])) {
        try step()
        let known = try each(kept, arguments[1, "attribute"])
        if !known.contains(where: { TemplateValue.areEqual(folded($0), folded(key)) }) { kept.append(element) }
      }
      return .list(kept)
    case "map":
      if let attribute {
        let standard = arguments.named.last { $0.name == "default" }?.value
        return .list(try each(elements, attribute).map { $0.isUndefined ? standard ?? $0 : $0 })
      }
      guard let filter = arguments.positional.first?.string else {
        throw TemplateFailure("map: a filter's name is expected")
      }
      var rest = arguments
      rest.positional.removeFirst()
      var results: [TemplateValue] = []
      for element in elements { results.append(try self.filter(filter, element, rest)) }
      return .list(results)
    case "select", "reject":
      return .list(try chosen(elements, of: elements, name == "select", arguments.positional[...]))
    case "selectattr", "rejectattr":
      guard let attribute = arguments.positional.first else {
        throw TemplateFailure("\(name): an attribute is expected")
      }
      let keys = try each(elements, attribute)
      return .list(try chosen(elements, of: keys, name == "selectattr", arguments.positional.dropFirst()))
    default: throw TemplateFailure("the filter '\(name)' is not known")
    }
  }

  /// The members of elements under an attribute, which may go through several: `a.b`.
  private func each(_ elements: [TemplateValue], _ attribute: TemplateValue?) throws(TemplateFailure) -> [TemplateValue]
  {
    guard let attribute else { return elements }
    if case .none = attribute { return elements }
    let path: [TemplateValue] =
      attribute.string.map { $0.parts(between: ".", atMost: .max).map { Int($0).map { .integer($0) } ?? .string($0) } }
      ?? [attribute]
    var results: [TemplateValue] = []
    for element in elements {
      try step()
      var value = element
      for key in path { value = value.isUndefined ? value : try member(value, key) }
      results.append(value)
    }
    return results
  }

  /// Those elements whose key passes a test, or does not.
  private func chosen(
    _ elements: [TemplateValue], of keys: [TemplateValue], _ passes: Bool, _ words: ArraySlice<TemplateValue>
  ) throws(TemplateFailure) -> [TemplateValue] {
    var kept: [TemplateValue] = []
    let rest = TemplateArguments(positional: Array(words.dropFirst()))
    for (element, key) in zip(elements, keys) {
      try step()
      let holds: Bool
      if let test = words.first {
        guard let name = test.string else { throw TemplateFailure("a test's name is expected") }
        holds = try self.test(name, key, rest)
      } else {
        holds = key.isTrue
      }
      if holds == passes { kept.append(element) }
    }
    return kept
  }

  /// Strings without their case, for orders that have none.
  private func folded(_ value: TemplateValue) -> TemplateValue {
    value.string.map { .string($0.lowercased()) } ?? value
  }

  private func sorted(
    _ elements: [TemplateValue], by attribute: TemplateValue?, _ isSensitive: Bool, isReversed: Bool
  ) throws(TemplateFailure) -> [TemplateValue] {
    let keys = try each(elements, attribute).map { isSensitive ? $0 : folded($0) }
    for (a, b) in zip(keys, keys.dropFirst()) where TemplateValue.isLess(a, b) == nil {
      throw TemplateFailure("\(a.kind) and \(b.kind) have no order")
    }
    // Stable both ways, as Python's is.
    let order = keys.indices.sorted { a, b in
      let (x, y) = isReversed ? (keys[b], keys[a]) : (keys[a], keys[b])
      if TemplateValue.isLess(x, y) == true { return true }
      return TemplateValue.isLess(y, x) != true && a < b
    }
    return order.map { elements[$0] }
  }

  private func rounded(_ value: TemplateValue, _ arguments: TemplateArguments) throws(TemplateFailure) -> TemplateValue
  {
    guard let number = value.number else { throw TemplateFailure("round of \(value.kind)") }
    let digits = min(max(arguments[0, "precision"]?.integer ?? 0, -300), 300)
    var factor = 1.0
    for _ in 0..<abs(digits) { factor *= 10 }
    let rule: FloatingPointRoundingRule =
      switch arguments[1, "method"]?.string {
      case "ceil": .up
      case "floor": .down
      default: .toNearestOrEven
      }
    return .double(digits < 0 ? (number / factor).rounded(rule) * factor : (number * factor).rounded(rule) / factor)
  }

  private func indented(_ text: String, _ arguments: TemplateArguments) throws(TemplateFailure) -> String {
    let width = arguments[0, "width"]
    guard
      let margin = width?.string
        ?? (width?.integer ?? 4 <= 1024 ? String(repeating: " ", count: max(width?.integer ?? 4, 0)) : nil)
    else { throw TemplateFailure("indent: a margin of more than 1024") }
    let isFirst = arguments[1, "first"]?.isTrue == true, isBlank = arguments[2, "blank"]?.isTrue == true
    let lines = text.parts(between: "\n", atMost: .max)
    return lines.enumerated().map { index, line in
      (index == 0 ? isFirst : isBlank || !line.isEmpty) ? margin + line : line
    }.joined(separator: "\n")
  }

  private func json(_ value: TemplateValue, _ arguments: TemplateArguments) throws(TemplateFailure) -> TemplateValue {
    guard let json = value.json else { throw TemplateFailure("tojson of what JSON does not have") }
    let layout: JSONLayout
    switch arguments[.max, "indent"] ?? arguments[0, ""] {
    case .integer(let width)? where width >= 0 && width <= 64: layout = .indented(width)
    case nil, .none?: layout = .spaced
    case let other?: throw TemplateFailure("tojson: an indent of \(other.text)")
    }
    do { return .string(try json.jsonText(layout)) } catch { throw TemplateFailure("tojson: \(error)") }
  }
}
