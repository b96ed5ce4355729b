/// A rewriting of text before it is cut.
indirect enum Normalizer: Sendable {
  case bert(BertNormalizer)
  case form(NormalizationForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case stripAccents
  case prepend([UInt32])
  case nmt
  case replace(Pattern, with: [UInt8])
  case precompiled(PrecompiledCharacterMap)
  case byteLevel
  case sequence([Normalizer])

  func apply(to text: inout AlignedText) throws(TokenizerError) {
    switch self {
    case .bert(let normalizer): normalizer.apply(to: &text)
    case .form(let form): text.normalize(form)
    case .lowercase: text.lowercase()
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .stripAccents: text.filter { $0 < 0x300 || !ScalarClasses.of($0).contains(.oldMark) }
    case .prepend(let prefix): text.prepend(prefix)
    case .nmt: text.cleanForTranslation()
    case .replace(let pattern, let content): try text.replace(pattern, with: content)
    case .precompiled(let map): map.apply(to: &text)
    case .byteLevel:
      var whole = PreTokenizedText(text)
      whole.encodeBytes()
      text = whole.text
    case .sequence(let parts):
      for part in parts { try part.apply(to: &text) }
    }
  }
}

extension AlignedText {
  /// Takes white space off the ends.
  fileprivate mutating func strip(left: Bool, right: Bool) {
    let kept: Range<Int> = bytes.withUnsafeBufferPointer { source in
      var (start, end) = (0, source.count)
      while left, start < end {
        let (value, width) = scalar(source, start)
        guard ScalarClasses.of(value).contains(.space) else { break }
        start += width
      }
      while right, end > start {
        let (value, width) = scalarBefore(source, end)
        guard ScalarClasses.of(value).contains(.space) else { break }
        end -= width
      }
      return start..<end
    }
    guard kept.count < bytes.count else { return }
    materialize()
    spans = Array(spans[kept])
    bytes = Array(bytes[kept])
  }

  /// SentencePiece's `nmt` rules: some control characters out, uncommon white space to spaces.
  fileprivate mutating func cleanForTranslation() {
    filter { value in
      switch value {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
      default: true
      }
    }
    map { value in
      switch value {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: 0x20
      default: value
      }
    }
  }
}
