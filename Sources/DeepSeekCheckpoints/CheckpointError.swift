/// Why a file of tensors could not be read or written: which file, where in it, what is wrong and what to do.
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Kind: String, Sendable, Hashable {
    /// The file or folder is not there.
    case missingFile
    /// The system refused to open, read or map it.
    case unreadable
    /// The system refused to create, write, synchronize or rename it.
    case unwritable
    /// It ends before its own lengths say it does.
    case truncated
    /// Its bytes contradict its format.
    case malformed
    /// Its format is followed, but uses something that is not supported: an element type, a rank, a compression.
    case unsupported
    /// There is no tensor of that name in it.
    case missingTensor
    /// Reading it would take more memory than is allowed.
    case tooLarge
    /// Its contents are not what they were when its checksum was written.
    case checksumMismatch
    /// It wants code to be run, or to be trusted in another way, and is not read for that.
    case refused
    /// What was given to be written cannot be written: two tensors of one name, a name that is not possible.
    case invalidRequest
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The file, as it was named by the caller.
  public let file: String
  /// The tensor, field or archive member concerned; `nil` when it is the file as a whole.
  public let item: String?
  /// The byte in the file where the trouble is, where that is known.
  public let offset: Int?
  /// What is wrong, in words.
  public let message: String
  /// What to do about it; empty when there is nothing beyond the message.
  public let advice: String

  /// An error about `file`.
  public init(
    _ kind: Kind, file: String, item: String? = nil, offset: Int? = nil, _ message: String, advice: String = ""
  ) {
    self.kind = kind
    self.file = file
    self.item = item
    self.offset = offset
    self.message = message
    self.advice = advice
  }

  /// One line: `model.safetensors, 'embeddings.weight', byte 128: … (download the file again)`.
  public var description: String {
    var text = file
    if let item { text += ", '\(item)'" }
    if let offset { text += ", byte \(offset)" }
    text += ": \(message)"
    if !advice.isEmpty { text += " (\(advice))" }
    return text
  }
}

extension CheckpointError {
  /// What to do about a file whose end is missing.
  static let downloadAgain = "the file is incomplete or damaged: copy or download it again"
  /// What to do about a file that another program wrote wrongly.
  static let writeAgain = "the program that wrote the file did not follow the format: write it again"
}
