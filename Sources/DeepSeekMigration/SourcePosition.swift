/// A place in a source file as compilers print it: line and column from 1, the column in bytes of UTF-8.
public struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The byte in the line, from 1.
  public let column: Int

  /// `12:7`.
  public var description: String { "\(line):\(column)" }

  /// By line, then by column.
  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Where the lines of a text begin. Lines end with a line feed, which a carriage return may precede.
struct LineTable: Sendable {
  /// The offset of each line's first byte.
  let starts: [Int]
  let byteCount: Int

  init(_ bytes: [UInt8]) {
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
    self.starts = starts
    byteCount = bytes.count
  }

  /// The line, from 0, that has the byte at `offset`; the end of the text belongs to the last line.
  func line(at offset: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  func location(at offset: Int) -> SourcePosition {
    let line = line(at: offset)
    return SourcePosition(line: line + 1, column: offset - starts[line] + 1)
  }

  /// Where line `line` ends, its line feed included.
  func end(ofLine line: Int) -> Int { line + 1 < starts.count ? starts[line + 1] : byteCount }
}
