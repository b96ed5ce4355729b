/// Why something could not be had from a hub: which repository and file, what is wrong and what to do.
public struct HubError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Kind: String, Sendable, Hashable {
    /// A repository's, file's or revision's name that cannot be one.
    case invalidName
    /// An environment variable or setting that makes no sense.
    case invalidSetting
    /// The hub wants a token, or refuses the one given (401).
    case unauthorized
    /// The token has no right to this (403).
    case forbidden
    /// The repository's conditions have to be accepted on its page first.
    case gated
    /// There is no such repository, or it is private and the token does not open it.
    case repositoryNotFound
    /// The repository has no such branch, tag or commit.
    case revisionNotFound
    /// The revision has no such file.
    case entryNotFound
    /// Not in the cache, and the network may not be used.
    case offline
    /// The hub cannot be reached, or the connection was cut, in every try.
    case unreachable
    /// Nothing came for longer than allowed, in every try.
    case timedOut
    /// The hub reported a failure of its own or too many requests, in every try.
    case serverFailure
    /// The hub's answer lacks something or contradicts itself.
    case invalidResponse
    /// The bytes received are not those that the hub announced.
    case checksumMismatch
    /// The cache's folder cannot be read or written.
    case cache
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The repository; empty when it is none's.
  public let repository: String
  /// The file concerned; `nil` when it is the repository as a whole.
  public let file: String?
  /// The status of the hub's answer, where there was one.
  public let status: Int?
  /// What is wrong, in words.
  public let message: String
  /// What to do about it; empty when there is nothing beyond the message.
  public let advice: String

  /// An error about `repository`.
  public init(
    _ kind: Kind, repository: String = "", file: String? = nil, status: Int? = nil, _ message: String,
    advice: String = ""
  ) {
    self.kind = kind
    self.repository = repository
    self.file = file
    self.status = status
    self.message = message
    self.advice = advice
  }

  /// One line: `nyu-mll/glue, 'mrpc/train.parquet': … (set HF_TOKEN)`.
  public var description: String {
    var places: [String] = []
    if !repository.isEmpty { places.append(repository) }
    if let file { places.append("'\(file)'") }
    var text = places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
    if !advice.isEmpty { text += " (\(advice))" }
    return text
  }

  /// The same trouble, of a repository and file.
  func about(_ repository: HubRepository, file: String? = nil) -> HubError {
    HubError(kind, repository: repository.id, file: self.file ?? file, status: status, message, advice: advice)
  }
}
