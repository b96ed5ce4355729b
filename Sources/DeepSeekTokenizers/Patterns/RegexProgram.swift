/// A regular expression as instructions for a backtracking matcher.
///
/// Why not Foundation's or the standard library's: both are slow at what pre-tokenizers do (tens of nanoseconds a byte),
/// their notion of classes differs from Oniguruma's in details that change token ids, and neither bounds its time.
struct RegexProgram: Sendable {
  enum Instruction: Sendable {
    /// One scalar of the set.
    case set(Int32)
    /// As many scalars of the set as there are, giving back one by one unless possessive.
    case loop(set: Int32, minimum: Int32, maximum: Int32, isPossessive: Bool)
    /// The first, and when that fails the second.
    case split(Int32, Int32)
    case jump(Int32)
    case assertion(RegexNode.Assertion)
    /// The instructions up to `end` match ahead, or behind after going back between `shortest` and `longest` scalars.
    case look(end: Int32, behind: Bool, negative: Bool, shortest: Int32, longest: Int32)
    /// The instructions up to `end`, whose first match stands.
    case atomic(end: Int32)
    case mark(Int32)
    /// Leaves a loop whose body matched nothing since the mark.
    case leaveIfEmpty(Int32, exit: Int32)
    case accept
  }

  /// A pattern whose counted repetitions unroll to more than this is refused.
  static let maximumLength = 20_000

  let pattern: String
  private(set) var code: [Instruction] = []
  private(set) var sets: [ScalarSet] = []
  private(set) var markCount = 0
  /// When every match begins with a scalar of one set, that set: elsewhere nothing need be tried.
  private(set) var firstSet: ScalarSet?

  init(_ pattern: String) throws(TokenizerError) {
    self.pattern = pattern
    var parser = RegexParser(pattern)
    let tree = try parser.parse()
    try compile(tree)
    try emit(.accept)
    switch code[0] {
    case .set(let set): firstSet = sets[Int(set)]
    case .loop(let set, let minimum, _, _) where minimum > 0: firstSet = sets[Int(set)]
    default: break
    }
  }

  private mutating func emit(_ instruction: Instruction) throws(TokenizerError) {
    guard code.count < Self.maximumLength else {
      throw .invalidPattern(pattern: pattern, offset: 0, reason: "the repetitions unroll to too much")
    }
    code.append(instruction)
  }

  private var here: Int32 { Int32(code.count) }

  private mutating func add(_ set: ScalarSet) -> Int32 {
    sets.append(set)
    return Int32(sets.count - 1)
  }

  private mutating func compile(_ node: RegexNode) throws(TokenizerError) {
    switch node {
    case .empty: break
    case .set(let set): try emit(.set(add(set)))
    case .sequence(let parts):
      for part in parts { try compile(part) }
    case .alternatives(let choices):
      var exits: [Int] = []
      for (index, choice) in choices.enumerated() {
        if index == choices.count - 1 {
          try compile(choice)
          break
        }
        let split = code.count
        try emit(.split(0, 0))
        try compile(choice)
        exits.append(code.count)
        try emit(.jump(0))
        code[split] = .split(Int32(split + 1), here)
      }
      for exit in exits { code[exit] = .jump(here) }
    case .repetition(let body, let minimum, let maximum, let greed):
      try compile(body, minimum, maximum, greed)
    case .assertion(let assertion): try emit(.assertion(assertion))
    case .look(let body, let behind, let negative):
      var width = (0, 0)
      if behind {
        guard let bounds = Self.width(body) else {
          throw .invalidPattern(pattern: pattern, offset: 0, reason: "look-behind of unbounded length")
        }
        width = bounds
      }
      let start = code.count
      try emit(.accept)
      try compile(body)
      try emit(.accept)
      code[start] = .look(
        end: here, behind: behind, negative: negative, shortest: Int32(width.0), longest: Int32(width.1))
    case .atomic(let body):
      let start = code.count
      try emit(.accept)
      try compile(body)
      try emit(.accept)
      code[start] = .atomic(end: here)
    }
  }

  private mutating func compile(
    _ body: RegexNode, _ minimum: Int, _ maximum: Int?, _ greed: RegexNode.Greed
  ) throws(TokenizerError) {
    if case .set(let set) = body, greed != .lazy {
      return try emit(
        .loop(
          set: add(set), minimum: Int32(minimum), maximum: maximum.map(Int32.init) ?? Int32.max,
          isPossessive: greed == .possessive))
    }
    if greed == .possessive {
      return try compile(.atomic(.repetition(body, minimum: minimum, maximum: maximum, .greedy)))
    }
    for _ in 0..<minimum { try compile(body) }
    func choice(_ inside: Int32, _ outside: Int32) -> Instruction {
      greed == .lazy ? .split(outside, inside) : .split(inside, outside)
    }
    if let maximum {
      var splits: [Int] = []
      for _ in minimum..<max(minimum, maximum) {
        splits.append(code.count)
        try emit(.split(0, 0))
        try compile(body)
      }
      for split in splits { code[split] = choice(Int32(split + 1), here) }
      return
    }
    let split = code.count
    let mark = Int32(markCount)
    markCount += 1
    try emit(.split(0, 0))
    try emit(.mark(mark))
    try compile(body)
    try emit(.leaveIfEmpty(mark, exit: here + 2))
    try emit(.jump(Int32(split)))
    code[split] = choice(Int32(split + 1), here)
  }

  /// The fewest and most scalars that a node matches, or `nil` without bound.
  private static func width(_ node: RegexNode) -> (Int, Int)? {
    switch node {
    case .empty, .assertion, .look: return (0, 0)
    case .set: return (1, 1)
    case .atomic(let body): return width(body)
    case .sequence(let parts):
      var sum = (0, 0)
      for part in parts {
        guard let bounds = width(part) else { return nil }
        sum = (min(sum.0 + bounds.0, 1 << 20), min(sum.1 + bounds.1, 1 << 20))
      }
      return sum
    case .alternatives(let choices):
      var result = (Int.max, 0)
      for choice in choices {
        guard let bounds = width(choice) else { return nil }
        result = (min(result.0, bounds.0), max(result.1, bounds.1))
      }
      return result
    case .repetition(let body, let minimum, let maximum, _):
      guard let bounds = width(body), let maximum else { return nil }
      return (min(bounds.0 * minimum, 1 << 20), min(bounds.1 * maximum, 1 << 20))
    }
  }
}
