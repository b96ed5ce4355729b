/// PyTorch's files: what `torch.save` and `torch.jit.save` write (`.pt`, `.pth`, `.bin`, `.ckpt`).
///
/// ```swift
/// let file = try PyTorch.open("checkpoint.pt")
/// let weight = try file.tensor("model_state_dict.layer.weight")
/// ```
///
/// The pickle in such a file is a program; here it is read as data, and a name of a class or function that is not on the
/// list of those which make tensors and plain values is refused. Nothing of the file is ever run.
public enum PyTorch {
  /// Opens a file of any of the formats.
  ///
  /// Cost: reading the pickle, which is a small part of the file; no elements are read.
  /// - Parameters:
  ///   - unknownClasses: What to do with classes and functions outside the list.
  /// - Throws: ``CheckpointError``; of kind ``CheckpointError/Kind/refused``, with the name as its item, when the file
  ///   wants to use a class or function outside the list.
  public static func open(
    _ path: String, unknownClasses: UnknownClasses = .refused, access: FileAccess = .mapped
  ) throws -> PyTorchFile {
    try PyTorchFile(MappedFile(path: path, access: access), unknownClasses: unknownClasses)
  }

  /// Opens a file, the index of a model in several files (`pytorch_model.bin.index.json`), or a folder with either.
  /// - Throws: ``CheckpointError`` as ``open(_:unknownClasses:access:)`` does, and when there is nothing of the kind.
  public static func load(
    _ path: String, unknownClasses: UnknownClasses = .refused, access: FileAccess = .mapped
  ) throws -> any TensorArchive {
    var file = path
    if Folder.exists(path) {
      guard let found = try CheckpointFinder.pytorchFile(in: path) else {
        throw CheckpointError(
          .missingFile, file: path, "it has no \(CheckpointFinder.pytorchFile), and no single file of PyTorch's",
          advice: "name the file to load")
      }
      file = found
    }
    guard file.hasSuffix(ShardIndex.anySuffix) else {
      return try open(file, unknownClasses: unknownClasses, access: access)
    }
    return try PyTorchShards(path: path, index: file, unknownClasses, access)
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors.
  public static func decode(
    _ bytes: some Collection<UInt8>, named name: String = "pytorch", unknownClasses: UnknownClasses = .refused
  ) throws -> PyTorchFile {
    try PyTorchFile(MappedFile(copying: bytes, named: name), unknownClasses: unknownClasses)
  }

  /// Whether a file looks like one of these: an archive with a pickle in it, or PyTorch's magic number.
  public static func matches(_ file: MappedFile) -> Bool {
    let start = file.withBytes { Array($0.prefix(64)) }
    if TorchLegacy.matches(start) { return true }
    guard start.starts(with: [0x50, 0x4B, 0x03, 0x04]), let archive = try? ZipArchive(file) else { return false }
    return TorchZip.folder(archive) != nil
  }
}
