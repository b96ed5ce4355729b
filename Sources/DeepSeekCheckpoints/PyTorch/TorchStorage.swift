/// A storage that a pickle refers to: elements of one type outside the pickle, by a key.
struct TorchStorage: Sendable, Hashable {
  let key: String
  let type: TorchElementType
  /// Elements of the whole storage.
  let count: Int
  /// Where in the whole storage this part of it begins, in elements: files before PyTorch 0.4 cut storages in parts.
  let start: Int
  /// Elements of this part.
  let length: Int

  /// Bytes of the whole storage.
  var byteCount: Int { count * type.byteCount }

  /// What stands for a storage: `('storage', class, key, device, element count[, (key of the part, start, length)])`;
  /// `nil` for anything else. The counts are at most 2⁵⁸, so that bytes can be counted.
  init?(_ tree: PickleTree, persistent node: Int32) {
    guard case .persistent(let id) = tree.nodes[Int(node)], let parts = tree.sequence(id), parts.count >= 5,
      tree.string(parts[0]) == "storage", let global = tree.global(parts[1]),
      let type = TorchStorage.type(global), let count = tree.integer(parts[4]), TorchStorage.possible.contains(count)
    else { return nil }
    // Keys are decimal numbers; the oldest files wrote them as integers.
    guard let key = tree.string(parts[2]) ?? tree.integer(parts[2]).map(String.init) else { return nil }
    self.key = key
    self.type = type
    self.count = count
    if parts.count > 5, let view = tree.sequence(parts[5]) {
      guard view.count == 3, let start = tree.integer(view[1]), let length = tree.integer(view[2]), start >= 0,
        length >= 0, start <= count, length <= count - start
      else { return nil }
      (self.start, self.length) = (start, length)
    } else {
      (start, length) = (0, count)
    }
  }

  private static let possible = 0...(1 << 58)

  private static func type(_ global: PickleGlobal) -> TorchElementType? {
    switch global.module {
    case "torch.storage": global.name.hasSuffix("UntypedStorage") ? .untyped : nil
    case "torch", "torch.cuda": TorchElementType(storageClass: global.name)
    default: nil
    }
  }
}
