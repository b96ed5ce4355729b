public import DeepSeekCheckpoints

/// A format of files or folders that hold tensors: how it is known, and how it is opened.
public struct ArchiveFormat: Sendable {
  /// Its name, as people write it.
  public let name: String
  /// What it is known by, for people: `the bytes GGUF at the start`.
  public let signature: String
  /// Whether what stands at a path is of this format, by its contents.
  public let matches: @Sendable (ArchiveCandidate) -> Bool
  /// Opens a path. Throws what the format's reader throws.
  public let open: @Sendable (String) throws -> any TensorArchive

  /// A format.
  public init(
    _ name: String, signature: String, matches: @escaping @Sendable (ArchiveCandidate) -> Bool,
    open: @escaping @Sendable (String) throws -> any TensorArchive
  ) {
    self.name = name
    self.signature = signature
    self.matches = matches
    self.open = open
  }
}
