/// PyTorch's format since 1.6: a ZIP archive of a pickle (`data.pkl`) and a member for each storage (`data/0`).
///
/// TorchScript archives are such, too: they have code and constants besides, and objects whose classes are in the code.
enum TorchZip {
  /// The largest pickle that may be compressed: PyTorch stores it, and a compressed one may claim a thousand times its size.
  private static let largestInflatedPickle = 16 << 20

  static func open(_ file: MappedFile, _ unknown: UnknownClasses) throws -> TorchSource {
    let archive = try ZipArchive(file)
    var positions: [String: Int] = [:]
    for (position, member) in archive.members.enumerated() { positions[member.name] = position }
    guard let folder = folder(archive) else {
      throw CheckpointError(
        .unsupported, file: file.path,
        positions.keys.contains { $0.hasSuffix("model.json") }
          ? "it is a TorchScript archive of PyTorch 1.3 or before" : "it is a ZIP archive without a data.pkl",
        advice: "check that torch.save or torch.jit.save wrote it, with PyTorch 1.4 or later")
    }
    let isTorchScript =
      positions[folder + "constants.pkl"] != nil || archive.members.contains { $0.name.hasPrefix(folder + "code/") }
    let allowed = PickleGlobals(unknown: unknown, isTorchScript: isTorchScript)
    func pickle(_ name: String) throws -> PickleTree? {
      guard let position = positions[folder + name] else { return nil }
      return try read(archive, archive.members[position], allowed)
    }
    guard let tree = try pickle("data.pkl") else {
      throw CheckpointError(.malformed, file: file.path, "it has no data.pkl", advice: CheckpointError.downloadAgain)
    }
    var pickles = [(tree: tree, prefix: [String]())]
    if isTorchScript, let constants = try pickle("constants.pkl") { pickles.append((constants, ["CONSTANTS"])) }

    var places: [String: TorchStorages.Place] = [:]
    for (number, part) in ["data/", "constants/"].prefix(pickles.count).enumerated() {
      for (position, member) in archive.members.enumerated() where member.name.hasPrefix(folder + part) {
        let key = String(member.name.dropFirst((folder + part).count))
        places[TorchSource.key(key, ofPickle: number)] = .member(position)
      }
    }
    let storages = TorchStorages(
      file: file, archive: archive, places: places,
      isBigEndian: try isBigEndian(archive, positions[folder + "byteorder"]))
    return TorchSource(format: isTorchScript ? "TorchScript" : "PyTorch zip", pickles: pickles, storages: storages)
  }

  /// The folder of the archive that has the pickle, with its slash; `nil` when there is none.
  static func folder(_ archive: ZipArchive) -> String? {
    let names = archive.members.lazy.map(\.name).filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    return names.min { $0.utf8.count < $1.utf8.count }.map { String($0.dropLast("data.pkl".count)) }
  }

  private static func read(
    _ archive: ZipArchive, _ member: ZipArchive.Member, _ allowed: PickleGlobals
  ) throws -> PickleTree {
    if member.method == ZipFormat.stored, member.flags & ZipFormat.encryptedFlag == 0 {
      // Compared with its checksum, which copies nothing.
      try ZipMemberReader(archive, member).finish()
      let range = try archive.stored(member)
      return try archive.file.withBytes { bytes in
        var reader = PickleReader(
          UnsafeRawBufferPointer(rebasing: bytes[range]), base: range.lowerBound, file: archive.file.path,
          item: member.name, allowed: allowed)
        return try reader.read().tree
      }
    }
    return try archive.contents(member, limit: largestInflatedPickle).withUnsafeBytes { bytes in
      var reader = PickleReader(bytes, file: archive.file.path, item: member.name, allowed: allowed)
      return try reader.read().tree
    }
  }

  private static func isBigEndian(_ archive: ZipArchive, _ position: Int?) throws -> Bool {
    guard let position else { return false }
    let text = try archive.contents(archive.members[position], limit: 64)
    switch String(decoding: text, as: UTF8.self) {
    case "little": return false
    case "big": return true
    case let other:
      throw CheckpointError(
        .malformed, file: archive.file.path, item: archive.members[position].name,
        "'\(other)' is no order of bytes; 'little' and 'big' are", advice: CheckpointError.writeAgain)
    }
  }
}
