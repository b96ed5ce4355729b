/// Helps with a name that was not found.
enum NameAdvice {
  /// A sentence that names those which share the longest ending with `name`: wrong prefixes are the usual mistake.
  static func closest(to name: String, among names: [String]) -> String {
    guard !names.isEmpty else { return "the file has no tensors" }
    let wanted = Array(name.utf8)
    var best: [String] = []
    var longest = 0
    for candidate in names {
      let length = zip(wanted.reversed(), candidate.utf8.reversed()).prefix { $0 == $1 }.count
      if length > longest { (longest, best) = (length, []) }
      if length == longest && best.count < 3 { best.append(candidate) }
    }
    return (longest > 0 ? "the closest are " : "some are ") + best.map { "'\($0)'" }.joined(separator: ", ")
  }
}
