/// BERT's cleaning of text: control characters out, white space to spaces, spaces around Chinese characters, accents
/// off, lower case (Devlin et al. 2018, `BasicTokenizer`).
struct BertNormalizer: Sendable {
  var cleansText: Bool
  var isolatesChinese: Bool
  var stripsAccents: Bool
  var lowercases: Bool

  func apply(to text: inout AlignedText) {
    if text.isIdentity, applyASCII(to: &text) { return }
    if cleansText {
      text.filter { $0 != 0 && $0 != 0xFFFD && !ScalarClasses.of($0).contains(.bertControl) }
      text.map { ScalarClasses.of($0).contains(.space) ? 0x20 : $0 }
    }
    if isolatesChinese { isolateChinese(&text) }
    if stripsAccents {
      text.normalize(.nfd)
      text.filter { !ScalarClasses.of($0).contains(.oldNonspacingMark) }
    }
    if lowercases { text.lowercase() }
  }

  /// ASCII text changes in its place. Answers `false`, with the text untouched, when there is more to do.
  private func applyASCII(to text: inout AlignedText) -> Bool {
    text.bytes.withUnsafeMutableBufferPointer { bytes in
      if !isASCIIText(UnsafeBufferPointer(bytes)) { return false }
      if cleansText {
        for byte in bytes where byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F {
          return false
        }
        for index in bytes.indices where bytes[index] < 0x20 { bytes[index] = 0x20 }
      }
      if lowercases {
        for index in bytes.indices where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
      }
      return true
    }
  }

  private func isolateChinese(_ text: inout AlignedText) {
    let found = text.bytes.withUnsafeBufferPointer { source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        if value >= 0x3400, ScalarClasses.of(value).contains(.bertChinese) { return true }
        index += width
      }
      return false
    }
    guard found else { return }
    text.rewrite { rewriter, source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        if ScalarClasses.of(value).contains(.bertChinese) {
          rewriter.put(0x20, change: 0)
          rewriter.put(value, change: 1)
          rewriter.put(0x20, change: 1)
        } else {
          rewriter.put(value, change: 0)
        }
        index += width
      }
    }
  }
}
