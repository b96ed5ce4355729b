public import DeepSeekTensor

extension HDF5File: TensorArchive {
  /// `HDF5`.
  public var format: String { "HDF5" }

  /// The data sets under their paths, in the file's order.
  public var archiveEntries: [ArchiveEntry] {
    objects.compactMap { object in object.dataset.map { $0.entry(object.path, sharedWith: object.sameAs) } }
  }

  /// The root's attributes that are single texts.
  public var metadata: [String: String] {
    let pairs = root.attributeNames.compactMap { name in (try? root.attribute(name)?.text()).map { (name, $0) } }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// A data set's elements; see ``HDF5Dataset/tensor()``.
  public func tensor(_ name: String) throws -> Tensor { try dataset(name).tensor() }
}

extension HDF5Dataset {
  /// What an archive says of the data set under a name.
  func entry(_ name: String, sharedWith: String?) -> ArchiveEntry {
    ArchiveEntry(
      name: name, dtype: dtype, storedType: storedType, lengths: lengths, byteCount: byteCount, sharedWith: sharedWith)
  }
}
