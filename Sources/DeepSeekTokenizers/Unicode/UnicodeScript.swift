/// The scripts of scalars, by one of the two tables.
final class UnicodeScript: Sendable {
  /// For `\p{Han}` and the like.
  static let pattern = UnicodeScript(UnicodeScriptTables.pattern)
  /// For the UnicodeScripts pre-tokenizer.
  static let preTokenizer = UnicodeScript(UnicodeScriptTables.preTokenizer)

  private let firsts: [UInt32]
  private let lasts: [UInt32]
  private let scripts: [UInt8]
  private let names: [String]

  private init(_ table: StaticString) {
    names = UnicodeScriptTables.names.description.split(whereSeparator: \.isWhitespace).map(String.init)
    var firsts: [UInt32] = []
    var lasts: [UInt32] = []
    var scripts: [UInt8] = []
    var end: UInt32 = 0
    for entry in table.description.split(whereSeparator: \.isWhitespace) {
      let parts = entry.split(separator: ":").compactMap { UInt32($0, radix: 36) }
      firsts.append(end + parts[0])
      end += parts[0] + parts[1]
      lasts.append(end)
      scripts.append(UInt8(parts[2]))
    }
    self.firsts = firsts
    self.lasts = lasts
    self.scripts = scripts
  }

  /// The number of a scalar's script, or `nil` for none. Binary search.
  func index(of value: UInt32) -> UInt8? {
    var low = 0
    var high = firsts.count
    while low < high {
      let middle = (low + high) / 2
      if lasts[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < firsts.count && firsts[low] <= value ? scripts[low] : nil
  }

  func name(of value: UInt32) -> String? { index(of: value).map { names[Int($0)] } }

  /// The name as the table has it, found without regard to case and underscores.
  func canonicalName(_ name: String) -> String? {
    func simple(_ text: String) -> String { text.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" } }
    return names.first { simple($0) == simple(name) }
  }
}
