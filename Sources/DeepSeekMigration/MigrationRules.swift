public import DeepSeekLegacyNames

/// The table of legacy names, as the migrator looks things up in it.
public struct MigrationRules: Sendable {
  /// What the old names of functions and types begin with; another lower-case beginning is a variable of the usual name,
  /// such as `model` of `model.fit`, and stands for any value.
  static let namespaces: Set<String> = ["ds", "tf", "keras"]

  private let paths: [[String]: LegacyName]
  private let methods: [String: LegacyName]
  /// Beginnings of old names that are no old names themselves, `keras.layers` or `tf.nn`.
  private let beginnings: Set<[String]>
  private let longest: Int

  /// The rules of a table. Rows that change nothing are passed over, and of two rows for one old name the first counts.
  public init(_ table: [LegacyName]) {
    var paths: [[String]: LegacyName] = [:]
    var methods: [String: LegacyName] = [:]
    for row in table where row.rewrite != .rename || row.old != row.new {
      let path = MigrationRules.path(row.old)
      guard let first = path.first, let last = path.last else { continue }
      if path.count == 2 && first.first?.isLowercase == true && !MigrationRules.namespaces.contains(first) {
        if methods[last] == nil { methods[last] = row }
      } else if paths[path] == nil {
        paths[path] = row
      }
    }
    self.paths = paths
    self.methods = methods
    beginnings = Set(paths.keys.flatMap { path in (1..<path.count).map { Array(path.prefix($0)) } })
    longest = paths.keys.map(\.count).max() ?? 0
  }

  /// What becomes of a dotted name.
  struct Resolution {
    /// The rows that applied, in order; at least one.
    var rows: [LegacyName] = []
    /// How many parts of the name, from its beginning, give way.
    var consumedCount = 0
    /// What stands for them.
    var replacement: [String] = []
    /// Labels of the arguments of the whole name, old to new, one dictionary after another.
    var labels: [[String: String]] = []
    /// The method that a call becomes: `matmul` of `tf.matmul(a, b)`.
    var method: String?
    /// The row that says what to do by hand.
    var byHand: LegacyName?
  }

  /// What becomes of the name `path`, or `nil` when no row is about it. Rows apply one after another, each once, the one
  /// with the longest beginning of the name first, until none does: what comes out is no old name any more.
  func resolve(_ path: [String]) -> Resolution? {
    var result = Resolution()
    var current = path
    var untouched = path.count
    while result.byHand == nil && result.method == nil,
      let (row, count) = longestMatch(current, except: result.rows)
    {
      result.rows.append(row)
      // `Name.init(…)` has the arguments of `Name(…)`.
      let isWhole = count == current.count || Array(current[count...]) == ["init"]
      let new = MigrationRules.path(row.new)
      switch row.rewrite {
      case .byHand: result.byHand = row
      case .method where isWhole && current.count == count: result.method = new.last
      case .method: result.byHand = row
      case .rename, .relabel:
        guard new.allSatisfy(MigrationRules.isName) else {
          result.byHand = row
          continue
        }
        untouched = min(untouched, current.count - count)
        current = new + current[count...]
      }
      if isWhole { result.labels += row.rewrite.labels.map { [$0] } ?? [] }
    }
    if result.rows.isEmpty { return nil }
    result.consumedCount = path.count - untouched
    result.replacement = Array(current.dropLast(untouched))
    return result
  }

  /// The row for a method of any value, by the method's name.
  func method(_ name: String) -> LegacyName? { methods[name] }

  /// Whether old names begin with `path` and go on.
  func isBeginning(_ path: [String]) -> Bool { beginnings.contains(path) }

  private func longestMatch(_ path: [String], except used: [LegacyName]) -> (LegacyName, Int)? {
    for count in stride(from: min(longest, path.count), to: 0, by: -1) {
      if let row = paths[Array(path.prefix(count))], !used.contains(row) { return (row, count) }
    }
    return nil
  }

  /// The parts of a dotted name, without arguments: `["Tensor", "equal"]` of `Tensor.equal(to:)`.
  static func path(_ name: String) -> [String] {
    name.prefix { $0 != "(" }.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private static func isName(_ part: String) -> Bool {
    guard let first = part.first, first == "_" || first.isLetter else { return false }
    return part.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
  }
}

extension LegacyName.Rewrite {
  /// The labels that change; `nil` where they stay.
  var labels: [String: String]? {
    switch self {
    case .rename, .byHand: nil
    case .relabel(let labels), .method(let labels): labels
    }
  }
}
