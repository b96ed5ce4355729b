/// Searching in strings by their bytes: `String`'s own operations go by Unicode equivalence, which tokens do not.
extension String {
  func hasUTF8Prefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

  func hasUTF8Suffix(_ suffix: String) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }

  /// The string without its first so many bytes.
  func droppingUTF8(_ count: Int) -> String { String(decoding: utf8.dropFirst(count), as: UTF8.self) }

  /// Every scalar replaced by another or dropped.
  func mappingScalars(_ body: (Unicode.Scalar) -> Unicode.Scalar?) -> String {
    var result = UnicodeScalarView()
    for scalar in unicodeScalars {
      if let mapped = body(scalar) { result.append(mapped) }
    }
    return String(result)
  }

  /// Every occurrence of a text replaced, from the left. An empty text occurs before every scalar and at the end.
  func replacingUTF8(_ text: String, with replacement: String) -> String {
    if text.isEmpty {
      return replacement + unicodeScalars.map { String($0) + replacement }.joined()
    }
    let source = Array(utf8)
    let wanted = Array(text.utf8)
    guard source.count >= wanted.count else { return self }
    var result: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] == wanted[0], index + wanted.count <= source.count,
        source[index..<index + wanted.count].elementsEqual(wanted)
      {
        result += replacement.utf8
        index += wanted.count
      } else {
        result.append(source[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
