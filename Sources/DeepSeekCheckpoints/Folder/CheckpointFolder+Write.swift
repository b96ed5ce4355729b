public import DeepSeekTensor

extension CheckpointFolder {
  /// Collects the files of a folder that is being written.
  public final class Writer {
    /// Where training stands.
    public var trainingState: TrainingState?
    private let path: String
    private var files: [String: CheckpointManifest.File] = [:]
    private var byteCounts: [DType: Int] = [:]

    fileprivate init(_ path: String) { self.path = path }

    /// Adds tensors: `model.safetensors`, or its parts and their index, as `Checkpoint.save` writes them.
    ///
    /// - Parameter group: What the files' names begin with. Only those of `model` decide the manifest's element type.
    /// - Throws: ``CheckpointError``.
    public func add(
      _ tensors: some Collection<(key: String, value: Tensor)>, group: String = "model",
      maximumShardByteCount: Int = Checkpoint.defaultMaximumShardByteCount,
      metadata: [String: String] = ["format": "pt"]
    ) throws {
      let written = try Checkpoint.write(
        tensors, to: path, name: group, maximumShardByteCount: maximumShardByteCount, metadata: metadata,
        startDigests: true)
      try note(written, group, tensors.map(\.value.spec))
    }

    /// Adds tensors whose elements are handed over piece by piece; see ``ElementSource``.
    package func add(
      specs: [(name: String, spec: TensorSpec)], group: String = "model",
      maximumShardByteCount: Int = Checkpoint.defaultMaximumShardByteCount,
      metadata: [String: String] = ["format": "pt"], elements: ElementSource
    ) throws {
      let written = try Checkpoint.write(
        specs: specs, to: path, name: group, maximumShardByteCount: maximumShardByteCount, metadata: metadata,
        startDigests: true, elements: elements)
      try note(written, group, specs.map(\.spec))
    }

    private func note(
      _ written: [(name: String, file: AtomicFile)], _ group: String, _ specs: some Sequence<TensorSpec>
    ) throws {
      for (name, file) in written { try note(name, file) }
      guard group == "model" else { return }
      for spec in specs { byteCounts[spec.dtype, default: 0] += spec.shape.elementCount * spec.dtype.byteCount }
    }

    /// Adds a file with these contents, such as `config.json`.
    /// - Throws: ``CheckpointError``.
    public func add(_ contents: some Collection<UInt8>, as name: String) throws {
      try checkName(name)
      let file = try AtomicFile(replacing: path + "/" + name)
      file.startDigest()
      try file.write(contents)
      try file.commit()
      try note(name, file)
    }

    /// Adds a copy of a file, under its own name unless another is given.
    /// - Throws: ``CheckpointError``.
    public func add(fileAt source: String, as name: String? = nil) throws {
      let name = name ?? String(source.split(separator: "/").last ?? "")
      try checkName(name)
      let contents = try MappedFile(path: source)
      let file = try AtomicFile(replacing: path + "/" + name)
      file.startDigest()
      try contents.withBytes { try file.write($0) }
      try file.commit()
      try note(name, file)
    }

    private func checkName(_ name: String) throws {
      guard ShardIndex.isPlainName(name), name != CheckpointManifest.fileName, files[name] == nil else {
        throw CheckpointError(
          .invalidRequest, file: path, item: name,
          "it is not a plain file name, or it is the manifest's, or it was added already")
      }
    }

    private func note(_ name: String, _ file: AtomicFile) throws {
      guard let digest = file.digest?.finish() else { return }
      files[name] = CheckpointManifest.File(byteCount: file.byteCount, digest: digest)
    }

    fileprivate func finish() throws {
      let dtype = byteCounts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
      let manifest = CheckpointManifest(dtype: dtype, trainingState: trainingState, files: files)
      let text: [UInt8]
      do {
        text = try manifest.encoded()
      } catch {
        throw CheckpointError(
          .invalidRequest, file: path, item: "training_state", "it cannot be written: \(error)",
          advice: "keep infinite numbers and NaN out of it")
      }
      try AtomicFile.write(text, to: path + "/" + CheckpointManifest.fileName)
    }
  }

  /// Writes a folder, which replaces an old one only when all of it is on the disk.
  ///
  /// ```swift
  /// try CheckpointFolder.write(to: "runs/7") { folder in
  ///   try folder.add(model.stateDictionary)
  ///   try folder.add(moments, group: "optimizer")
  ///   try folder.add(fileAt: "base/config.json")
  ///   folder.trainingState = TrainingState(step: 1000, epoch: 2)
  /// }
  /// ```
  ///
  /// The files are written to a hidden folder beside it, ending in `.tmp`, which then takes its name. Whoever opens `path`
  /// sees the old folder or the new one; when `body` or anything else fails, the old one stays and nothing is left.
  ///
  /// - Throws: ``CheckpointError``, also when `path` is there and is neither a checkpoint of this framework nor an empty
  ///   folder, which would be lost; whatever `body` throws.
  public static func write(to path: String, _ body: (Writer) throws -> Void) throws {
    let target = try FolderReplacement(of: path) { folder in
      try isPresent(at: folder) || Folder.names(folder).isEmpty
    }
    let writer = Writer(target.temporary)
    try body(writer)
    try writer.finish()
    try target.commit()
  }
}
