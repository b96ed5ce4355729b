import DeepSeekTensor

/// Where a PyTorch file keeps the elements of its storages.
struct TorchStorages: Sendable {
  /// A storage's place.
  enum Place: Sendable {
    /// Bytes of the file.
    case range(Range<Int>)
    /// A member of a ZIP archive.
    case member(Int)
  }

  let file: MappedFile
  /// The archive of places that are members.
  let archive: ZipArchive?
  let places: [String: Place]
  /// Whether elements are in big-endian order.
  let isBigEndian: Bool

  /// Bytes that a storage has; `nil` when it is not there.
  func byteCount(_ key: String) -> Int? {
    switch places[key] {
    case .range(let range): range.count
    case .member(let index): archive?.members[index].byteCount
    case nil: nil
    }
  }

  /// Where a storage is, for reading in order.
  func position(_ key: String) -> Int {
    switch places[key] {
    case .range(let range): range.lowerBound
    case .member(let index): archive?.members[index].headerOffset ?? 0
    case nil: 0
    }
  }

  /// Throws unless there are `count` bytes of a storage.
  func check(_ key: String, has count: Int, for name: String) throws {
    guard let byteCount = byteCount(key) else {
      throw CheckpointError(
        .truncated, file: file.path, item: name, "its storage '\(key)' is not in the file",
        advice: CheckpointError.downloadAgain)
    }
    guard byteCount >= count else {
      throw CheckpointError(
        .truncated, file: file.path, item: name, offset: position(key),
        "its storage '\(key)' should have \(count) bytes and has \(byteCount)", advice: CheckpointError.downloadAgain)
    }
  }

  /// The elements of a tensor, of a type that tensors here have.
  func elements(_ tensor: TorchTensor, _ dtype: DType, named name: String, in tree: PickleTree) throws -> Tensor {
    guard tensor.count > 0 else { return Tensor(uninitialized: dtype, Shape(tensor.lengths)) }
    // An axis of one element may have any stride, even one that no arithmetic stands.
    let strides = zip(tensor.lengths, tensor.strides).map { $0 == 1 ? 1 : $1 }
    let end = TorchTensor.end(offset: tensor.offset, lengths: tensor.lengths, strides: strides)!
    let span = tensor.offset * dtype.byteCount..<end * dtype.byteCount
    let shape = Shape(tensor.lengths)
    switch tensor.source {
    case .storage(let key, let start, _):
      try check(key, has: start + span.upperBound, for: name)
      if let range = try storedRange(key) {
        let bytes = range.lowerBound + start + span.lowerBound..<range.lowerBound + start + span.upperBound
        return try RawElements(file: file, range: bytes, item: name).tensor(
          dtype, Layout(shape, strides: strides, offset: 0), bytesSwapped: isBigEndian)
      }
      let bytes = try inflated(key)
      return try RawElements(
        file: bytes, range: start + span.lowerBound..<start + span.upperBound, item: name
      ).tensor(dtype, Layout(shape, strides: strides, offset: 0), bytesSwapped: isBigEndian)
    case .pickle(let node, let bytesSwapped):
      let bytes = MappedFile(copying: NumPyValue.bytes(tree, node) ?? [], named: file.path)
      return try RawElements(file: bytes, range: span, item: name).tensor(
        dtype, Layout(shape, strides: strides, offset: 0), bytesSwapped: bytesSwapped)
    case .none: throw CheckpointError(.unsupported, file: file.path, item: name, "it has no elements that are read")
    }
  }

  /// The bytes of the file that are a storage; `nil` when it is compressed.
  private func storedRange(_ key: String) throws -> Range<Int>? {
    switch places[key] {
    case .range(let range): return range
    case .member(let index):
      guard let archive else { return nil }
      let member = archive.members[index]
      guard member.method == ZipFormat.stored, member.flags & ZipFormat.encryptedFlag == 0 else { return nil }
      return try archive.stored(member)
    case nil: return nil
    }
  }

  /// The bytes of a storage in a compressed member, compared with their checksum.
  private func inflated(_ key: String) throws -> MappedFile {
    guard case .member(let index) = places[key], let archive else {
      throw CheckpointError(.truncated, file: file.path, item: key, "the storage is not in the file")
    }
    return MappedFile(copying: try archive.contents(archive.members[index]), named: file.path)
  }
}
