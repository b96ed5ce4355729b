/// A file that may be one of several that make up a checkpoint.
protocol ShardFile: Sendable {
  /// The file, as the caller named it.
  var path: String { get }
  /// The names of its tensors.
  var names: [String] { get }
}

/// The files of a checkpoint, one or several, and which tensor is in which.
struct ShardedFiles<File: ShardFile>: Sendable {
  /// The names of the tensors: in the order of a single file, or as the index of several lists them.
  let names: [String]
  /// Tensors that are in the files but not in their index.
  let unlistedNames: [String]
  /// The files, in the order in which the index first names them.
  let files: [File]
  private let fileOfName: [ExactName: Int]

  /// A checkpoint in one file.
  init(single file: File) {
    names = file.names
    unlistedNames = []
    files = [file]
    fileOfName = Dictionary(file.names.map { (ExactName($0), 0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A checkpoint in several, each opened once with `open`.
  /// - Throws: ``CheckpointError`` when a file is missing or not valid, or lacks a tensor that the index says is in it.
  init(index: String, access: FileAccess, open: (String) throws -> File) throws {
    let listed = try ShardIndex(reading: MappedFile(path: index, access: access)).files
    let folder = CheckpointFinder.folder(of: index)
    var opened: [(file: File, names: Set<ExactName>)] = []
    var positions: [ExactName: Int] = [:]
    var fileOfName: [ExactName: Int] = [:]
    for (name, shard) in listed {
      let position: Int
      if let known = positions[ExactName(shard)] {
        position = known
      } else {
        position = opened.count
        let file = try open(folder + shard)
        opened.append((file, Set(file.names.map { ExactName($0) })))
        positions[ExactName(shard)] = position
      }
      guard opened[position].names.contains(ExactName(name)) else {
        throw CheckpointError(
          .missingTensor, file: opened[position].file.path, item: name,
          "the index says that it is in this file, but it is not",
          advice: "the files and the index are not of one checkpoint: copy or download all of them again")
      }
      fileOfName[ExactName(name)] = position
    }
    names = listed.map(\.name)
    files = opened.map(\.file)
    unlistedNames = files.flatMap(\.names).filter { fileOfName[ExactName($0)] == nil }
    self.fileOfName = fileOfName
  }

  /// The file of a tensor; `nil` when there is none of that name.
  func file(of name: String) -> File? { fileOfName[ExactName(name)].map { files[$0] } }

  /// The file of a tensor.
  /// - Throws: ``CheckpointError`` when there is none of that name, about the checkpoint at `path`.
  func existingFile(of name: String, path: String) throws -> File {
    if let file = file(of: name) { return file }
    throw CheckpointError(
      .missingTensor, file: path, item: name, "there is no tensor of this name among \(names.count)",
      advice: NameAdvice.closest(to: name, among: names))
  }
}

extension SafetensorsFile: ShardFile {}
extension PyTorchFile: ShardFile {}
