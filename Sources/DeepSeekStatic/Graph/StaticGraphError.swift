/// What is wrong with a run of a static graph.
public enum StaticGraphError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is fetched needs a placeholder of this name that is not fed; what is fed.
  case missingFeed(String, fed: [String])
  /// A tensor of another graph, or of none, is fetched or fed.
  case foreignTensor(String)
  /// A placeholder, or another tensor of the graph, is fed twice.
  case fedTwice(String)
  /// Two operations of one run assign a variable, and neither comes after the other.
  case conflictingAssignments(variable: String, String, String)
  /// The graph has no tensor of this name to feed or fetch; those that it has.
  case unknownName(String, known: [String])

  /// One line that names the placeholder, variable or operation, and what to do.
  public var description: String {
    switch self {
    case .missingFeed(let name, let fed):
      "placeholder '\(name)' is not fed, and what is fetched needs it; fed: \(fed.isEmpty ? "nothing" : fed.joined(separator: ", "))"
    case .foreignTensor(let what): "\(what) belongs to no graph or to another than the session's"
    case .fedTwice(let name): "'\(name)' is fed twice"
    case .conflictingAssignments(let variable, let first, let second):
      "variable '\(variable)' is assigned by '\(first)' and by '\(second)' in one run; order them with controlDependencies"
    case .unknownName(let name, let known):
      "the graph has no '\(name)'; there are: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    }
  }
}
