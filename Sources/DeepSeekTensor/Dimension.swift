import Synchronization

/// The length of one axis: a known number, or a symbol that stands for a number known when a graph runs.
///
/// One word. Arithmetic on symbols gives symbols (`batch * sequence`), interned, so that two equal expressions are
/// equal dimensions.
public struct Dimension: Sendable, Hashable, ExpressibleByIntegerLiteral {
  /// Not negative: the length. Negative: the bitwise complement of the symbol's index.
  let word: Int

  /// A known length; traps when negative.
  public init(_ value: Int) {
    if value < 0 { fatalError("Dimension: \(value) is negative") }
    word = value
  }

  /// A known length.
  public init(integerLiteral value: Int) {
    self.init(value)
  }

  init(word: Int) {
    self.word = word
  }

  /// A new symbol, different from every other, that prints as `name`.
  public static func symbol(_ name: String) -> Dimension {
    Dimension(word: ~SymbolTable.shared.intern(.named(name, serial: SymbolTable.shared.nextSerial())))
  }

  /// The length, or `nil` for a symbol.
  public var known: Int? { word >= 0 ? word : nil }

  /// The length; traps, naming the symbol, when it is not known while a graph is being built.
  public var value: Int {
    if word < 0 {
      fatalError("Dimension: '\(self)' has no value while the graph is being built; compute with `Dimension` instead")
    }
    return word
  }

  /// What this dimension is when the symbols have these values; a symbol without a value stays.
  public func resolved(_ bindings: [Dimension: Int]) -> Dimension {
    if word >= 0 { return self }
    if let value = bindings[self] { return Dimension(value) }
    guard case .expression(let operation, let left, let right) = SymbolTable.shared[~word] else { return self }
    return Dimension.combine(operation, left.resolved(bindings), right.resolved(bindings))
  }

  /// Whether the expression has a value when the symbols have these: no difference below zero, no division by zero.
  /// ``resolved(_:)`` traps where it has none.
  public func isPossible(_ bindings: [Dimension: Int]) -> Bool {
    guard word < 0, bindings[self] == nil,
      case .expression(let operation, let left, let right) = SymbolTable.shared[~word]
    else { return true }
    guard left.isPossible(bindings), right.isPossible(bindings) else { return false }
    guard let a = left.resolved(bindings).known, let b = right.resolved(bindings).known else { return true }
    switch operation {
    case .add, .multiply: return true
    case .subtract: return a >= b
    case .divide: return b != 0
    }
  }

  /// How many names and numbers the expression has, those that stand several times counted as often: what it costs to
  /// write it out or to find its value. No more than ``complexityLimit``.
  public var complexity: Int { word >= 0 ? 1 : SymbolTable.shared.complexity(~word) }

  /// Where ``complexity`` stops counting.
  public static let complexityLimit = 1 << 20

  enum Operation: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  static func combine(_ operation: Operation, _ left: Dimension, _ right: Dimension) -> Dimension {
    if let a = left.known, let b = right.known {
      switch operation {
      // Lengths that no memory could hold stay at the largest, which then fits nothing.
      case .add:
        let (sum, overflow) = a.addingReportingOverflow(b)
        return Dimension(overflow ? .max : sum)
      case .subtract: return Dimension(a - b)
      case .multiply:
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return Dimension(overflow ? .max : product)
      case .divide:
        if b == 0 { fatalError("Dimension: \(a) divided by zero") }
        return Dimension(a / b)
      }
    }
    switch operation {
    case .add where left == 0: return right
    case .add where right == 0, .subtract where right == 0: return left
    case .subtract where left == right: return 0
    case .multiply where left == 1: return right
    case .multiply where right == 1, .divide where right == 1: return left
    case .multiply where left == 0 || right == 0: return 0
    case .divide where left == right: return 1
    case .divide:
      if case .expression(.multiply, let a, let b) = SymbolTable.shared.expression(of: left) {
        if b == right { return a }
        if a == right { return b }
        if let number = b.known, let divisor = right.known, divisor > 0, number % divisor == 0 {
          return combine(.multiply, a, Dimension(number / divisor))
        }
      }
    default: break
    }
    // A commutative expression has one form: the symbol first, then the number.
    var (first, second) = (left, right)
    if operation == .add || operation == .multiply, first.word > second.word { swap(&first, &second) }
    return Dimension(word: ~SymbolTable.shared.intern(.expression(operation, first, second)))
  }

  /// The sum.
  public static func + (left: Dimension, right: Dimension) -> Dimension { combine(.add, left, right) }
  /// The difference; traps when known and negative.
  public static func - (left: Dimension, right: Dimension) -> Dimension { combine(.subtract, left, right) }
  /// The product.
  public static func * (left: Dimension, right: Dimension) -> Dimension { combine(.multiply, left, right) }
  /// The quotient, rounded towards zero.
  public static func / (left: Dimension, right: Dimension) -> Dimension { combine(.divide, left, right) }
}

extension Dimension: CustomStringConvertible {
  /// The number, the symbol's name, or the expression.
  public var description: String {
    if word >= 0 { return String(word) }
    switch SymbolTable.shared[~word] {
    case .named(let name, _): return name
    case .expression(let operation, let left, let right):
      return "(\(left) \(operation.rawValue) \(right))"
    }
  }
}

/// Interned symbols. Entries are never removed: there are as many as distinct symbolic lengths in the process.
final class SymbolTable: Sendable {
  enum Entry: Hashable, Sendable {
    case named(String, serial: Int)
    case expression(Dimension.Operation, Dimension, Dimension)
  }

  private struct State {
    var entries: [Entry] = []
    /// The complexity of each entry.
    var complexities: [Int] = []
    var indices: [Entry: Int] = [:]
    var serial = 0

    func complexity(of entry: Entry) -> Int {
      guard case .expression(_, let left, let right) = entry else { return 1 }
      let sum = [left, right].reduce(0) { $0 + ($1.word >= 0 ? 1 : complexities[~$1.word]) }
      return Swift.min(sum, Dimension.complexityLimit)
    }
  }

  static let shared = SymbolTable()
  private let state = Mutex(State())

  func nextSerial() -> Int {
    state.withLock {
      $0.serial += 1
      return $0.serial
    }
  }

  func intern(_ entry: Entry) -> Int {
    state.withLock { state in
      if let index = state.indices[entry] { return index }
      state.entries.append(entry)
      state.complexities.append(state.complexity(of: entry))
      state.indices[entry] = state.entries.count - 1
      return state.entries.count - 1
    }
  }

  func complexity(_ index: Int) -> Int { state.withLock { $0.complexities[index] } }

  func expression(of dimension: Dimension) -> Entry? {
    dimension.word < 0 ? self[~dimension.word] : nil
  }

  subscript(index: Int) -> Entry {
    state.withLock { $0.entries[index] }
  }
}
