import DeepSeekCheckpoints

extension ArchiveFormat {
  /// A folder of this framework, as 2.x and 3.x write it.
  static let checkpointFolder = ArchiveFormat(
    "DeepSeek checkpoint", signature: "a folder with \(CheckpointManifest.fileName)",
    matches: { $0.isFolder && CheckpointFolder.isPresent(at: $0.path) }, open: { try CheckpointFolderArchive($0) })

  /// A folder of checkpoints, as a saver of 1.x writes them; the newest is meant.
  static let saver = ArchiveFormat(
    "DeepSeek saver", signature: "a folder with checkpoints step-NUMBER",
    matches: { $0.isFolder && CheckpointFolderArchive.isSaver(at: $0.path) },
    open: { try CheckpointFolderArchive(latestIn: $0) })

  /// A folder in Hugging Face's layout, whose `model.safetensors` or its index comes before other files' weights.
  static let safetensorsFolder = ArchiveFormat(
    "safetensors folder", signature: "a folder with model.safetensors or its index",
    matches: { $0.contains("model.safetensors") || $0.contains("model.safetensors.index.json") },
    open: { try Checkpoint.load($0) })

  static let safetensors = ArchiveFormat(
    "safetensors", signature: "the length of a JSON header, and the header; or an index of such files",
    matches: { candidate in
      // A file's header is an object behind its length; an index is JSON that speaks of safetensors files.
      let isFile =
        candidate.head.count > 8 && candidate.head[8] == UInt8(ascii: "{") && candidate.head[7] == 0
        && candidate.head[4...6].allSatisfy { $0 == 0 }
      return isFile || candidate.isFile && candidate.path.hasSuffix(".safetensors.index.json")
    }, open: { try Checkpoint.load($0) })

  static let npy = ArchiveFormat(
    "NumPy array", signature: "\\x93NUMPY at the start",
    matches: { $0.begins(with: [0x93] + Array("NUMPY".utf8)) }, open: { try NpyFile($0) })

  static let npz = ArchiveFormat(
    "NumPy archive", signature: "a ZIP archive of .npy files",
    matches: { candidate in
      let names = candidate.zipNames
      return !names.isEmpty && names.allSatisfy { $0.hasSuffix(".npy") }
    }, open: { try Npz.open($0) })

  /// A file of HDF5's own, or one of Keras's newer archives around it.
  static let keras = ArchiveFormat(
    "Keras", signature: "\\x89HDF at the start, or a ZIP archive with model.weights.h5",
    matches: { $0.begins(with: [0x89] + Array("HDF".utf8)) || $0.zipNames.contains("model.weights.h5") },
    open: { try KerasFile($0) })

  /// A folder that TensorFlow exported: its variables.
  static let savedModel = ArchiveFormat(
    "SavedModel", signature: "a folder with saved_model.pb", matches: { $0.contains("saved_model.pb") },
    open: { try TensorFlowArchive($0 + "/variables/variables") })

  /// A model of ONNX's, whose message has no signature: one that begins with the version's field and is read as a model.
  static let onnx = ArchiveFormat(
    "ONNX", signature: "a model's message",
    matches: { $0.begins(with: [0x08]) && (try? ONNXArchive($0.path)) != nil }, open: { try ONNXArchive($0) })

  static let pyTorch = ArchiveFormat(
    "PyTorch", signature: "a ZIP archive with a pickle, or PyTorch's number in one",
    matches: { candidate in
      guard candidate.isFile, let file = try? MappedFile(path: candidate.path) else { return false }
      return PyTorch.matches(file)
    }, open: { try PyTorch.open($0) })

  /// A model of PyTorch's in a folder, or in several files by their index.
  static let pyTorchShards = ArchiveFormat(
    "PyTorch folder", signature: "a folder with pytorch_model.bin or its index, or an index",
    matches: { candidate in
      candidate.contains("pytorch_model.bin") || candidate.contains("pytorch_model.bin.index.json")
        || candidate.isFile && candidate.path.hasSuffix(".bin.index.json")
    }, open: { try PyTorch.load($0) })

  static let gguf = ArchiveFormat(
    "GGUF", signature: "GGUF at the start", matches: { $0.begins(with: "GGUF") }, open: { try GGUF.open($0) })

  /// The number that ends TensorFlow's tables, as its bytes stand in the file.
  private static let tableMagic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]

  private static func endsAsTable(_ candidate: ArchiveCandidate) -> Bool {
    candidate.tail.suffix(8).elementsEqual(tableMagic)
  }

  static let tensorFlow = ArchiveFormat(
    "TensorFlow checkpoint", signature: "NAME.index beside NAME.data-00000-of-00001, or a folder with these",
    matches: { candidate in
      if candidate.isFolder {
        return !candidate.contains("saved_model.pb") && candidate.names.contains { $0.hasSuffix(".index") }
          && candidate.names.contains { $0.contains(".data-") } || isSliceFolder(candidate)
      }
      if candidate.isFile { return candidate.path.hasSuffix(".index") && endsAsTable(candidate) }
      return candidate.hasFile(ending: ".index")
    }, open: { try TensorFlowArchive($0) })

  /// A folder whose file `checkpoint` names a checkpoint of the first format.
  private static func isSliceFolder(_ candidate: ArchiveCandidate) -> Bool {
    guard candidate.contains("checkpoint"), let prefix = try? TensorFlowArchive.prefix(candidate.path),
      let named = try? ArchiveCandidate(prefix)
    else { return false }
    return endsAsTable(named)
  }

  static let tensorFlowSlices = ArchiveFormat(
    "TensorFlow checkpoint of the first format", signature: "a table's number at the end",
    matches: endsAsTable, open: { try TensorFlowArchive($0) })
}
