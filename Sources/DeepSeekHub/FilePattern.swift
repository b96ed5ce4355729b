#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A pattern of file names, as shells have them: `*` stands for any characters, slashes too, `?` for one, `[…]` for some. One
/// that ends in a slash stands for all files below.
public struct FilePattern: Sendable, Hashable {
  private let pattern: String

  /// A pattern; a plain name is one that fits itself.
  public init(_ pattern: String) { self.pattern = pattern.hasSuffix("/") ? pattern + "*" : pattern }

  /// Whether a name fits.
  public func fits(_ name: String) -> Bool { fnmatch(pattern, name, FNM_NOESCAPE) == 0 }
}

/// Which files are wanted.
struct FileSelection: Sendable {
  private let allow: [FilePattern]
  private let ignore: [FilePattern]

  init(allow: [String], ignore: [String]) {
    self.allow = allow.map { FilePattern($0) }
    self.ignore = ignore.map { FilePattern($0) }
  }

  func has(_ name: String) -> Bool {
    (allow.isEmpty || allow.contains { $0.fits(name) }) && !ignore.contains { $0.fits(name) }
  }
}
