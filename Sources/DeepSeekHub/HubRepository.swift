/// A repository on a hub, at a revision.
///
/// ```swift
/// let glue = try HubRepository("nyu-mll/glue", type: .dataset)
/// ```
public struct HubRepository: Sendable, Hashable {
  /// What a repository holds.
  public enum RepositoryType: String, Sendable, Hashable, CaseIterable {
    /// A model.
    case model
    /// A data set.
    case dataset
    /// A demonstration.
    case space
  }

  /// The name: `bert-base-uncased`, or `owner/name`.
  public let id: String
  /// What it holds.
  public let type: RepositoryType
  /// A branch, a tag or a commit.
  public let revision: String

  /// A repository of a name.
  ///
  /// - Throws: ``HubError`` when a name has characters that the hub does not allow.
  public init(_ id: String, type: RepositoryType = .model, revision: String = "main") throws(HubError) {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), id.utf8.count <= 96, parts.allSatisfy(HubRepository.isPlain) else {
      throw HubError(
        .invalidName, repository: id, "this is no repository's name",
        advice: "it is 'name' or 'owner/name' of letters, digits, '-', '_' and '.', 96 at most")
    }
    guard revision.utf8.count <= 255, PathParts.isSafe(revision) else {
      throw HubError(.invalidName, repository: id, "'\(revision.prefix(80))' is no branch, tag or commit")
    }
    self.id = id
    self.type = type
    self.revision = revision
  }

  /// Whether `text` has the form of a repository's name with its owner, so that it can be told from a path.
  public static func isName(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).count == 2 && (try? HubRepository(text)) != nil
  }

  /// The same repository at another revision.
  func at(_ commit: String) throws(HubError) -> HubRepository { try HubRepository(id, type: type, revision: commit) }

  private static func isPlain(_ part: Substring) -> Bool {
    guard let first = part.utf8.first, let last = part.utf8.last else { return false }
    let ends = [UInt8(ascii: "-"), UInt8(ascii: ".")]
    return !ends.contains(first) && !ends.contains(last) && !part.contains("--") && !part.contains("..")
      && !part.hasSuffix(".git") && part.utf8.allSatisfy { PathParts.isWord($0) }
  }

  /// Its folder in the cache.
  var folderName: String { "\(type.rawValue)s--" + id.split(separator: "/").joined(separator: "--") }
  /// Its path on the hub.
  var path: String { type == .model ? id : "\(type.rawValue)s/\(id)" }
  /// Its path in the hub's interface for programs.
  var interfacePath: String { "api/\(type.rawValue)s/\(id)" }
}

/// What names from outside may be when they become parts of paths.
enum PathParts {
  /// Letters, digits, `-`, `_` and `.`.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Whether a path leads to somewhere below where it begins, and has nothing that a system reads differently.
  static func isSafe(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return path.utf8.count <= 1024
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
      && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
  }

  /// Whether a text is hexadecimal digits in lower case, so many.
  static func isHexadecimal(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
  }

  /// Whether a text is the name of a commit.
  static func isCommit(_ text: String) -> Bool { isHexadecimal(text, 40) }
}
