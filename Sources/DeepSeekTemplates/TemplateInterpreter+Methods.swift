/// The methods of Python's strings, dictionaries and lists that templates call.
extension TemplateInterpreter {
  func method(
    _ name: String, _ receiver: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> TemplateValue {
    switch receiver {
    case .string(let text):
      if let result = try stringMethod(name, text, arguments) { return result }
    case .dictionary(let dictionary):
      switch name {
      case "items": return .list(dictionary.entries.map { .list([$0.key, $0.value]) })
      case "keys": return .list(dictionary.entries.map(\.key))
      case "values": return .list(dictionary.entries.map(\.value))
      case "get":
        guard let key = arguments[0, "key"] else { throw TemplateFailure("get: a key is expected") }
        return dictionary[key] ?? arguments[1, "default"] ?? .none
      default: break
      }
    case .list(let values):
      guard name == "index" || name == "count", let wanted = arguments[0, "value"] else { break }
      if name == "count" { return .integer(values.count { TemplateValue.areEqual($0, wanted) }) }
      guard let place = values.firstIndex(where: { TemplateValue.areEqual($0, wanted) }) else {
        throw TemplateFailure("index: the list does not have the value")
      }
      return .integer(place)
    default: break
    }
    throw TemplateFailure("\(receiver.kind) has no method '\(name)'")
  }

  private func stringMethod(
    _ name: String, _ text: String, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> TemplateValue? {
    func string(_ place: Int) throws(TemplateFailure) -> String? {
      guard let value = arguments[place, ""] else { return nil }
      if case .none = value { return nil }
      guard let string = value.string else {
        throw TemplateFailure("\(name): \(value.kind) where a string is expected")
      }
      return string
    }
    func needed(_ place: Int) throws(TemplateFailure) -> String {
      guard let string = try string(place) else { throw TemplateFailure("\(name): a string is expected") }
      return string
    }
    switch name {
    case "strip": return .string(text.stripped(.both, of: try string(0)))
    case "lstrip": return .string(text.stripped(.front, of: try string(0)))
    case "rstrip": return .string(text.stripped(.back, of: try string(0)))
    case "upper": return .string(text.uppercased())
    case "lower": return .string(text.lowercased())
    case "title": return .string(text.titled)
    case "capitalize": return .string(text.capitalizedFirst)
    case "startswith", "endswith":
      guard let given = arguments[0, "prefix"] else { throw TemplateFailure("\(name): a string is expected") }
      // Several may be given at once.
      var candidates: [TemplateValue] = [given]
      if case .list(let several) = given { candidates = several }
      return .bool(
        candidates.contains { candidate in
          guard let wanted = candidate.string else { return false }
          let (whole, part) = (Array(text.utf8), Array(wanted.utf8))
          return name == "startswith" ? whole.starts(with: part) : whole.reversed().starts(with: part.reversed())
        })
    case "replace":
      let limit = arguments[2, "count"]?.integer ?? -1
      return .string(try text.replacing(needed(0), by: needed(1), atMost: limit < 0 ? .max : limit))
    case "split", "rsplit":
      let separator = try string(0) ?? arguments[.max, "sep"]?.string
      if separator?.isEmpty == true { throw TemplateFailure("\(name): an empty separator") }
      let limit = arguments[1, "maxsplit"]?.integer ?? -1
      let most = limit < 0 ? Int.max : limit
      if name == "rsplit", let separator, limit >= 0 {
        return .list(text.partsFromBack(between: separator, atMost: most).map { .string($0) })
      }
      return .list(text.parts(between: separator, atMost: most).map { .string($0) })
    case "splitlines":
      var lines = text.parts(between: "\n", atMost: .max)
      if lines.last == "" { lines.removeLast() }
      return .list(lines.map { .string($0) })
    case "join":
      guard let parts = arguments[0, "iterable"]?.elements else { throw TemplateFailure("join: a list is expected") }
      return .string(parts.map(\.text).joined(separator: text))
    case "count": return .integer(text.occurrences(of: try needed(0)).count)
    case "find":
      guard let place = text.occurrences(of: try needed(0), atMost: 1).first else { return .integer(-1) }
      return .integer(String(decoding: Array(text.utf8)[..<place], as: UTF8.self).unicodeScalars.count)
    case "removeprefix", "removesuffix":
      let part = try needed(0)
      let (whole, cut) = (Array(text.utf8), Array(part.utf8))
      if name == "removeprefix" {
        return .string(whole.starts(with: cut) ? String(decoding: whole[cut.count...], as: UTF8.self) : text)
      }
      let ends = whole.reversed().starts(with: cut.reversed())
      return .string(ends ? String(decoding: whole[..<(whole.count - cut.count)], as: UTF8.self) : text)
    case "isdigit", "isnumeric", "isdecimal":
      return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy { $0.properties.numericType == .decimal })
    case "isalpha": return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic })
    case "isspace": return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy { $0.properties.isWhitespace })
    case "isupper": return .bool(text == text.uppercased() && text != text.lowercased())
    case "islower": return .bool(text == text.lowercased() && text != text.uppercased())
    default: return nil
    }
  }
}
