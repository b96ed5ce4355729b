import Synchronization

/// What runs graphs: this framework's own kernels, or another engine. A name, and how an executor is made.
///
/// ```swift
/// let executor = try Backend.native.makeExecutor(graph)
/// ```
public struct Backend: Sendable {
  /// The name in messages: `native`.
  public let name: String
  /// An executor of a graph. Throws when the graph holds what the backend cannot run, or its library is missing.
  public let makeExecutor: @Sendable (Graph) throws -> any GraphExecutor

  /// A backend of this name.
  public init(_ name: String, _ makeExecutor: @escaping @Sendable (Graph) throws -> any GraphExecutor) {
    self.name = name
    self.makeExecutor = makeExecutor
  }

  /// The framework's own kernels on the CPU.
  public static let native = Backend("native") { try CPUExecutor($0) }

  /// What runs graphs when nobody says otherwise; one for the process, ``native`` at first.
  public static var current: Backend {
    get { chosen.withLock { $0 } }
    set { chosen.withLock { $0 = newValue } }
  }

  private static let chosen = Mutex(native)
}
