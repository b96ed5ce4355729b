public import DeepSeekTensor
import Synchronization

/// A file that Keras wrote: a whole model as `.keras` or `.h5`, or its weights as `.weights.h5` or `.h5`.
///
/// Weights that Keras's older form lists for each layer have the names it gives them, without `:0` (`dense/kernel`); everything
/// else has its path (`layers/dense/vars/0`, `optimizer/vars/3`).
public struct KerasFile: Sendable {
  /// The weights of a layer as the older form lists them.
  public struct LayerWeights: Sendable, Hashable {
    /// The layer's name.
    public let layer: String
    /// The weights' names, in the layer's own order.
    public let names: [String]
    /// Their paths in the HDF5 file.
    public let paths: [String]
  }

  /// The format: `Keras archive`, `Keras model` or `Keras weights`.
  public let format: String
  /// The file, as the caller named it.
  public let path: String
  /// The file's length in bytes.
  public let byteCount: Int
  /// What holds the weights; for a `.keras` file, its member.
  public let hdf5: HDF5File
  /// The architecture as JSON; `nil` where the file holds weights alone.
  public private(set) var configuration: [UInt8]?
  /// The layers with their weights as the older form lists them; `nil` in the newer form, where they are under `layers`.
  public let layerWeights: [LayerWeights]?
  /// The first number of the version of Keras that wrote the file, where that is noted.
  public let version: Int?
  private let entries: [(entry: ArchiveEntry, path: String)]
  /// What remains to be compared with its checksum before weights are read.
  private let unchecked: UncheckedMember?
  private let places: [ExactName: Int]

