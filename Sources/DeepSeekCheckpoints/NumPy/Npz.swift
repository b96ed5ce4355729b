public import DeepSeekTensor

/// NumPy's `.npz` archives: several arrays by name.
public enum Npz {
  /// Opens an archive. Cost: reading its table of contents; no array is read.
  /// - Throws: ``CheckpointError``.
  public static func open(_ path: String, access: FileAccess = .mapped) throws -> NpzFile {
    try NpzFile(ZipArchive(MappedFile(path: path, access: access)))
  }

  /// Reads what would be an archive's contents; `name` stands for its path in errors.
  public static func decode(_ bytes: some Collection<UInt8>, named name: String = "npz") throws -> NpzFile {
    try NpzFile(ZipArchive(MappedFile(copying: bytes, named: name)))
  }

  /// Writes tensors as `numpy.savez` does, or compressed as `numpy.savez_compressed` does; atomically, in the order given,
  /// a dictionary by name.
  ///
  /// - Throws: ``CheckpointError`` for a type that NumPy lacks, for a name that occurs twice, and when writing fails.
  public static func save(
    _ tensors: some Collection<(key: String, value: Tensor)>, to path: String, compressed: Bool = false
  ) throws {
    try save(tensors, to: path, compressed: compressed, forces64: false)
  }

  /// Whether NumPy has this element type.
  public static func canHold(_ dtype: DType) -> Bool { NpyDType.name(dtype) != nil }

  /// zlib's own choice between time and size, which NumPy makes too.
  private static let level: Int32 = 6

  static func save(
    _ tensors: some Collection<(key: String, value: Tensor)>, to path: String, compressed: Bool, forces64: Bool
  ) throws {
    var pairs = tensors.map { (name: $0.key, tensor: $0.value) }
    if tensors is [String: Tensor] { pairs.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    try save(
      specs: pairs.map { ($0.name, $0.tensor.spec) }, to: path, compressed: compressed, forces64: forces64
    ) { try pairs[$0].tensor.write(to: $1) }
  }

  /// Writes tensors whose elements are handed over piece by piece; see ``ElementSource``.
  package static func save(
    specs: [(name: String, spec: TensorSpec)], to path: String, compressed: Bool = false, forces64: Bool = false,
    elements: ElementSource
  ) throws {
    var names = Set<ExactName>()
    for (name, _) in specs where !names.insert(ExactName(name)).inserted {
      throw CheckpointError(
        .invalidRequest, file: path, item: name, "two tensors have this name", advice: "rename one of them")
    }
    let headers = try specs.map { try Npy.header($0.spec, file: path, item: $0.name) }
    let file = try AtomicFile(replacing: path)
    let archive = ZipWriter(file, level: compressed ? level : nil, forces64: forces64)
    for (index, (name, spec)) in specs.enumerated() {
      let byteCount = headers[index].count + spec.shape.elementCount * spec.dtype.byteCount
      let found = try archive.add(name + NpzFile.suffix, byteCount: byteCount) { sink in
        try headers[index].withUnsafeBytes { try sink.write($0) }
        try elements(index, sink)
      }
      guard found == byteCount else {
        throw CheckpointError(
          .invalidRequest, file: path, item: name,
          "\(found) bytes were given; \(spec) takes \(byteCount) with its header")
      }
    }
    try archive.finish()
    try file.commit()
  }
}

/// An open `.npz` archive.
public struct NpzFile: Sendable {
  /// The arrays' names in the order of the archive, without `.npy`.
  public let names: [String]
  /// Members that are not `.npy` files, by their full names.
  public let otherNames: [String]
  private let archive: ZipArchive
  private let positions: [ExactName: Int]

  static let suffix = ".npy"

  init(_ archive: ZipArchive) {
    self.archive = archive
    var names: [String] = []
    var others: [String] = []
    var positions: [ExactName: Int] = [:]
    for (position, member) in archive.members.enumerated() {
      if member.name.hasSuffix(NpzFile.suffix) {
        let name = String(member.name.dropLast(NpzFile.suffix.count))
        names.append(name)
        positions[ExactName(name)] = position
      } else {
        others.append(member.name)
      }
    }
    self.names = names
    otherNames = others
    self.positions = positions
  }

  /// The archive, as the caller named it.
  public var path: String { archive.file.path }

  /// Element type and shape of an array. Cost: reading its header.
  /// - Throws: ``CheckpointError``.
  public func spec(of name: String) throws -> TensorSpec {
    let member = try member(name)
    let header = try NpzFile.header(ZipMemberReader(archive, member), member, path).header
    return TensorSpec(header.dtype, header.shape)
  }

  /// An array, read into memory and compared with its checksum.
  /// - Throws: ``CheckpointError``, also when it would take more than half of the machine's memory.
  public func tensor(_ name: String) throws -> Tensor {
    let member = try member(name)
    let reader = try ZipMemberReader(archive, member)
    let (header, start) = try NpzFile.header(reader, member, path)
    let count = header.elementByteCount
    guard count <= member.byteCount - start else {
      throw CheckpointError(
        .truncated, file: path, item: member.name, offset: member.headerOffset,
        "\(header.dtype)\(header.shape) takes \(count) bytes, but \(member.byteCount - start) are there",
        advice: CheckpointError.downloadAgain)
    }
    try MemoryBudget.check(count, file: path, item: member.name)
    let storage = Storage(byteCount: count)
    let target = UnsafeMutableRawBufferPointer(start: storage.pointer, count: count)
    try reader.read(into: target)
    try reader.finish()
    RawElements.normalize(target, header.dtype, bytesSwapped: header.bytesSwapped)
    return Tensor(storage: storage, dtype: header.dtype, layout: header.layout)
  }

  /// All arrays by name; see ``tensor(_:)``.
  public func tensors() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for name in names { result[name] = try tensor(name) }
    return result
  }

  /// Bytes that an array's member has, its header included; zero when there is none of that name.
  func byteCount(of name: String) -> Int { positions[ExactName(name)].map { archive.members[$0].byteCount } ?? 0 }

  private func member(_ name: String) throws -> ZipArchive.Member {
    if let position = positions[ExactName(name)] { return archive.members[position] }
    throw CheckpointError(
      .missingTensor, file: path, item: name, "there is no array of this name among \(names.count)",
      advice: NameAdvice.closest(to: name, among: names))
  }

  private static func header(
    _ reader: ZipMemberReader, _ member: ZipArchive.Member, _ path: String
  ) throws -> (header: NpyHeader, start: Int) {
    var prefix = [UInt8](repeating: 0, count: min(NpyHeader.prefixByteCount, member.byteCount))
    try prefix.withUnsafeMutableBytes { try reader.read(into: $0) }
    let extent = try prefix.withUnsafeBytes { try NpyHeader.extent($0, file: path, item: member.name) }
    guard extent.dataStart <= member.byteCount else {
      throw CheckpointError(
        .truncated, file: path, item: member.name, offset: member.headerOffset, "it ends inside its header",
        advice: CheckpointError.downloadAgain)
    }
    // Version 1's text begins inside the prefix.
    var text = Array(prefix[min(extent.textStart, prefix.count)...])
    let have = text.count
    text.append(contentsOf: repeatElement(0, count: max(0, extent.dataStart - prefix.count)))
    try text.withUnsafeMutableBytes { try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[have...])) }
    let header = try text.withUnsafeBytes {
      try NpyHeader(text: $0, file: path, item: member.name, offset: extent.textStart)
    }
    return (header, max(extent.dataStart, prefix.count))
  }
}
