/// Strings as Python's methods treat them: by code points.
extension String {
  init(_ scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self = String(view)
  }

  /// Where another string begins in this one, without overlaps, in bytes of UTF-8; at most so many places.
  func occurrences(of wanted: String, atMost limit: Int = .max) -> [Int] {
    let (text, part) = (Array(utf8), Array(wanted.utf8))
    var places: [Int] = []
    var place = 0
    while place + part.count <= text.count && places.count < limit {
      if text[place..<place + part.count].elementsEqual(part) {
        places.append(place)
        // Nothing is everywhere: before each character, and at the end.
        place += max(part.count, 1)
        while part.isEmpty && place < text.count && text[place] & 0xC0 == 0x80 { place += 1 }
      } else {
        place += 1
      }
    }
    return places
  }

  func replacing(_ old: String, by new: String, atMost limit: Int) throws(TemplateFailure) -> String {
    let places = occurrences(of: old, atMost: limit)
    let added = places.count.multipliedReportingOverflow(by: new.utf8.count)
    if added.overflow || added.partialValue > TemplateValue.largestSize {
      throw TemplateFailure("replace: a text of more than \(TemplateValue.largestSize) bytes")
    }
    let text = Array(utf8)
    var result: [UInt8] = []
    var end = 0
    for place in places {
      result += text[end..<place]
      result += new.utf8
      end = place + old.utf8.count
    }
    return String(decoding: result + text[end...], as: UTF8.self)
  }

  enum Side { case front, back, both }

  /// Without white space, or without these characters, at its ends.
  func stripped(_ side: Side, of characters: String? = nil) -> String {
    let unwanted = characters.map { Set($0.unicodeScalars) }
    func goes(_ scalar: Unicode.Scalar) -> Bool { unwanted?.contains(scalar) ?? scalar.properties.isWhitespace }
    var rest = unicodeScalars[...]
    if side != .back { rest = rest.drop(while: goes) }
    if side != .front { while let last = rest.last, goes(last) { rest.removeLast() } }
    return String(rest)
  }

  /// Parts between a separator, or between stretches of white space; at most so many cuts, from the front.
  func parts(between separator: String?, atMost limit: Int) -> [String] {
    guard let separator else {
      var parts: [String] = []
      var rest = unicodeScalars.drop { $0.properties.isWhitespace }
      while !rest.isEmpty {
        if parts.count == limit {
          parts.append(String(rest).stripped(.back))
          break
        }
        let part = rest.prefix { !$0.properties.isWhitespace }
        parts.append(String(part))
        rest = rest.dropFirst(part.count).drop { $0.properties.isWhitespace }
      }
      return parts
    }
    let text = Array(utf8)
    var (parts, end): ([String], Int) = ([], 0)
    for place in occurrences(of: separator, atMost: limit) {
      parts.append(String(decoding: text[end..<place], as: UTF8.self))
      end = place + separator.utf8.count
    }
    return parts + [String(decoding: text[end...], as: UTF8.self)]
  }

  /// The same, from the back.
  func partsFromBack(between separator: String, atMost limit: Int) -> [String] {
    let all = parts(between: separator, atMost: .max)
    if all.count - 1 <= limit { return all }
    return [all.dropLast(limit).joined(separator: separator)] + all.suffix(limit)
  }

  /// The first character in upper case, the others in lower.
  var capitalizedFirst: String {
    String(unicodeScalars.prefix(1)).uppercased() + String(unicodeScalars.dropFirst()).lowercased()
  }

  /// Each word's first letter in upper case, its others in lower.
  var titled: String {
    var (result, isInWord) = ("", false)
    for scalar in unicodeScalars {
      let letter = String(scalar)
      result += isInWord ? letter.lowercased() : letter.uppercased()
      isInWord = scalar.properties.isAlphabetic
    }
    return result
  }
}
