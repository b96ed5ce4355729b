/// Runs a program over one text. Backtracking with an explicit stack; the number of steps is bounded in proportion to
/// the text, so that a pattern whose repetitions multiply throws instead of hanging.
struct RegexMatcher {
  /// Steps allowed for a text, and for each of its bytes besides.
  static let baseSteps = 1_000_000
  static let stepsPerByte = 1_000

  private struct Frame {
    /// Where to go on; when negative, `-1 - pc` is a mark to be restored to `position`.
    var pc: Int32
    var position: Int32
    /// For a greedy loop the least position to which it can give back; -1 otherwise.
    var least: Int32
  }

  private let program: RegexProgram
  private let bytes: UnsafeBufferPointer<UInt8>
  private var stack: [Frame] = []
  private var marks: [Int32]
  private var steps: Int

  init(_ program: RegexProgram, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.program = program
    self.bytes = bytes
    marks = [Int32](repeating: -1, count: program.markCount)
    steps = Self.baseSteps + Self.stepsPerByte * bytes.count
  }

  /// The whole text as matches and the stretches between them.
  static func stretches(
    _ program: RegexProgram, _ bytes: UnsafeBufferPointer<UInt8>, into result: inout [Stretch]
  ) throws(TokenizerError) {
    var matcher = RegexMatcher(program, bytes)
    var done = 0
    var position = 0
    var last = -1
    while position <= bytes.count, let match = try matcher.search(from: position) {
      if match.isEmpty {
        let end = match.upperBound
        position = end < bytes.count ? end + utf8Width(bytes[end]) : end + 1
        // An empty match right behind the one before is none.
        if match.upperBound == last { continue }
      } else {
        position = match.upperBound
      }
      last = match.upperBound
      if done < match.lowerBound { result.append(Stretch(start: done, end: match.lowerBound, isMatch: false)) }
      result.append(Stretch(start: match.lowerBound, end: match.upperBound, isMatch: true))
      done = match.upperBound
    }
    if done < bytes.count { result.append(Stretch(start: done, end: bytes.count, isMatch: false)) }
  }

  /// The first match at or after a position.
  mutating func search(from start: Int) throws(TokenizerError) -> Range<Int>? {
    var start = start
    while start <= bytes.count {
      if let first = program.firstSet {
        while start < bytes.count {
          let (value, width) = scalar(bytes, start)
          if first.contains(value) { break }
          start += width
        }
        if start >= bytes.count { return nil }
      }
      let end = try run(0, start, target: -1)
      if end >= 0 { return start..<end }
      start += start < bytes.count ? utf8Width(bytes[start]) : 1
    }
    return nil
  }

  /// Runs from an instruction at a position to `accept`; the end of the match, or -1. With a target only a match that
  /// ends there counts.
  private mutating func run(_ startPC: Int, _ start: Int, target: Int) throws(TokenizerError) -> Int {
    let base = stack.count
    defer { stack.removeSubrange(base...) }
    var pc = startPC
    var position = start
    while true {
      steps -= 1
      guard steps > 0 else { throw .patternTooSlow(pattern: program.pattern) }
      var failed = false
      switch program.code[pc] {
      case .set(let index):
        if position < bytes.count {
          let (value, width) = scalar(bytes, position)
          if program.sets[Int(index)].contains(value) {
            position += width
            pc += 1
          } else {
            failed = true
          }
        } else {
          failed = true
        }
      case .loop(let index, let minimum, let maximum, let isPossessive):
        if let (least, most) = scan(program.sets[Int(index)], position, minimum, maximum) {
          pc += 1
          if most > least, !isPossessive {
            stack.append(Frame(pc: Int32(pc), position: Int32(most), least: Int32(least)))
          }
          position = most
        } else {
          failed = true
        }
      case .split(let first, let second):
        stack.append(Frame(pc: second, position: Int32(position), least: -1))
        pc = Int(first)
      case .jump(let next): pc = Int(next)
      case .assertion(let assertion):
        if holds(assertion, position) { pc += 1 } else { failed = true }
      case .look(let end, let behind, let negative, let shortest, let longest):
        let found =
          behind
          ? try matchesBehind(pc + 1, position, Int(shortest), Int(longest))
          : try run(pc + 1, position, target: -1) >= 0
        if found != negative { pc = Int(end) } else { failed = true }
      case .atomic(let end):
        let reached = try run(pc + 1, position, target: -1)
        if reached >= 0 {
          position = reached
          pc = Int(end)
        } else {
          failed = true
        }
      case .mark(let mark):
        stack.append(Frame(pc: -1 - mark, position: marks[Int(mark)], least: -1))
        marks[Int(mark)] = Int32(position)
        pc += 1
      case .leaveIfEmpty(let mark, let exit):
        pc = marks[Int(mark)] == Int32(position) ? Int(exit) : pc + 1
      case .accept:
        if target < 0 || position == target { return position }
        failed = true
      }
      if failed {
        guard let (nextPC, nextPosition) = backtrack(to: base) else { return -1 }
        (pc, position) = (nextPC, nextPosition)
      }
    }
  }

  private mutating func backtrack(to base: Int) -> (Int, Int)? {
    while stack.count > base {
      let frame = stack[stack.count - 1]
      if frame.pc < 0 {
        marks[Int(-1 - frame.pc)] = frame.position
        stack.removeLast()
        continue
      }
      if frame.least < 0 {
        stack.removeLast()
        return (Int(frame.pc), Int(frame.position))
      }
      var position = Int(frame.position) - 1
      while bytes[position] & 0xC0 == 0x80 { position -= 1 }
      if position <= Int(frame.least) {
        stack.removeLast()
      } else {
        stack[stack.count - 1].position = Int32(position)
      }
      return (Int(frame.pc), position)
    }
    return nil
  }

  /// How far a set reaches: after the fewest scalars asked for and after the most, or `nil`.
  @inline(__always)
  private func scan(_ set: ScalarSet, _ start: Int, _ minimum: Int32, _ maximum: Int32) -> (Int, Int)? {
    var position = start
    var least = minimum == 0 ? start : -1
    var count: Int32 = 0
    while position < bytes.count, count < maximum {
      let (value, width) = scalar(bytes, position)
      guard set.contains(value) else { break }
      position += width
      count += 1
      if count == minimum { least = position }
    }
    return least < 0 ? nil : (least, position)
  }

  private mutating func matchesBehind(
    _ pc: Int, _ position: Int, _ shortest: Int, _ longest: Int
  ) throws(TokenizerError) -> Bool {
    var start = position
    var length = 0
    while true {
      if length >= shortest, try run(pc, start, target: position) >= 0 { return true }
      if length == longest || start == 0 { return false }
      start -= scalarBefore(bytes, start).width
      length += 1
    }
  }

  private func holds(_ assertion: RegexNode.Assertion, _ position: Int) -> Bool {
    switch assertion {
    case .textStart: return position == 0
    case .textEnd: return position == bytes.count
    case .textEndOrNewline:
      return position == bytes.count || (position == bytes.count - 1 && bytes[position] == 0x0A)
    case .lineStart: return position == 0 || (bytes[position - 1] == 0x0A && position < bytes.count)
    case .lineEnd: return position == bytes.count || bytes[position] == 0x0A
    case .wordBoundary, .notWordBoundary:
      let before = position > 0 && ScalarClasses.of(scalarBefore(bytes, position).value).contains(.onigurumaWord)
      let after =
        position < bytes.count && ScalarClasses.of(scalar(bytes, position).value).contains(.onigurumaWord)
      return (before != after) == (assertion == .wordBoundary)
    }
  }
}
