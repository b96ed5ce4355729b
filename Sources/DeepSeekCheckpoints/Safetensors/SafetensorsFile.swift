public import DeepSeekTensor

/// An open safetensors file: names, types and shapes at once, elements when a tensor is used.
///
/// ```swift
/// let file = try Safetensors.open("model.safetensors")
/// let weight = try file.tensor("embeddings.word_embeddings.weight")
/// ```
///
/// The file is mapped into memory; a tensor is a read-only view of it, and the mapping lasts as long as a tensor needs it.
/// Elements that do not lie at a multiple of their size are copied, which the writers in use avoid.
public struct SafetensorsFile: Sendable {
  /// The tensors in the order of their bytes in the file.
  public let entries: [SafetensorsEntry]
  /// The strings that the file carries beside its tensors, such as `format`.
  public let metadata: [String: String]
  private let file: MappedFile
  private let positions: [ExactName: Int]

  init(_ file: MappedFile) throws {
    let header = try file.withBytes { try SafetensorsHeader(reading: $0, file: file.path) }
    self.file = file
    entries = header.entries
    metadata = header.metadata
    positions = Dictionary(
      zip(header.entries.map { ExactName($0.name) }, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// The file, as the caller named it.
  public var path: String { file.path }

  /// The tensors' names in the order of their bytes in the file.
  public var names: [String] { entries.map(\.name) }

  /// What the header says of a tensor; `nil` when there is none of that name.
  public func entry(_ name: String) -> SafetensorsEntry? { positions[ExactName(name)].map { entries[$0] } }

  /// Element type and shape of a tensor.
  /// - Throws: ``CheckpointError`` when there is none of that name, or tensors lack its type or rank.
  public func spec(of name: String) throws -> TensorSpec {
    let entry = try existing(name)
    guard let dtype = entry.format.dtype else {
      throw CheckpointError(
        .unsupported, file: path, item: name, offset: entry.range.lowerBound,
        "its element type \(entry.format.rawValue) is not one that tensors have",
        advice: "read its bytes with withBytes(of:), or convert it with the program that wrote it")
    }
    do {
      return TensorSpec(dtype, try Shape(checking: entry.lengths))
    } catch {
      throw CheckpointError(.unsupported, file: path, item: name, "\(error)", advice: "reshape it before it is written")
    }
  }

  /// A tensor, as a view of the file.
  ///
  /// Cost: nothing is read, save that a `bool` tensor's bytes are checked to be 0 or 1 (any other counts as 1, and then it
  /// is copied).
  /// - Throws: ``CheckpointError`` as ``spec(of:)`` does.
  public func tensor(_ name: String) throws -> Tensor {
    let spec = try spec(of: name)
    return try RawElements(file: file, range: existing(name).range, item: name).tensor(spec)
  }

  /// All tensors by name; see ``tensor(_:)``.
  public func tensors() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    result.reserveCapacity(entries.count)
    for name in names { result[name] = try tensor(name) }
    return result
  }

  /// Calls `body` with a tensor's bytes, whatever its element type.
  public func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let range = try existing(name).range
    return try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Tells the system to begin reading the whole file, for programs that are about to use all of it.
  public func prefetch() { file.prefetch(0..<file.byteCount) }

  private func existing(_ name: String) throws -> SafetensorsEntry {
    if let entry = entry(name) { return entry }
    throw CheckpointError(
      .missingTensor, file: path, item: name, "there is no tensor of this name among \(entries.count)",
      advice: NameAdvice.closest(to: name, among: names))
  }
}
