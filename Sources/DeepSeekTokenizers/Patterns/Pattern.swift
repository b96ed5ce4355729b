/// What a component looks for in text: a string or a regular expression.
enum Pattern: Sendable {
  case literal([UInt8])
  case regex(RegexProgram)

  /// The whole text as matches and the stretches between them, in order.
  func stretches(_ bytes: UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> [Stretch] {
    var result: [Stretch] = []
    if bytes.isEmpty { return result }
    switch self {
    case .regex(let program): try RegexMatcher.stretches(program, bytes, into: &result)
    case .literal(let text):
      var done = 0
      var position = 0
      // An empty string is found nowhere, as in the reference.
      while let first = text.first, position + text.count <= bytes.count {
        if bytes[position] == first, bytes[position..<position + text.count].elementsEqual(text) {
          if done < position { result.append(Stretch(start: done, end: position, isMatch: false)) }
          position += text.count
          result.append(Stretch(start: position - text.count, end: position, isMatch: true))
          done = position
        } else {
          position += 1
        }
      }
      if done < bytes.count { result.append(Stretch(start: done, end: bytes.count, isMatch: false)) }
    }
    return result
  }
}

extension AlignedText {
  /// Puts other text in the place of every match; it takes the span of the match's last scalar.
  mutating func replace(_ pattern: Pattern, with content: [UInt8]) throws(TokenizerError) {
    let found: Result<[Stretch], TokenizerError> = bytes.withUnsafeBufferPointer { bytes in
      do throws(TokenizerError) {
        return .success(try pattern.stretches(bytes))
      } catch {
        return .failure(error)
      }
    }
    let stretches = try found.get()
    guard stretches.contains(where: \.isMatch) else { return }
    materialize()
    var newBytes: [UInt8] = []
    var newSpans: [Span] = []
    newBytes.reserveCapacity(bytes.count)
    newSpans.reserveCapacity(bytes.count)
    for stretch in stretches {
      if stretch.isMatch {
        let span = stretch.end > 0 ? spans[stretch.end - 1] : Span(start: origin, end: origin)
        newBytes += content
        newSpans.append(contentsOf: repeatElement(span, count: content.count))
      } else {
        newBytes += bytes[stretch.start..<stretch.end]
        newSpans += spans[stretch.start..<stretch.end]
      }
    }
    bytes = newBytes
    spans = newSpans
  }
}
