/// How encodings are shortened to what a model can take.
public struct Truncation: Sendable, Equatable {
  /// Which of two texts is shortened.
  public enum Strategy: String, Sendable {
    /// The longer one first, until both fit.
    case longestFirst = "LongestFirst"
    /// Only the first.
    case onlyFirst = "OnlyFirst"
    /// Only the second.
    case onlySecond = "OnlySecond"
  }

  /// An end of a text.
  public enum Direction: String, Sendable {
    /// The beginning.
    case left = "Left"
    /// The end.
    case right = "Right"
  }

  /// How many tokens remain at most, special tokens counted.
  public var maximumLength: Int
  /// Which of two texts is shortened.
  public var strategy: Strategy
  /// By how many tokens neighbouring windows of `Encoding.overflowing` overlap.
  public var stride: Int
  /// From which end tokens are cut.
  public var direction: Direction

  /// Truncation; by default from the right, the longer text first, without overlap.
  public init(
    maximumLength: Int, strategy: Strategy = .longestFirst, stride: Int = 0, direction: Direction = .right
  ) {
    self.maximumLength = maximumLength
    self.strategy = strategy
    self.stride = stride
    self.direction = direction
  }

  /// Shortens a text and its pair so that, with so many special tokens to come, they fit.
  func apply(_ first: inout Encoding, _ second: inout Encoding?, reserving specials: Int) throws(TokenizerError) {
    guard maximumLength >= specials, stride >= 0 else {
      throw .impossibleTruncation("\(maximumLength) tokens leave no room for \(specials) special ones")
    }
    let limit = maximumLength - specials
    let total = first.count + (second?.count ?? 0)
    if total <= limit { return }
    if limit == 0 {
      try first.truncate(to: 0, stride: stride, direction)
      try second?.truncate(to: 0, stride: stride, direction)
      return
    }
    let excess = total - limit
    switch strategy {
    case .longestFirst:
      guard second != nil else { return try first.truncate(to: limit, stride: stride, direction) }
      let (a, b) = Self.lengths(first.count, second?.count ?? 0, limit)
      try first.truncate(to: a, stride: stride, direction)
      try second?.truncate(to: b, stride: stride, direction)
    case .onlyFirst:
      guard first.count > excess else {
        throw .impossibleTruncation("the first text is too short to be cut by \(excess)")
      }
      try first.truncate(to: first.count - excess, stride: stride, direction)
    case .onlySecond:
      guard let count = second?.count else { throw .impossibleTruncation("there is no second text to be cut") }
      guard count > excess else { throw .impossibleTruncation("the second text is too short to be cut by \(excess)") }
      try second?.truncate(to: count - excess, stride: stride, direction)
    }
  }

  /// What remains of each of two texts when the longer gives way first.
  private static func lengths(_ first: Int, _ second: Int, _ limit: Int) -> (Int, Int) {
    var (short, long) = (min(first, second), max(first, second))
    long = short > limit ? short : max(short, limit - short)
    if short + long > limit {
      short = limit / 2
      long = short + limit % 2
    }
    return first > second ? (long, short) : (short, long)
  }
}

extension Encoding {
  /// Keeps so many tokens and puts the others into overflowing windows.
  mutating func truncate(to length: Int, stride: Int, _ direction: Truncation.Direction) throws(TokenizerError) {
    if length >= count { return }
    if length == 0 {
      let whole = self
      self = Encoding()
      names = whole.names
      overflowing = [whole]
      return
    }
    guard stride < length else {
      throw .impossibleTruncation("the stride \(stride) is not less than the \(length) tokens that remain")
    }
    let step = length - stride
    var windows: [Range<Int>] = []
    switch direction {
    case .right:
      var start = 0
      while start < count {
        let end = min(start + length, count)
        windows.append(start..<end)
        if end == count { break }
        start += step
      }
    case .left:
      var end = count
      while end > 0 {
        let start = max(0, end - length)
        windows.append(start..<end)
        if start == 0 { break }
        end -= step
      }
    }
    let whole = self
    self = whole.part(windows[0])
    overflowing = windows.dropFirst().map { whole.part($0) }
  }
}
