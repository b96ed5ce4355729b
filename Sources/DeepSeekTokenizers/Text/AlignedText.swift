/// Where in the original text something came from: a half-open range of UTF-8 bytes.
struct Span: Sendable, Equatable {
  var start: Int32
  var end: Int32
}

/// Text under normalization, with every byte's place in the original.
///
/// Normalizers change, drop and insert scalars, but offsets are reported in the text that the caller gave. So each byte
/// of `bytes` carries the span of the original scalar from which it came. While nothing has moved, `spans` is empty and
/// stands for "each scalar is its own span, beginning at `origin`": ASCII text that only needs lower case never pays.
struct AlignedText: Sendable {
  var bytes: [UInt8]
  /// One a byte, or empty while the text still lies as in the original.
  var spans: [Span] = []
  /// The original offset at which this text began.
  var origin: Int32

  init(bytes: [UInt8], origin: Int32 = 0) {
    self.bytes = bytes
    self.origin = origin
  }

  var isIdentity: Bool { spans.isEmpty }

  /// The original span of the byte at `index`.
  func span(at index: Int) -> Span {
    if !spans.isEmpty { return spans[index] }
    var start = index
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    let base = Int(origin) + start
    return Span(start: Int32(base), end: Int32(base + utf8Width(bytes[start])))
  }

  /// The original span of a range of bytes: from the start of its first to the end of its last.
  @inline(__always)
  func span(of range: Range<Int>) -> Span {
    if range.isEmpty {
      let place = Int(origin) + range.lowerBound
      return Span(start: Int32(place), end: Int32(place))
    }
    return Span(start: span(at: range.lowerBound).start, end: span(at: range.upperBound - 1).end)
  }

  /// Makes the spans explicit.
  mutating func materialize() {
    guard spans.isEmpty, !bytes.isEmpty else { return }
    spans.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let width = utf8Width(bytes[index])
      let start = origin + Int32(index)
      for _ in 0..<width { spans.append(Span(start: start, end: start + Int32(width))) }
      index += width
    }
  }

  /// A part as a text of its own.
  func slice(_ range: Range<Int>) -> AlignedText {
    if range.count == bytes.count { return self }
    var part = AlignedText(bytes: Array(bytes[range]), origin: span(of: range).start)
    if !spans.isEmpty { part.spans = Array(spans[range]) }
    return part
  }

  /// Appends another text, whose origin must be in the same original.
  mutating func append(_ other: AlignedText) {
    var other = other
    materialize()
    other.materialize()
    bytes += other.bytes
    spans += other.spans
  }
}

/// Writes a text anew, scalar by scalar, keeping account of where each came from.
///
/// The bookkeeping is the reference's: a scalar written with change 0 replaces the next one of the source, with -n it
/// replaces that one and n more, and with +1 it is inserted and shares the span of the source byte before it.
struct TextRewriter {
  private let source: AlignedText
  private(set) var bytes: [UInt8] = []
  private(set) var spans: [Span] = []
  /// The next byte of the source that is not yet replaced.
  private var position = 0

  init(_ source: AlignedText) {
    var source = source
    source.materialize()
    self.source = source
    bytes.reserveCapacity(source.bytes.count + 16)
    spans.reserveCapacity(source.bytes.count + 16)
  }

  private mutating func advance() {
    if position < source.bytes.count { position += utf8Width(source.bytes[position]) }
  }

  private func span(at index: Int) -> Span {
    if source.spans.isEmpty { return Span(start: source.origin, end: source.origin) }
    return source.spans[min(index, source.spans.count - 1)]
  }

  /// Drops scalars of the source.
  mutating func skip(_ count: Int) {
    for _ in 0..<count { advance() }
  }

  mutating func put(_ value: UInt32, change: Int) {
    let span: Span
    if change > 0 {
      span = position < 1 ? Span(start: source.origin, end: source.origin) : self.span(at: position - 1)
    } else {
      span = self.span(at: position)
      advance()
      skip(-change)
    }
    let before = bytes.count
    bytes.append(scalar: value)
    for _ in before..<bytes.count { spans.append(span) }
  }

  /// The new text.
  func finish() -> AlignedText {
    var text = AlignedText(bytes: bytes, origin: source.origin)
    text.spans = spans
    return text
  }
}

extension AlignedText {
  /// Whether all bytes are ASCII.
  var isASCII: Bool { bytes.withUnsafeBufferPointer { isASCIIText($0) } }

  /// Rewrites the text.
  mutating func rewrite(_ body: (inout TextRewriter, UnsafeBufferPointer<UInt8>) -> Void) {
    var rewriter = TextRewriter(self)
    bytes.withUnsafeBufferPointer { body(&rewriter, $0) }
    self = rewriter.finish()
  }

  /// Keeps the scalars for which the condition holds.
  mutating func filter(_ keep: (UInt32) -> Bool) {
    let firstDropped: Int? = bytes.withUnsafeBufferPointer { source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        if !keep(value) { return index }
        index += width
      }
      return nil
    }
    guard let firstDropped else { return }
    materialize()
    var kept = Array(bytes[..<firstDropped])
    var keptSpans = Array(spans[..<firstDropped])
    kept.reserveCapacity(bytes.count)
    keptSpans.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { source in
      var index = firstDropped
      while index < source.count {
        let (value, width) = scalar(source, index)
        if keep(value) {
          for offset in index..<index + width {
            kept.append(source[offset])
            keptSpans.append(spans[offset])
          }
        }
        index += width
      }
    }
    bytes = kept
    spans = keptSpans
  }

  /// Replaces every scalar by another.
  mutating func map(_ replacement: (UInt32) -> UInt32) {
    let changes: Bool = bytes.withUnsafeBufferPointer { source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        if replacement(value) != value { return true }
        index += width
      }
      return false
    }
    guard changes else { return }
    rewrite { rewriter, source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        rewriter.put(replacement(value), change: 0)
        index += width
      }
    }
  }

  /// Puts text before a text that isn't empty; it shares the span of the first scalar.
  mutating func prepend(_ prefix: [UInt32]) {
    guard !bytes.isEmpty, !prefix.isEmpty else { return }
    let first = span(at: 0)
    materialize()
    var head: [UInt8] = []
    for value in prefix { head.append(scalar: value) }
    spans.insert(contentsOf: repeatElement(first, count: head.count), at: 0)
    bytes.insert(contentsOf: head, at: 0)
  }
}

/// Whether all bytes are ASCII; eight at a time.
func isASCIIText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  let raw = UnsafeRawBufferPointer(bytes)
  var index = 0
  while index + 8 <= raw.count {
    if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
    index += 8
  }
  while index < raw.count {
    if raw[index] >= 0x80 { return false }
    index += 1
  }
  return true
}
