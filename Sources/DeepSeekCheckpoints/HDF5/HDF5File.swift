import DeepSeekTensor

/// An open HDF5 file: its groups, data sets and attributes at once, elements when a tensor is asked for.
///
/// ```swift
/// let file = try HDF5File("model.weights.h5")
/// let kernel = try file.dataset("layers/dense/vars/0").tensor()
/// ```
///
/// What Keras and h5py write by default is read: superblocks 0 to 3, groups with symbol tables or links of their own, fixed and
/// floating numbers, truth, texts, elements in one run, in the header or in chunks with deflate, shuffle and fletcher32. What
/// is not (dense groups and the newer chunk indices of `libver='latest'`, compounds, references, external files) is refused by
/// name. Every offset and length is compared with the file, circles are noticed, and what is put in memory is bounded by what
/// the file's bytes can hold. (HDF5 File Format Specification 3.0, The HDF Group.)
public struct HDF5File: Sendable {
  /// A group or a data set.
  public struct Object: Sendable {
    /// The path from the root without a first slash: `model_weights/dense`; empty for the root.
    public let path: String
    /// The names in a group, in the file's order.
    public fileprivate(set) var children: [String] = []
    /// The data set; `nil` for a group.
    public let dataset: HDF5Dataset?
    fileprivate let attributes: [HDF5Attribute]
    /// The path under which the same object came before.
    public fileprivate(set) var sameAs: String?

    /// The attribute of a name; `nil` when there is none.
    public func attribute(_ name: String) -> HDF5Attribute? { attributes.first { $0.name == name } }

    /// The names of the attributes.
    public var attributeNames: [String] { attributes.map(\.name) }
  }

  /// The file, as the caller named it.
  public let path: String
  /// All groups and data sets, each behind the group that it is in.
  public let objects: [Object]
  private let places: [ExactName: Int]

  /// Opens a file. Cost: reading all headers.
  /// - Throws: ``CheckpointError``.
  public init(_ path: String, access: FileAccess = .mapped) throws {
    try self.init(MappedFile(path: path, access: access))
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors.
  public static func decode(_ bytes: some Collection<UInt8>, named name: String = "hdf5") throws -> HDF5File {
    try HDF5File(MappedFile(copying: bytes, named: name))
  }

  /// The file as it lies in memory.
  public init(_ file: MappedFile) throws {
    let superblock = try HDF5Superblock(file)
    path = file.path
    var walk = Walk(superblock.format)
    try walk.run(from: superblock.root)
    objects = walk.objects
    places = Dictionary(zip(objects.map { ExactName($0.path) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// Whether a file begins as an HDF5 file does.
  public static func isHDF5(_ file: MappedFile) -> Bool { HDF5Superblock.isHDF5(file) }

  /// The root group.
  public var root: Object { objects[0] }

  /// A group or data set; `nil` when there is none of that path.
  public func object(_ path: String) -> Object? { places[ExactName(path)].map { objects[$0] } }

  /// A data set.
  /// - Throws: ``CheckpointError`` when there is none of that path.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    if let dataset = object(path)?.dataset { return dataset }
    throw CheckpointError(
      .missingTensor, file: self.path, item: path, "there is no data set of this path",
      advice: NameAdvice.closest(to: path, among: objects.filter { $0.dataset != nil }.map(\.path)))
  }
}

/// The walk over a file's tree, each object's header once.
private struct Walk {
  let format: HDF5Format
  var objects: [HDF5File.Object] = []
  private var budget: HDF5Budget

  init(_ format: HDF5Format) {
    self.format = format
    budget = HDF5Budget(fileByteCount: format.file.byteCount)
  }

  mutating func run(from root: Int) throws {
    var places: [Int: Int] = [:]
    var stack: [(path: String, address: Int)] = [("", root)]
    while let (path, address) = stack.popLast() {
      try budget.spend(path.utf8.count, format)
      // An object of several names; a group is not entered again, so that circles end.
      if let place = places[address] {
        let first = objects[place]
        if first.dataset == nil { continue }
        objects.append(
          HDF5File.Object(path: path, dataset: first.dataset, attributes: first.attributes, sameAs: first.path))
        continue
      }
      places[address] = objects.count
      let header = try HDF5ObjectHeader(format, at: address, &budget)
      let isGroup = HDF5Group.isGroup(header)
      if path.isEmpty && !isGroup { throw format.failure(at: address, "its root is not a group") }
      let isDataset = header.first(.layout) != nil
      // A type that stands alone is neither.
      guard isGroup || isDataset else { continue }
      if let dense = header.first(.attributeInformation) { try checkCompact(dense, path) }
      let attributes = try header.messages.filter { $0.kind == .attribute && !$0.isShared }
        .map { try HDF5Attribute($0.body) }
      var dataset = isGroup ? nil : try HDF5Dataset(header, format, path: path)
      // Keras writes bfloat16 as opaque elements of this note.
      if case .opaque? = dataset?.datatype, let note = attributes.first(where: { $0.name == "dtype" }),
        try note.text() == DType.bfloat16.description
      {
        dataset?.interpret(as: .bfloat16)
      }
      var object = HDF5File.Object(path: path, dataset: dataset, attributes: attributes)
      if isGroup {
        let links = try HDF5Group.links(header, format, &budget)
        object.children = links.map(\.name)
        stack += links.reversed().map { (path.isEmpty ? $0.name : path + "/" + $0.name, $0.address) }
      }
      objects.append(object)
    }
  }

  private func checkCompact(_ body: HDF5Cursor, _ path: String) throws {
    var cursor = body
    _ = try cursor.version(0...0)
    if try cursor.byte() & 1 != 0 { try cursor.skip(2) }
    if try cursor.address() != nil {
      throw format.failure(
        .unsupported, at: body.position, item: path, "it keeps its many attributes in a fractal heap",
        advice: "write the file with libver='earliest', as Keras does")
    }
  }
}
