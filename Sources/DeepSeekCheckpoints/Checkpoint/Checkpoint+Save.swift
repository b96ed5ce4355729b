public import DeepSeekTensor

extension Checkpoint {
  /// What a checkpoint's files are cut at unless said otherwise: 5 GB, as in Hugging Face's libraries.
  public static let defaultMaximumShardByteCount = 5_000_000_000

  /// Writes tensors into a folder: `model.safetensors`, or when they are more than `maximumShardByteCount` several files
  /// `model-00001-of-00003.safetensors` and their index, as Hugging Face's libraries name and read them.
  ///
  /// Every file is written and synchronized under a temporary name before the first one appears; those of an older
  /// checkpoint that are no longer part of it are removed last. When something fails before the first appears, nothing has
  /// changed.
  ///
  /// - Parameters:
  ///   - tensors: Names and tensors. An array is cut into files in its order, a dictionary by name.
  ///   - folder: Made when it is missing.
  ///   - name: What the files' names begin with: `model`.
  ///   - maximumShardByteCount: How many bytes of elements a file may have. A larger tensor gets a file of its own.
  ///   - metadata: Strings for every file; `format: pt` is what libraries of the field expect.
  /// - Returns: The names of the files written, the index last.
  /// - Throws: ``CheckpointError``.
  @discardableResult
  public static func save(
    _ tensors: some Collection<(key: String, value: Tensor)>, to folder: String, name: String = "model",
    maximumShardByteCount: Int = defaultMaximumShardByteCount, metadata: [String: String] = ["format": "pt"]
  ) throws -> [String] {
    try write(
      tensors, to: folder, name: name, maximumShardByteCount: maximumShardByteCount, metadata: metadata,
      startDigests: false
    ).map(\.name)
  }

  static func write(
    _ tensors: some Collection<(key: String, value: Tensor)>, to folder: String, name: String,
    maximumShardByteCount: Int, metadata: [String: String], startDigests: Bool
  ) throws -> [(name: String, file: AtomicFile)] {
    var pairs = tensors.map { (name: $0.key, tensor: $0.value) }
    if tensors is [String: Tensor] { pairs.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    return try write(
      specs: pairs.map { ($0.name, $0.tensor.spec) }, to: folder, name: name,
      maximumShardByteCount: maximumShardByteCount, metadata: metadata, startDigests: startDigests
    ) { try pairs[$0].tensor.write(to: $1) }
  }

  static func write(
    specs: [(name: String, spec: TensorSpec)], to folder: String, name: String, maximumShardByteCount: Int,
    metadata: [String: String], startDigests: Bool, elements: ElementSource
  ) throws -> [(name: String, file: AtomicFile)] {
    guard ShardIndex.isPlainName(name), maximumShardByteCount > 0 else {
      throw CheckpointError(
        .invalidRequest, file: folder, item: name,
        "a checkpoint's name must be a plain file name, and the limit of its files' size positive")
    }
    try checkDistinct(specs.map(\.name), folder)
    let byteCounts = specs.map { $0.spec.shape.elementCount * $0.spec.dtype.byteCount }
    let shards = cut(byteCounts, maximumShardByteCount)
    try Folder.create(folder)
    var written: [(name: String, file: AtomicFile)] = []
    var places: [(name: String, file: String)] = []
    for (number, shard) in shards.enumerated() {
      let fileName = shards.count == 1 ? "\(name).safetensors" : shardName(name, number + 1, shards.count)
      let file = try AtomicFile(replacing: "\(folder)/\(fileName)")
      if startDigests { file.startDigest() }
      try Safetensors.write(specs: Array(specs[shard]), to: file, metadata: metadata) {
        try elements(shard.lowerBound + $0, $1)
      }
      places += specs[shard].map { ($0.name, fileName) }
      written.append((fileName, file))
    }
    if shards.count > 1 {
      let index = try AtomicFile(replacing: "\(folder)/\(name)\(ShardIndex.suffix)")
      if startDigests { index.startDigest() }
      try index.write(try ShardIndex.text(places, totalByteCount: byteCounts.reduce(0, +)))
      written.append(("\(name)\(ShardIndex.suffix)", index))
    }
    for entry in written { try entry.file.finish() }
    for entry in written { try entry.file.publish() }
    try removeOthers(of: name, in: folder, keeping: written.map(\.name))
    return written
  }

  /// Ranges of positions, each of at most `limit` bytes or of one tensor.
  static func cut(_ byteCounts: [Int], _ limit: Int) -> [Range<Int>] {
    var shards: [Range<Int>] = []
    var start = 0
    var size = 0
    for (position, count) in byteCounts.enumerated() {
      if position > start && size + count > limit {
        shards.append(start..<position)
        (start, size) = (position, 0)
      }
      size += count
    }
    shards.append(start..<byteCounts.count)
    return shards
  }

  private static func shardName(_ name: String, _ number: Int, _ count: Int) -> String {
    func digits(_ value: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(value)".count)) + "\(value)" }
    return "\(name)-\(digits(number))-of-\(digits(count)).safetensors"
  }

  /// A name in two shards would pass each shard's own check.
  private static func checkDistinct(_ names: [String], _ folder: String) throws {
    var seen = Set<ExactName>()
    for name in names where !seen.insert(ExactName(name)).inserted {
      throw CheckpointError(
        .invalidRequest, file: folder, item: name, "two tensors have this name", advice: "rename one of them")
    }
  }

  /// Removes files of an older checkpoint of this name, which would otherwise be read instead of the new ones or beside
  /// them.
  private static func removeOthers(of name: String, in folder: String, keeping kept: [String]) throws {
    for file in try Folder.names(folder) where !kept.contains(file) && isPart(file, of: name) {
      try Folder.removeFile("\(folder)/\(file)")
    }
  }

  /// Whether a file is one that a checkpoint of this name can have: `NAME.safetensors`, its index, or a shard.
  static func isPart(_ file: String, of name: String) -> Bool {
    if file == "\(name).safetensors" || file == "\(name)\(ShardIndex.suffix)" { return true }
    guard file.hasPrefix("\(name)-"), file.hasSuffix(".safetensors") else { return false }
    let middle = file.dropFirst(name.count + 1).dropLast(".safetensors".count)
    let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[1] == "of"
      && [parts[0], parts[2]].allSatisfy { $0.utf8.count >= 5 && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }
}
