public import DeepSeekTensor

/// What nodes that are made now are called, and where whoever builds the graph places them.
public struct NodeScope: Sendable {
  /// What their names begin with, parts separated by `/`; empty outside every scope.
  public var name: String
  /// The device named by hand; `nil` where none was.
  public var device: Device?

  /// A scope.
  public init(name: String = "", device: Device? = nil) {
    self.name = name
    self.device = device
  }

  /// The scope of the current task; `nil` outside one.
  @TaskLocal public static var current: NodeScope?

  /// Two parts of a name with a stroke between them; an empty part adds nothing.
  public static func joined(_ prefix: String, _ name: String) -> String {
    prefix.isEmpty ? name : name.isEmpty ? prefix : "\(prefix)/\(name)"
  }
}
