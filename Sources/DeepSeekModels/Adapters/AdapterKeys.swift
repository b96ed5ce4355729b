/// How the keys of a model's layers read in an adapter's file, where they are not the same.
public struct AdapterKeys: Sendable {
  /// A key in files, for a layer's key in the model or one below it.
  public let inFile: @Sendable (String) -> String
  /// A key in the model, for one in files; `nil` for what the model here does not have and is left out.
  public let inModel: @Sendable (String) -> String?

  /// Two functions, each the other's inverse.
  public init(inFile: @escaping @Sendable (String) -> String, inModel: @escaping @Sendable (String) -> String?) {
    self.inFile = inFile
    self.inModel = inModel
  }

  /// The same keys.
  public static let same = AdapterKeys(inFile: { $0 }, inModel: { $0 })

  /// Keys that in files begin with `prefix`: `bert.` when the adapter belongs to a model with a head and the model here is
  /// its encoder. What the file has of the head is left out.
  public static func prefixed(_ prefix: String) -> AdapterKeys {
    AdapterKeys(
      inFile: { prefix + $0 }, inModel: { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil })
  }
}
