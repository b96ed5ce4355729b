import DeepSeekCheckpoints
import DeepSeekJSON
import Foundation

/// What a commit has, file by file.
struct HubTree: Sendable {
  /// A file of a commit.
  struct Entry: Sendable, Hashable {
    let path: String
    let size: Int
    /// Git's name of the contents, or of what stands for them.
    let blobIdentifier: String
    /// The SHA-256 of contents that git keeps elsewhere, and their size.
    let largeFile: (digest: String, size: Int)?

    static func == (left: Entry, right: Entry) -> Bool { left.path == right.path && left.etag == right.etag }
    func hash(into hasher: inout Hasher) { hasher.combine(path) }

    /// The name of the contents in the cache.
    var etag: String { largeFile?.digest ?? blobIdentifier }
    var byteCount: Int { largeFile?.size ?? size }

    init(path: String, size: Int, blobIdentifier: String, largeFile: (digest: String, size: Int)?) {
      self.path = path
      self.size = size
      self.blobIdentifier = blobIdentifier
      self.largeFile = largeFile
    }
  }

  let entries: [Entry]

  /// The largest listing that is read, in bytes.
  static let largestByteCount = 64 << 20
  private static let formatVersion = 1

  init(entries: [Entry]) { self.entries = entries }

  /// A page of the hub's own listing. Folders are left out.
  /// - Throws: ``HubError`` when it is no such listing, or a name in it would lead out of the cache.
  static func page(_ bytes: [UInt8]) throws(HubError) -> [Entry] {
    guard let items = HubTree.json(bytes)?.array else { throw HubTree.malformed("it is no list") }
    var entries: [Entry] = []
    for item in items {
      guard let object = item.object, let path = object["path"]?.string, let type = object["type"]?.string else {
        throw HubTree.malformed("an item has no path or type")
      }
      if type != "file" { continue }
      let large = object["lfs"]?.object
      entries.append(
        try entry(
          path, object["size"]?.integer, object["oid"]?.string, large?["oid"]?.string, large?["size"]?.integer))
    }
    return entries
  }

  private static func json(_ bytes: [UInt8]) -> JSONValue? {
    try? JSONValue(
      parsing: bytes, options: JSONParsingOptions(duplicateKeys: .reject, maximumByteCount: largestByteCount))
  }

  private static func malformed(_ what: String) -> HubError {
    HubError(.invalidResponse, "the hub's list of files is not what it should be: \(what)", advice: "check HF_ENDPOINT")
  }

  private static func entry(
    _ path: String, _ size: Int?, _ blob: String?, _ digest: String?, _ largeSize: Int?
  ) throws(HubError) -> Entry {
    guard PathParts.isSafe(path) else {
      throw malformed("the name '\(path.prefix(120))' does not lead into the repository")
    }
    guard let size, size >= 0, let blob, PathParts.isHexadecimal(blob, 40) else {
      throw malformed("'\(path.prefix(120))' has no size or no identifier")
    }
    guard let digest else { return Entry(path: path, size: size, blobIdentifier: blob, largeFile: nil) }
    guard PathParts.isHexadecimal(digest, 64), let largeSize = largeSize ?? Optional(size), largeSize >= 0 else {
      throw malformed("'\(path.prefix(120))' has no SHA-256")
    }
    return Entry(path: path, size: size, blobIdentifier: blob, largeFile: (digest, largeSize))
  }

  /// The listing that was kept of a commit; `nil` when there is none that can be used.
  static func kept(in cache: HubCache, _ commit: String) -> HubTree? {
    let path = "\(cache.folder)/trees/\(commit).json"
    guard let file = try? MappedFile(path: path), file.byteCount <= largestByteCount,
      let object = json(file.withBytes { Array($0) })?.object, object["format_version"]?.integer == formatVersion,
      let files = object["files"]?.object
    else { return nil }
    var entries: [Entry] = []
    for (name, value) in files.members.map({ ($0.key, $0.value) }) {
      guard let item = value.object,
        let entry = try? entry(
          name, item["size"]?.integer, item["blob_id"]?.string, item["lfs_sha256"]?.string, item["lfs_size"]?.integer)
      else { return nil }
      entries.append(entry)
    }
    return HubTree(entries: entries)
  }

  /// Keeps the listing, for us and for Hugging Face's tools.
  func keep(in cache: HubCache, _ commit: String) throws {
    var files = JSONObject()
    for entry in entries.sorted(by: { $0.path < $1.path }) {
      var item = JSONObject()
      item["size"] = .integer(entry.size)
      item["blob_id"] = .string(entry.blobIdentifier)
      if let large = entry.largeFile {
        item["lfs_sha256"] = .string(large.digest)
        item["lfs_size"] = .integer(large.size)
      }
      files[entry.path] = .object(item)
    }
    let value: JSONValue = ["format_version": .integer(HubTree.formatVersion), "files": .object(files)]
    try Folder.create(cache.folder + "/trees")
    try AtomicFile.write(
      try value.serialized(.indented(2)), to: "\(cache.folder)/trees/\(commit).json", synchronizes: false)
  }
}
