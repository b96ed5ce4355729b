import DeepSeekCheckpoints

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A path whose format is to be found out, and what stands there.
public struct ArchiveCandidate: Sendable {
  /// The path, as the caller named it.
  public let path: String
  /// Whether it is a folder.
  public let isFolder: Bool
  /// Whether it is a file.
  public let isFile: Bool
  /// The names in the folder, sorted; empty for a file.
  public let names: [String]
  /// The file's first bytes, ``headByteCount`` of them or all.
  public let head: [UInt8]
  /// The file's last bytes, ``tailByteCount`` of them or all.
  public let tail: [UInt8]
  /// The file's length in bytes.
  public let byteCount: Int

  /// How many of the first bytes are looked at.
  public static let headByteCount = 4096
  /// How many of the last bytes are looked at.
  public static let tailByteCount = 64

  /// Looks at a path. Nothing there is no error here: a checkpoint's name may be a prefix of its files' names.
  /// - Throws: `CheckpointError` when the system refuses to list or to read it.
  public init(_ path: String) throws {
    self.path = path
    isFolder = Folder.exists(path)
    isFile = Folder.hasFile(path)
    names = isFolder ? try Folder.names(path) : []
    if isFile {
      let file = try MappedFile(path: path)
      byteCount = file.byteCount
      (head, tail) = file.withBytes {
        (Array($0.prefix(ArchiveCandidate.headByteCount)), Array($0.suffix(ArchiveCandidate.tailByteCount)))
      }
    } else {
      (head, tail, byteCount) = ([], [], 0)
    }
  }

  /// Whether the file begins with these bytes.
  public func begins(with bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

  /// Whether the file begins with this text.
  public func begins(with text: String) -> Bool { head.starts(with: text.utf8) }

  /// Whether there is a file of this name in the folder.
  public func contains(_ name: String) -> Bool { names.contains(name) && Folder.hasFile("\(path)/\(name)") }

  /// Whether there is a file whose path is this one and an ending.
  public func hasFile(ending suffix: String) -> Bool { Folder.hasFile(path + suffix) }

  /// The names of a ZIP archive's members; empty for other files and for archives that are damaged.
  public var zipNames: [String] { begins(with: [0x50, 0x4B]) ? (try? ZipMembers.names(path)) ?? [] : [] }
}
