public import DeepSeekTensor

/// An open file of PyTorch's: names, types and shapes at once, elements when a tensor is used.
public struct PyTorchFile: TensorArchive {
  /// `PyTorch zip` since PyTorch 1.6, `PyTorch legacy` before, `TorchScript` from `torch.jit.save`.
  public let format: String
  /// The tensors in the order of their bytes in the file, each by the path that leads to it: `optimizer.state.0.exp_avg`.
  /// A file that is one tensor alone has it as `tensor`.
  ///
  /// A name whose elements are exactly those of an earlier one is shared with it; views that only overlap are not.
  public let archiveEntries: [ArchiveEntry]
  /// Plain values (numbers, text, short lists of them) by the paths that lead to them: `epoch`,
  /// `optimizer.param_groups.0.lr`. ``root`` has all of them.
  public let metadata: [String: String]

  private let storages: TorchStorages
  private let trees: [PickleTree]
  private let tensors: [(tensor: TorchTensor, tree: Int)]
  private let positions: [ExactName: Int]

  init(_ file: MappedFile, unknownClasses: UnknownClasses) throws {
    let source = try TorchSource.open(file, unknownClasses)
    format = source.format
    let storages = source.storages
    self.storages = storages
    trees = source.pickles.map(\.tree)
    var metadata: [String: String] = [:]
    var found: [(name: String, tensor: TorchTensor, tree: Int)] = []
    for (number, pickle) in source.pickles.enumerated() {
      let contents = try TorchContents(pickle.tree, prefix: pickle.prefix, file: file.path, item: nil)
      metadata.merge(contents.metadata) { first, _ in first }
      found += contents.entries.map { ($0.name, PyTorchFile.placed($0.tensor, number), number) }
    }
    self.metadata = metadata
    // A stable order: names of one storage stay in theirs.
    let order = found.enumerated().map { (PyTorchFile.position($0.element.tensor, storages), $0.offset) }.sorted {
      $0 < $1
    }
    let sorted = order.map { found[$0.1] }
    var first: [TorchTensor: String] = [:]
    var entries: [ArchiveEntry] = []
    for (name, tensor, _) in sorted {
      var isShared = false
      if case .storage(let key, _, let end) = tensor.source, tensor.count > 0 {
        try storages.check(key, has: end, for: name)
        isShared = true
      }
      entries.append(
        ArchiveEntry(
          name: name, dtype: tensor.refusal == nil ? tensor.type.dtype : nil, storedType: tensor.type.name,
          lengths: tensor.lengths, byteCount: tensor.count * tensor.type.byteCount,
          sharedWith: isShared ? first[tensor] : nil))
      if isShared && first[tensor] == nil { first[tensor] = name }
    }
    archiveEntries = entries
    tensors = sorted.map { ($0.tensor, $0.tree) }
    positions = Dictionary(zip(sorted.map { ExactName($0.name) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// The file, as the caller named it.
  public var path: String { storages.file.path }

  /// The value that was saved, as data: dictionaries, lists, numbers, and tensors as objects.
  public var root: PickleValue { PickleValue(tree: trees[0], node: trees[0].root) }

  /// The names of the tensors, in the order of their bytes in the file.
  public var names: [String] { archiveEntries.map(\.name) }

  /// A tensor: a view of the file, strided where the saved one was, or a copy where its elements are not aligned, in
  /// another order of bytes, or compressed.
  ///
  /// Bytes of a view are not compared with the archive's checksum, which would read all of them.
  /// - Throws: ``CheckpointError`` when there is none of that name, it is quantized or sparse, or of a type that tensors
  ///   lack, or its elements are not all there.
  public func tensor(_ name: String) throws -> Tensor {
    guard let position = positions[ExactName(name)] else {
      throw CheckpointError(
        .missingTensor, file: path, item: name, "there is no tensor of this name among \(archiveEntries.count)",
        advice: NameAdvice.closest(to: name, among: names))
    }
    let (tensor, tree) = tensors[position]
    if let refusal = tensor.refusal {
      throw CheckpointError(
        .unsupported, file: path, item: name, refusal,
        advice:
          "save it from PyTorch as a plain tensor: tensor.dequantize(), to_dense(), resolve_conj() or resolve_neg()")
    }
    guard let dtype = tensor.type.dtype else {
      throw CheckpointError(
        .unsupported, file: path, item: name, "its element type \(tensor.type.name) is not one that tensors have",
        advice: "convert it in PyTorch before it is saved")
    }
    // Repeated elements cost the file nothing, and whoever reads them all the more.
    let byteCount = tensor.count * dtype.byteCount
    let limit = max(PyTorchFile.smallBlock, storages.file.byteCount * PyTorchFile.mostRepetitions)
    try MemoryBudget.check(byteCount, limit: limit, file: path, item: name)
    return try storages.elements(tensor, dtype, named: name, in: trees[tree])
  }

  /// Tensors up to this size are read however often their elements repeat: 64 MiB.
  private static let smallBlock = 64 << 20
  /// How many times as large as the file a tensor of repeated elements may be.
  private static let mostRepetitions = 16

  /// The tensor with its storage's key among those of all pickles.
  private static func placed(_ tensor: TorchTensor, _ number: Int) -> TorchTensor {
    guard number > 0, case .storage(let key, let start, let end) = tensor.source else { return tensor }
    return TorchTensor(
      source: .storage(key: TorchSource.key(key, ofPickle: number), start: start, end: end), type: tensor.type,
      offset: tensor.offset, lengths: tensor.lengths, strides: tensor.strides, refusal: tensor.refusal)
  }

  private static func position(_ tensor: TorchTensor, _ storages: TorchStorages) -> Int {
    if case .storage(let key, _, _) = tensor.source { return storages.position(key) }
    return 0
  }
}
