/// What is wrong with a graph, with what it was fed, or with a file that holds one.
public enum GraphError: Error, Sendable, CustomStringConvertible {
  /// A node is not what it should be: its place in ``Graph/nodes``, its operator's name, and why.
  case invalidNode(Int, operation: String, String)
  /// The graph is not whole: a name is used twice, a value is not defined, an update does not fit its variable.
  case invalidGraph(String)
  /// A pass made a graph that is not whole, or failed: the pass's name and what is wrong.
  case pass(String, any Error)
  /// What was captured cannot be: a tensor of another graph, an output that is not there.
  case capture(String)
  /// A tensor fed to the input of this name does not fit.
  case feed(String, String)
  /// The graph has no input, output or variable of this name; those that it has.
  case unknownName(kind: String, String, known: [String])
  /// A node failed while it ran: its place, its operator's name, with its own when it has one, and why.
  case execution(Int, operation: String, any Error)
  /// A file does not hold a graph that can be read: which file, where in it, and why.
  case format(file: String, String)

  /// One line that names the node, name or file, and what was expected.
  public var description: String {
    switch self {
    case .invalidNode(let index, let operation, let message): "graph node \(index) (\(operation)): \(message)"
    case .invalidGraph(let message): "graph: \(message)"
    case .pass(let name, let error): "graph pass '\(name)': \(error)"
    case .capture(let message): "capture: \(message)"
    case .feed(let name, let message): "graph input '\(name)': \(message)"
    case .unknownName(let kind, let name, let known):
      "graph: no \(kind) is named '\(name)'; there are: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .execution(let index, let operation, let error): "running graph node \(index) (\(operation)): \(error)"
    case .format(let file, let message): "\(file): \(message)"
    }
  }
}
