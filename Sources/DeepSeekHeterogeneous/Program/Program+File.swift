public import DeepSeekCheckpoints
import DeepSeekGraph

/// A program's file (`.dsprogram`) is the file of its graph: a safetensors file, whose weights stay in it, mapped, until a
/// kernel reads them.
extension Program {
  /// Writes the program. The file replaces an old one only when it is whole. Throws `GraphError` and `CheckpointError`.
  public func write(to path: String) throws { try graph.write(to: path) }

  /// Opens a program that ``write(to:)`` wrote. Throws `CheckpointError` when the file cannot be read, `GraphError` when it
  /// does not hold a whole graph.
  public convenience init(contentsOf path: String, access: FileAccess = .mapped) throws {
    try self.init(ready: Graph(contentsOf: path, access: access))
  }
}
