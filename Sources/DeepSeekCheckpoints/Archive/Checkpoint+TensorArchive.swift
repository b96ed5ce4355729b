extension Checkpoint: TensorArchive {
  /// `safetensors`.
  public var format: String { "safetensors" }

  /// The listed tensors, as the files' headers describe them.
  public var archiveEntries: [ArchiveEntry] {
    names.compactMap { name in
      guard let entry = entry(name) else { return nil }
      return ArchiveEntry(
        name: name, dtype: entry.format.dtype, storedType: entry.format.rawValue, lengths: entry.lengths,
        byteCount: entry.range.count)
    }
  }
}
