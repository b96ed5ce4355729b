/// Word patterns that most models share, matched by hand: several times as fast as the general matcher.
enum WordMatchers {
  /// What the patterns ask about a scalar.
  private enum Kind: UInt8 {
    case letter, number, space, other
  }

  private static let letters = CategorySet(name: "L") ?? []
  private static let numbers = CategorySet(name: "N") ?? []

  private static let asciiKinds: [Kind] = (0..<128).map { compute(UInt32($0)) }

  private static func compute(_ value: UInt32) -> Kind {
    let category = CategorySet.of(value)
    if !category.isDisjoint(with: letters) { return .letter }
    if !category.isDisjoint(with: numbers) { return .number }
    return ScalarClasses.of(value).contains(.space) ? .space : .other
  }

  @inline(__always)
  private static func kind(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (Kind, width: Int) {
    if bytes[index] < 0x80 { return (asciiKinds[Int(bytes[index])], 1) }
    let (value, width) = scalar(bytes, index)
    return (compute(value), width)
  }

  /// The length of a contraction at an apostrophe ('s 't 're 've 'm 'll 'd), or 0.
  @inline(__always)
  private static func contraction(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    guard index + 1 < bytes.count else { return 0 }
    switch bytes[index + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return index + 2 < bytes.count && bytes[index + 2] == UInt8(ascii: "e") ? 3 : 0
    case UInt8(ascii: "l"):
      return index + 2 < bytes.count && bytes[index + 2] == UInt8(ascii: "l") ? 3 : 0
    default: return 0
    }
  }

  /// GPT-2's words (Radford et al. 2019): contractions, letters, numbers and other signs, each with one space before;
  /// of a longer run of white space the last goes to the next word.
  ///
  /// The pattern is `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  static func gpt2(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ ranges: inout [Range<Int>]) {
    var start = start
    while start < bytes.count {
      if bytes[start] == UInt8(ascii: "'") {
        let length = contraction(bytes, start)
        if length > 0 {
          ranges.append(start..<start + length)
          start += length
          continue
        }
      }
      var index = start
      var (first, width) = kind(bytes, index)
      if bytes[index] == 0x20, index + 1 < bytes.count {
        let next = kind(bytes, index + 1)
        if next.0 != .space {
          index += 1
          (first, width) = next
        }
      }
      let runStart = index
      var lastWidth = width
      index += width
      while index < bytes.count {
        let next = kind(bytes, index)
        if next.0 != first { break }
        lastWidth = next.width
        index += next.width
      }
      // White space before a word gives up its last scalar, unless it is the only one.
      if first == .space, index < bytes.count, index - lastWidth > runStart { index -= lastWidth }
      ranges.append(start..<index)
      start = index
    }
  }
}
