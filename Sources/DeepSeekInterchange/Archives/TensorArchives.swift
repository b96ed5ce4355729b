public import DeepSeekCheckpoints

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Opens files and folders of tensors, whatever their format.
///
/// ```swift
/// let archive = try TensorArchives.open("bert_model.ckpt")
/// for entry in archive.archiveEntries { print(entry.name, entry.lengths) }
/// ```
public enum TensorArchives {
  /// The formats that are known, in the order in which they are tried: what says most about itself first.
  public static let formats: [ArchiveFormat] = [
    .checkpointFolder, .saver, .safetensorsFolder, .pyTorchShards, .savedModel, .safetensors, .npy, .keras, .npz,
    .pyTorch, .gguf, .tensorFlow, .tensorFlowSlices, .onnx,
  ]

  /// Opens a file or folder; its format is found out from its contents, not from its name.
  ///
  /// A folder that is of no format itself, but in which just one file is, stands for that file.
  ///
  /// - Parameters:
  ///   - path: The file or folder, or what the names of a checkpoint's files begin with.
  ///   - formats: What is looked for, in this order; formats of one's own can be added.
  /// - Throws: `CheckpointError`: of kind `unsupported`, naming what was looked for, when nothing of that is there; what the
  ///   format's reader throws.
  public static func open(_ path: String, formats: [ArchiveFormat] = formats) throws -> any TensorArchive {
    let candidate = try ArchiveCandidate(path)
    if let format = formats.first(where: { $0.matches(candidate) }) { return try format.open(path) }
    if candidate.isFolder { return try openOnly(candidate, formats) }
    let looked = formats.map { "\($0.name) (\($0.signature))" }.joined(separator: ", ")
    guard candidate.isFile else {
      throw CheckpointError(.missingFile, file: path, "there is no such file or folder", advice: "check the path")
    }
    let start = candidate.head.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    throw CheckpointError(
      .unsupported, file: path, offset: 0,
      "its \(candidate.byteCount) bytes, which begin with \(start.isEmpty ? "nothing" : start), are of no known format; "
        + "looked for: \(looked)", advice: "check that it holds a model's weights, and is complete")
  }

  /// Opens the one file of a folder that is of a known format.
  private static func openOnly(_ folder: ArchiveCandidate, _ formats: [ArchiveFormat]) throws -> any TensorArchive {
    var found: [(name: String, format: ArchiveFormat)] = []
    for name in folder.names {
      let candidate = try ArchiveCandidate("\(folder.path)/\(name)")
      guard candidate.isFile, let format = formats.first(where: { $0.matches(candidate) }) else { continue }
      found.append((name, format))
    }
    if found.count == 1 { return try found[0].format.open("\(folder.path)/\(found[0].name)") }
    let listed = found.prefix(5).map { "\($0.name) (\($0.format.name))" }.joined(separator: ", ")
    throw CheckpointError(
      found.isEmpty ? .unsupported : .missingFile, file: folder.path,
      found.isEmpty
        ? "no file in it is of a known format; looked for: \(formats.map(\.name).joined(separator: ", "))"
        : "\(found.count) of its files hold tensors: \(listed)\(found.count > 5 ? ", …" : "")",
      advice: found.isEmpty ? "check the path" : "name one of them")
  }
}
