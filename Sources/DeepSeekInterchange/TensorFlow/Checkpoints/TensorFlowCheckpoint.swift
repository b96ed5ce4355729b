public import DeepSeekCheckpoints
public import DeepSeekTensor

/// A checkpoint that TensorFlow's `Saver` or `tf.train.Checkpoint` wrote: an index of names, and the elements in one or more
/// files beside it; or, in the format of the first `Saver`, all in one file.
///
/// ```swift
/// let checkpoint = try TensorFlowCheckpoint("model.ckpt-7")
/// let kernel = try checkpoint.tensor("dense/kernel")
/// ```
///
/// Opening reads the index alone; elements are mapped and compared with their checksums when a tensor is asked for. Variables
/// that were written in parts are put together.
public struct TensorFlowCheckpoint: Sendable {
  /// A tensor of the checkpoint.
  public struct Entry: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its element type; `nil` for texts and other types without a counterpart.
    public let dtype: DType?
    /// Its shape.
    public let shape: Shape
    /// Whether its elements are strings of bytes.
    public let isText: Bool
    /// Its element type as TensorFlow names it: `float`, `bfloat16`, `string`.
    public let storedType: String
  }

  /// The path that the files' names begin with.
  public let path: String
  /// The tensors, in the order of their names.
  public let entries: [Entry]
  private let places: [String: Int]
  private let storage: any CheckpointStorage

  /// Opens a checkpoint.
  ///
  /// - Parameters:
  ///   - path: The prefix (`model.ckpt-7`), the index (`model.ckpt-7.index`), or the one file of the first format.
  ///   - access: Whether files are mapped or read.
  /// - Throws: `CheckpointError` when a file is missing, damaged or of another format.
  public init(_ path: String, access: FileAccess = .mapped) throws {
    let prefix = path.hasSuffix(".index") ? String(path.dropLast(6)) : path
    let index = prefix + ".index"
    // The first format has no index: its one file bears the checkpoint's own name.
    if prefix == path, let file = try? MappedFile(path: path, access: access) {
      self.init(path, try SliceStorage(file))
    } else {
      self.init(prefix, try BundleStorage(prefix: prefix, index: MappedFile(path: index, access: access), access))
    }
  }

  private init(_ path: String, _ storage: any CheckpointStorage) {
    self.path = path
    self.storage = storage
    entries = storage.entries
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { places[name] != nil }

  /// Bytes that a tensor's elements take in the files; zero when there is none of the name.
  func byteCount(of name: String) -> Int { places[name].map(storage.byteCount) ?? 0 }

  /// A tensor. Throws `CheckpointError` when there is none of the name, its type has no counterpart, or its bytes are damaged.
  public func tensor(_ name: String) throws -> Tensor {
    let place = try place(name)
    guard let dtype = entries[place].dtype else {
      throw CheckpointError(
        .unsupported, file: path, item: name, "its element type has no counterpart",
        advice: entries[place].isText ? "ask for its texts" : "")
    }
    return try storage.tensor(place, TensorSpec(dtype, entries[place].shape))
  }

  /// The elements of a tensor of texts. Throws as ``tensor(_:)``.
  public func texts(_ name: String) throws -> [[UInt8]] {
    let place = try place(name)
    guard entries[place].isText else {
      throw CheckpointError(.unsupported, file: path, item: name, "its elements are not texts")
    }
    return try storage.texts(place)
  }

  private func place(_ name: String) throws -> Int {
    guard let place = places[name] else {
      throw CheckpointError(.missingTensor, file: path, item: name, "there is no tensor of this name")
    }
    return place
  }
}

/// How the tensors of a checkpoint are kept.
protocol CheckpointStorage: Sendable {
  /// The tensors, in the order of their names.
  var entries: [TensorFlowCheckpoint.Entry] { get }
  /// The tensor of an entry.
  func tensor(_ place: Int, _ spec: TensorSpec) throws -> Tensor
  /// Bytes that the elements of an entry take.
  func byteCount(_ place: Int) -> Int
  /// The texts of an entry.
  func texts(_ place: Int) throws -> [[UInt8]]
}
