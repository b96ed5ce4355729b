/// Why another framework's model could not be taken over: which file and node, what is wrong and what to do.
public struct InterchangeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Kind: String, Sendable, Hashable {
    /// The file's bytes contradict its format.
    case malformed
    /// Operators are used for which there is no counterpart; ``InterchangeError/operators`` lists all of them.
    case unsupportedOperators
    /// A node uses something that is not supported: an attribute, an element type, a value that is known only at run time.
    case unsupported
    /// A node's attributes or inputs contradict each other, or do not fit its operator.
    case invalidNode
    /// Nodes read each other in a circle.
    case cycle
    /// A name was asked for that is not there.
    case unknownName
    /// Shapes or contents are larger than anything that the file can justify.
    case tooLarge
  }

  /// An operator without a counterpart, and where it is used.
  public struct MissingOperator: Sendable, Hashable, CustomStringConvertible {
    /// The operator's name in the file.
    public let name: String
    /// How many nodes use it.
    public let count: Int
    /// The first node that does.
    public let firstNode: String

    /// An operator that `count` nodes use.
    public init(name: String, count: Int, firstNode: String) {
      self.name = name
      self.count = count
      self.firstNode = firstNode
    }

    /// `Foo (2 nodes, first 'a/b')`.
    public var description: String { "\(name) (\(count) node\(count == 1 ? "" : "s"), first '\(firstNode)')" }
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The file, as it was named by the caller.
  public let file: String
  /// The node concerned; `nil` when it is the graph as a whole.
  public let node: String?
  /// The node's operator, as the file names it.
  public let operation: String?
  /// All operators without a counterpart, by name.
  public let operators: [MissingOperator]
  /// What is wrong, in words.
  public let message: String
  /// What to do about it; empty when there is nothing beyond the message.
  public let advice: String

  /// An error about `file`.
  public init(
    _ kind: Kind, file: String, node: String? = nil, operation: String? = nil, operators: [MissingOperator] = [],
    _ message: String, advice: String = ""
  ) {
    self.kind = kind
    self.file = file
    self.node = node
    self.operation = operation
    self.operators = operators
    self.message = message
    self.advice = advice
  }

  /// One line: `model.pb, node 'conv1' (Conv2D): … (what to do)`.
  public var description: String {
    var text = file
    if let node { text += ", node '\(node)'" }
    if let operation { text += " (\(operation))" }
    text += ": \(message)"
    if !advice.isEmpty { text += " (\(advice))" }
    return text
  }
}
