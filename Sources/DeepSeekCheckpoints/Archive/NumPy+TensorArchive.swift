public import DeepSeekTensor

extension NpzFile: TensorArchive {
  /// `NumPy archive`.
  public var format: String { "NumPy archive" }
  /// None: an archive has arrays alone.
  public var metadata: [String: String] { [:] }

  /// The arrays, as their headers describe them. Cost: reading each header.
  public var archiveEntries: [ArchiveEntry] {
    names.map { name in
      // What cannot be read says why when it is asked for.
      guard let spec = try? spec(of: name) else {
        return ArchiveEntry(
          name: name, dtype: nil, storedType: "unreadable", lengths: [], byteCount: byteCount(of: name))
      }
      return ArchiveEntry(name: name, spec, storedType: NpyDType.name(spec.dtype) ?? "\(spec.dtype)")
    }
  }
}

extension ArchiveEntry {
  /// A tensor whose elements take what their type says.
  package init(name: String, _ spec: TensorSpec, storedType: String) {
    self.init(
      name: name, dtype: spec.dtype, storedType: storedType, lengths: Array(spec.shape),
      byteCount: spec.shape.elementCount * spec.dtype.byteCount)
  }
}

/// One array of a `.npy` file, under the file's name without its ending.
public struct NpyFile: TensorArchive {
  /// The file, as the caller named it.
  public let path: String
  /// The array's name.
  public let name: String
  private let array: Tensor

  /// Opens a file; throws as ``Npy/load(_:access:)`` does.
  public init(_ path: String, access: FileAccess = .mapped) throws {
    self.path = path
    array = try Npy.load(path, access: access)
    let file = AtomicFile.split(path).name
    name = file.hasSuffix(NpzFile.suffix) && file.utf8.count > 4 ? String(file.dropLast(4)) : file
  }

  /// `NumPy array`.
  public var format: String { "NumPy array" }
  /// None.
  public var metadata: [String: String] { [:] }
  /// The one array.
  public var archiveEntries: [ArchiveEntry] {
    [ArchiveEntry(name: name, array.spec, storedType: NpyDType.name(array.dtype) ?? "\(array.dtype)")]
  }

  /// The array, by its name.
  public func tensor(_ name: String) throws -> Tensor {
    if name == self.name { return array }
    throw CheckpointError(
      .missingTensor, file: path, item: name, "there is no array of this name",
      advice: "the one array is '\(self.name)'")
  }
}
