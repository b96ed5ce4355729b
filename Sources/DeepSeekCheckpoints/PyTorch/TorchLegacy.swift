/// PyTorch's format before 1.6: five pickles (a magic number, the format's version, the machine's properties, the value,
/// the keys of the storages), then for each key the number of elements and the elements, little-endian.
enum TorchLegacy {
  /// The magic number as protocols 2 and later write it, after two bytes that say which.
  private static let magic: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
  /// The magic number as protocols 0 and 1 write it.
  private static let magicText = Array("L119547037146038801333356L\n.".utf8)
  private static let version = 1001

  static func matches(_ start: [UInt8]) -> Bool { firstPickle(start) != nil }

  /// Bytes of the pickle of the magic number; `nil` when there is none.
  private static func firstPickle(_ start: [UInt8]) -> Int? {
    if start.starts(with: magicText) { return magicText.count }
    if start.first == 0x80, start.dropFirst(2).starts(with: magic) { return 2 + magic.count }
    // From protocol 4 on, a pickle of more than a few bytes begins with the length of its frame.
    if start.first == 0x80, start.count > 11, start[2] == PickleOpcode.frame.rawValue,
      start.dropFirst(11).starts(with: magic)
    {
      return 11 + magic.count
    }
    return nil
  }

  static func open(_ file: MappedFile, _ unknown: UnknownClasses) throws -> TorchSource {
    try file.withBytes { bytes in
      let allowed = PickleGlobals(unknown: unknown, isTorchScript: false)
      var position = firstPickle(Array(bytes.prefix(64))) ?? 0
      func next(_ item: String) throws -> PickleTree {
        var reader = PickleReader(bytes, at: position, file: file.path, item: item, allowed: allowed)
        let (tree, end) = try reader.read()
        position = end
        return tree
      }
      let protocolVersion = try next("version")
      guard protocolVersion.integer(protocolVersion.root) == version else {
        throw CheckpointError(
          .unsupported, file: file.path, item: "version", "the version of its format is not \(version)",
          advice: "save it again with PyTorch 1.6 or later")
      }
      // Elements are little-endian whatever the machine was.
      _ = try next("machine")
      let tree = try next("value")
      let keys = try next("storages")
      let places = try places(file, bytes, tree, keys, position)
      let storages = TorchStorages(file: file, archive: nil, places: places, isBigEndian: false)
      return TorchSource(format: "PyTorch legacy", pickles: [(tree, [])], storages: storages)
    }
  }

  private static func places(
    _ file: MappedFile, _ bytes: UnsafeRawBufferPointer, _ tree: PickleTree, _ keys: PickleTree, _ start: Int
  ) throws -> [String: TorchStorages.Place] {
    func failure(_ key: String?, _ offset: Int, _ message: String, _ kind: CheckpointError.Kind = .malformed)
      -> CheckpointError
    {
      CheckpointError(
        kind, file: file.path, item: key.map { "storage \($0)" }, offset: offset, message,
        advice: CheckpointError.downloadAgain)
    }
    var known: [String: TorchStorage] = [:]
    for node in tree.nodes.indices {
      guard let storage = TorchStorage(tree, persistent: Int32(node)) else { continue }
      if let other = known[storage.key], other.byteCount != storage.byteCount || other.type != storage.type {
        throw failure(storage.key, start, "the pickle gives it two sizes or types")
      }
      known[storage.key] = storage
    }
    guard let list = keys.sequence(keys.root) else { throw failure(nil, start, "it has no list of its storages") }
    var reader = ByteReader(bytes, at: start)
    var places: [String: TorchStorages.Place] = [:]
    for node in list {
      guard let key = keys.string(node) ?? keys.integer(node).map(String.init), let storage = known[key] else {
        throw failure(nil, reader.position, "its list of storages names one that nothing in it uses")
      }
      let offset = reader.position
      guard let count = reader.next(Int64.self) else {
        throw failure(key, offset, "the file ends before its elements", .truncated)
      }
      guard count == storage.count else {
        throw failure(key, offset, "it has \(count) elements, where the pickle says \(storage.count)")
      }
      let first = reader.position
      guard reader.take(storage.byteCount) != nil else {
        throw failure(key, offset, "its \(storage.byteCount) bytes reach beyond the end of the file", .truncated)
      }
      places[key] = .range(first..<reader.position)
    }
    return places
  }
}
