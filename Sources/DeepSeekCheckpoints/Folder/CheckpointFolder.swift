/// A checkpoint of this framework: a folder with `model.safetensors` (or its parts and their index), whatever files
/// Hugging Face's libraries expect beside it (`config.json`, `tokenizer.json`), and `deepseek.json`, which says what wrote
/// it, where training stood and what every file's SHA-256 is.
public struct CheckpointFolder: Sendable {
  /// The folder, as the caller named it.
  public let path: String
  /// What `deepseek.json` says.
  public let manifest: CheckpointManifest
  /// Files in the folder that ``manifest`` does not list, sorted: added since, and not verified.
  public let unlistedNames: [String]

  /// Opens a folder: reads `deepseek.json` and compares the names and lengths of the files with it. Their contents are
  /// compared by ``verify()``.
  /// - Throws: ``CheckpointError`` when the manifest is missing or damaged, or a file is missing or has another length.
  public static func open(_ path: String) throws -> CheckpointFolder {
    let manifestPath = path + "/" + CheckpointManifest.fileName
    guard Folder.exists(path) else {
      throw CheckpointError(.missingFile, file: path, "there is no such folder", advice: "check the path")
    }
    let file = try MappedFile(path: manifestPath, access: .read)
    let manifest = try CheckpointManifest(parsing: file.withBytes { Array($0) }, path: manifestPath)
    for (name, expected) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let found = try MappedFile(path: path + "/" + name).byteCount
      guard found == expected.byteCount else {
        throw CheckpointError(
          found < expected.byteCount ? .truncated : .checksumMismatch, file: path + "/" + name,
          "it has \(found) bytes; \(CheckpointManifest.fileName) says \(expected.byteCount)",
          advice: CheckpointError.downloadAgain)
      }
    }
    let unlisted = try Folder.names(path).filter {
      $0 != CheckpointManifest.fileName && manifest.files[$0] == nil
    }
    return CheckpointFolder(path: path, manifest: manifest, unlistedNames: unlisted)
  }

  /// Whether a folder has a `deepseek.json`.
  public static func isPresent(at path: String) -> Bool { Folder.hasFile(path + "/" + CheckpointManifest.fileName) }

  /// Compares every listed file's SHA-256 with the manifest. Cost: reading all of them, at about 2 GB/s when they are in
  /// memory.
  /// - Throws: ``CheckpointError`` for the first, by name, whose contents have changed.
  public func verify() throws {
    for name in manifest.files.keys.sorted() { try verify(name) }
  }

  /// Compares one file's SHA-256 with the manifest.
  /// - Throws: ``CheckpointError`` when its contents have changed, or the manifest does not list it.
  public func verify(_ name: String) throws {
    let file = path + "/" + name
    guard let expected = manifest.files[name] else {
      throw CheckpointError(.missingFile, file: file, "\(CheckpointManifest.fileName) does not list it")
    }
    let found = Digest.sha256(of: try MappedFile(path: file))
    guard found == expected.digest else {
      throw CheckpointError(
        .checksumMismatch, file: file,
        "its SHA-256 is \(found); \(CheckpointManifest.fileName) says \(expected.digest)",
        advice: CheckpointError.downloadAgain)
    }
  }

  /// The tensors of the model, or of another group: `optimizer` for `optimizer.safetensors`.
  /// - Throws: ``CheckpointError``.
  public func tensors(_ group: String = "model") throws -> Checkpoint {
    let single = "\(path)/\(group).safetensors"
    return try Checkpoint.load(Folder.hasFile(single) ? single : "\(path)/\(group)\(ShardIndex.suffix)")
  }

  /// Whether there is a group of tensors of this name.
  public func contains(group: String) -> Bool {
    ["\(group).safetensors", "\(group)\(ShardIndex.suffix)"].contains { manifest.files[$0] != nil }
  }

  /// The bytes of a file of the folder, such as `config.json`.
  /// - Throws: ``CheckpointError``.
  public func contents(of name: String) throws -> [UInt8] {
    guard ShardIndex.isPlainName(name) else {
      throw CheckpointError(.invalidRequest, file: path, item: name, "it is not the name of a file in the folder")
    }
    return try MappedFile(path: path + "/" + name, access: .read).withBytes { Array($0) }
  }
}
