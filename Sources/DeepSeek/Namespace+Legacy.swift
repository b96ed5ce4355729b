public import DeepSeekInterchange

extension ds {
  // swift-format-ignore: TypeNamesShouldBeCapitalized
  /// What belongs to older versions and to other frameworks.
  public enum legacy {
    /// Converts a checkpoint of any known format; see `CheckpointConverter`.
    ///
    /// ```swift
    /// try ds.legacy.convertCheckpoint("bert_model.ckpt", to: "bert", options: .init(architecture: "bert"))
    /// ```
    ///
    /// - Parameters:
    ///   - source: The file or folder, or what the names of its files begin with. It is not changed.
    ///   - output: A folder, or a file that ends in `.safetensors` or `.npz`; it appears when all of it is on the disk.
    ///   - options: New names, another type, what may be missing.
    ///   - progress: Told after every few megabytes.
    /// - Returns: What became of every tensor.
    /// - Throws: `ConversionError`, which lists every tensor that stands in the way; `CheckpointError`.
    @discardableResult
    public static func convertCheckpoint(
      _ source: String, to output: String, options: ConversionOptions = ConversionOptions(),
      progress: (CheckpointConverter.Progress) -> Void = { _ in }
    ) throws -> ConversionReport {
      try CheckpointConverter(source, options: options).convert(to: output, progress: progress)
    }
  }
}