  /// Opens a file. Cost: reading all headers. The weights of a `.keras` file whose member is compressed, which Keras does not do,
  /// are read into memory.
  /// - Throws: ``CheckpointError`` when it is not a file of Keras's, or damaged.
  public init(_ path: String, access: FileAccess = .mapped) throws {
    try self.init(MappedFile(path: path, access: access))
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors.
  public static func decode(_ bytes: some Collection<UInt8>, named name: String = "keras") throws -> KerasFile {
    try KerasFile(MappedFile(copying: bytes, named: name))
  }

  /// The file as it lies in memory.
  public init(_ file: MappedFile) throws {
    (path, byteCount) = (file.path, file.byteCount)
    if HDF5File.isHDF5(file) {
      hdf5 = try HDF5File(file)
      unchecked = nil
      configuration = try hdf5.root.attribute("model_config")?.text().map { Array($0.utf8) }
      let noted = try hdf5.root.attribute("keras_version")?.text()
      version = noted.flatMap { Int($0.prefix { $0 != "." }) }
    } else {
      let archive = try KerasFile.archive(file)
      configuration = try archive.contents(archive.existing("config.json"), limit: KerasFile.largestConfiguration)
      let weights = try archive.opened("model.weights.h5")
      hdf5 = try HDF5File(weights.file)
      unchecked = weights.unchecked
      // Every .keras archive is in the third version's form of the architecture.
      version = 3
    }
    let prefix = hdf5.object("model_weights") == nil ? "" : "model_weights"
    layerWeights = try KerasFile.layers(hdf5, prefix)
    let isArchive = !HDF5File.isHDF5(file)
    format = isArchive ? "Keras archive" : configuration == nil ? "Keras weights" : "Keras model"
    entries = KerasFile.entries(hdf5, layerWeights ?? [])
    places = Dictionary(zip(entries.map { ExactName($0.entry.name) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// The same weights under another architecture, or none.
  public func replacingConfiguration(_ configuration: [UInt8]?) -> KerasFile {
    var copy = self
    copy.configuration = configuration
    return copy
  }

  /// More than any architecture takes, in bytes.
  private static let largestConfiguration = 256 << 20

  private static func archive(_ file: MappedFile) throws -> ZipArchive {
    guard file.withBytes({ $0.starts(with: "PK".utf8) }) else {
      throw CheckpointError(
        .malformed, file: file.path, offset: 0, "it begins neither as HDF5 nor as a .keras archive does",
        advice: "check that Keras wrote this file, and that it is complete")
    }
    return try ZipArchive(file)
  }

  /// The layers that a group lists with their weights; `nil` when it lists none.
  private static func layers(_ file: HDF5File, _ prefix: String) throws -> [LayerWeights]? {
    guard let group = file.object(prefix), let layers = try group.texts("layer_names") else { return nil }
    var taken: Set<ExactName> = []
    return try layers.map { layer in
      let place = prefix.isEmpty ? layer : prefix + "/" + layer
      let names = try file.object(place)?.texts("weight_names") ?? []
      // The same weight under several layers, as in a nested model of another, is told apart by the layer.
      let short = names.map { name in
        let plain = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
        return taken.insert(ExactName(plain)).inserted ? plain : layer + "/" + plain
      }
      return LayerWeights(layer: layer, names: short, paths: names.map { place + "/" + $0 })
    }
  }

  private static func entries(
    _ file: HDF5File, _ layers: [LayerWeights]
  ) -> [(entry: ArchiveEntry, path: String)] {
    var names: [ExactName: String] = [:]
    for layer in layers {
      for (name, path) in zip(layer.names, layer.paths) { names[ExactName(path)] = name }
    }
    return file.objects.compactMap { object in
      guard let dataset = object.dataset else { return nil }
      let name = names[ExactName(object.path)] ?? object.path
      let first = object.sameAs.map { names[ExactName($0)] ?? $0 }
      return (dataset.entry(name, sharedWith: first), object.path)
    }
  }
}

extension KerasFile: TensorArchive {
  /// The tensors, in the file's order.
  public var archiveEntries: [ArchiveEntry] { entries.map(\.entry) }

  /// The root's attributes, with `model_config` as the architecture's JSON.
  public var metadata: [String: String] {
    var result = hdf5.metadata
    if let configuration { result["model_config"] = String(decoding: configuration, as: UTF8.self) }
    return result
  }

  /// A tensor of a name of ``archiveEntries``.
  public func tensor(_ name: String) throws -> Tensor {
    guard let place = places[ExactName(name)] else {
      throw CheckpointError(
        .missingTensor, file: path, item: name, "there is no tensor of this name among \(entries.count)",
        advice: NameAdvice.closest(to: name, among: entries.map(\.entry.name)))
    }
    return try weight(entries[place].path)
  }

  /// A data set of the HDF5 file by its path. Cost: the first time, a pass over all weights of a `.keras` file, which are
  /// compared with their checksum.
  public func weight(_ path: String) throws -> Tensor {
    let dataset = try hdf5.dataset(path)
    try unchecked?.check()
    return try dataset.tensor()
  }
}

extension HDF5File.Object {
  /// A list of texts, which Keras writes in parts (`weight_names0`, `weight_names1`) when it is long; `nil` without one.
  fileprivate func texts(_ name: String) throws -> [String]? {
    if let attribute = attribute(name) { return try attribute.texts() }
    var texts: [String]?
    var part = 0
    while let attribute = attribute(name + "\(part)") {
      texts = try (texts ?? []) + attribute.texts()
      part += 1
    }
    return texts
  }
}

extension ZipArchive {
  /// A member's contents as a file of its own. A stored member stays where it is, to be checked before it is relied on; any
  /// other is read into memory.
  fileprivate func opened(_ name: String) throws -> (file: MappedFile, unchecked: UncheckedMember?) {
    let member = try existing(name)
    let reader = try ZipMemberReader(self, member)
    if member.method == ZipFormat.stored {
      return (MappedFile(part: try stored(member), of: file), UncheckedMember(self, member))
    }
    let contents = try MappedFile(named: file.path, byteCount: member.byteCount) { try reader.read(into: $0) }
    try reader.finish()
    return (contents, nil)
  }

  /// The member of a name.
  fileprivate func existing(_ name: String) throws -> Member {
    if let member = members.first(where: { $0.name == name }) { return member }
    throw CheckpointError(
      .missingTensor, file: file.path, item: name, "the archive has no such member",
      advice: "see that Keras wrote it; its members are \(members.prefix(8).map(\.name).joined(separator: ", "))")
  }
}

/// A member of an archive that is compared with its checksum once, when it is first needed.
private final class UncheckedMember: Sendable {
  private let archive: ZipArchive
  private let member: ZipArchive.Member
  private let isChecked = Mutex(false)

  init(_ archive: ZipArchive, _ member: ZipArchive.Member) { (self.archive, self.member) = (archive, member) }

  /// Throws ``CheckpointError`` when the contents do not have the checksum.
  func check() throws {
    try isChecked.withLock { isChecked in
      if isChecked { return }
      try ZipMemberReader(archive, member).finish()
      MappedFile.releasePages(UnsafeRawBufferPointer(rebasing: archive.file.buffer[try archive.stored(member)]))
      isChecked = true
    }
  }
}
