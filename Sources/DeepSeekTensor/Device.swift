/// Where a tensor lives and its operators run.
///
/// CPUs are numbered logically: `cpu:0 … cpu:n` share one memory and one thread pool, and exist so that programs which
/// place work by hand can name them.
public struct Device: Sendable, Hashable, Codable {
  /// The kind of processor.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// The host's processor.
    case cpu
  }

  /// The kind of processor.
  public let kind: Kind
  /// Which one of its kind, from 0.
  public let index: Int

  /// The device of a kind with an index.
  public init(_ kind: Kind, _ index: Int = 0) {
    self.kind = kind
    self.index = index
  }

  /// The host's first logical CPU.
  public static let cpu = Device(.cpu)

  /// The device that a name such as `cpu` or `cpu:1` means; throws when it is not one.
  public init(_ name: String) throws {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard let first = parts.first, let kind = Kind(rawValue: first.lowercased()), parts.count <= 2 else {
      throw OperatorError("Device", "'\(name)' is not a device; expected 'cpu' or 'cpu:N'")
    }
    var index = 0
    if parts.count == 2 {
      guard let number = Int(parts[1]), number >= 0 else {
        throw OperatorError("Device", "'\(parts[1])' in '\(name)' is not a device number")
      }
      index = number
    }
    self.init(kind, index)
  }
}

extension Device: CustomStringConvertible {
  /// `cpu:0`.
  public var description: String { "\(kind.rawValue):\(index)" }
}
