import DeepSeekTensor

/// What the formats of PyTorch's files have in common once they are open: pickles, and where storages are.
struct TorchSource {
  let format: String
  /// The pickle of the value that was saved, then those of a TorchScript archive's constants.
  let pickles: [(tree: PickleTree, prefix: [String])]
  let storages: TorchStorages

  /// Opens a file of any of the formats.
  static func open(_ file: MappedFile, _ unknown: UnknownClasses) throws -> TorchSource {
    let start = file.withBytes { Array($0.prefix(512)) }
    if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try TorchZip.open(file, unknown) }
    if TorchLegacy.matches(start) { return try TorchLegacy.open(file, unknown) }
    // The name of the format stands at this place of a tar archive.
    if start.count > 262, start[257..<262].elementsEqual("ustar".utf8) {
      throw CheckpointError(
        .unsupported, file: file.path, "it is a tar archive, as PyTorch wrote before its version 0.2",
        advice: "load it with torch.load(path, weights_only=True) and save it again")
    }
    if start.first == 0x80, start.count > 1, start[1] <= PickleOpcode.newestProtocol {
      throw CheckpointError(
        .unsupported, file: file.path, "it is a pickle, but not one that torch.save wrote",
        advice: "save the tensors with torch.save")
    }
    throw CheckpointError(
      .malformed, file: file.path, offset: 0, "it begins as none of PyTorch's formats does",
      advice: "check that it is a file of PyTorch's, and that it was downloaded whole")
  }

  /// The key of a storage among those of all pickles: constants have storages of their own.
  static func key(_ key: String, ofPickle number: Int) -> String { number == 0 ? key : "constants/\(key)" }
}
