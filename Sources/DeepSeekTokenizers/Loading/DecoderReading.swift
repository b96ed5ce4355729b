internal import DeepSeekJSON

extension Decoder {
  init(_ field: Field) throws(TokenizerError) {
    let type = try field["type"].string()
    switch type {
    case "WordPiece":
      self = .wordPiece(
        prefix: try field["prefix"].optionalString() ?? "##", cleansUp: try field["cleanup"].bool(default: true))
    case "ByteLevel": self = .byteLevel
    case "Metaspace":
      let metaspace = try Metaspace(field)
      guard let replacement = Unicode.Scalar(metaspace.replacement) else {
        throw field["replacement"].wrong("a character")
      }
      self = .metaspace(replacement: replacement, keepsFirst: metaspace.scheme == .never)
    case "BPEDecoder": self = .bpe(suffix: try field["suffix"].optionalString() ?? "</w>")
    case "ByteFallback": self = .byteFallback
    case "Fuse": self = .fuse
    case "Strip":
      guard let content = Unicode.Scalar(try field["content"].scalar()) else {
        throw field["content"].wrong("a character")
      }
      self = .strip(content: content, start: try field["start"].integer(), stop: try field["stop"].integer())
    case "Replace":
      self = .replace(try Pattern(field["pattern"]), with: Array(try field["content"].string().utf8))
    case "CTC":
      self = .ctc(
        padding: try field["pad_token"].optionalString() ?? "<pad>",
        wordDelimiter: try field["word_delimiter_token"].optionalString() ?? "|",
        cleansUp: try field["cleanup"].bool(default: true))
    case "Sequence":
      var parts: [Decoder] = []
      for part in try field["decoders"].elements() { parts.append(try Decoder(part)) }
      self = .sequence(parts)
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }
}
