public import DeepSeekCheckpoints
import DeepSeekTensor

/// Takes a checkpoint of any known format forward: into a folder as this framework and Hugging Face's libraries read it, or
/// into a single file.
///
/// ```swift
/// let converter = try CheckpointConverter("bert_model.ckpt", options: ConversionOptions(architecture: "bert"))
/// let report = try converter.convert(to: "bert")
/// ```
///
/// Tensors go one after another from the mapped source to the disk, a few megabytes at a time; only those that their format
/// stores compressed, quantized or in parts are held whole, one at a time. The output appears when all of it is on the disk.
public struct CheckpointConverter: Sendable {
  /// How far a conversion is.
  public struct Progress: Sendable {
    /// Bytes of elements written.
    public let doneByteCount: Int
    /// Bytes of elements that will be.
    public let byteCount: Int
    /// The tensor that is being written.
    public let name: String
  }

  /// What an output is, by its ending.
  enum Output: Equatable {
    case folder, safetensors, npz

    init(_ path: String) throws {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if name.hasSuffix(".safetensors") {
        self = .safetensors
      } else if name.hasSuffix(".npz") {
        self = .npz
      } else if let suffix = Output.others.first(where: { name.hasSuffix($0) }) {
        throw CheckpointError(
          .invalidRequest, file: path, "files ending in \(suffix) are read, not written",
          advice: "write a folder, or a file that ends in .safetensors or .npz")
      } else {
        self = .folder
      }
    }

    private static let others = [
      ".bin", ".pt", ".pth", ".ckpt", ".index", ".h5", ".hdf5", ".keras", ".pb", ".onnx", ".gguf", ".npy", ".json",
    ]
  }

  /// The source.
  public let archive: any TensorArchive
  /// What is done beside copying.
  public let options: ConversionOptions

  /// Opens a source, whatever its format; throws as `TensorArchives.open` does.
  public init(_ source: String, options: ConversionOptions = ConversionOptions()) throws {
    self.init(try TensorArchives.open(source), options: options)
  }

  /// Converts what is open already.
  public init(_ archive: any TensorArchive, options: ConversionOptions = ConversionOptions()) {
    self.archive = archive
    self.options = options
  }

  /// What a conversion would do. Reads names, types and shapes alone.
  /// - Throws: ``ConversionError``, which lists every tensor that stands in the way; `CheckpointError`.
  public func plan(to output: String) throws -> ConversionReport {
    var report = try prepare(output).plan.report
    report.isDryRun = true
    return report
  }

  /// Converts.
  ///
  /// - Parameters:
  ///   - output: A file that ends in `.safetensors` or `.npz`, else a folder. A folder must be new, empty, or a checkpoint of
  ///     this framework, which is replaced.
  ///   - progress: Told after every few megabytes.
  /// - Throws: ``ConversionError``; `CheckpointError`. What stood at `output` is unchanged then, as the source always is.
  @discardableResult
  public func convert(to output: String, progress: (Progress) -> Void = { _ in }) throws -> ConversionReport {
    let (kind, plan, carried) = try prepare(output)
    var report = plan.report
    report.removed = try AbandonedFiles.remove(besides: output)
    try withoutActuallyEscaping(progress) { progress in
      let writer = TensorWriter(archive, plan, progress)
      switch kind {
      case .folder: try writeFolder(output, plan, carried, writer)
      case .safetensors:
        try Safetensors.save(specs: specs(plan), to: output, metadata: metadata(report)) {
          try writer.write($0, to: $1)
        }
      case .npz: try Npz.save(specs: specs(plan), to: output) { try writer.write($0, to: $1) }
      }
    }
    return report
  }

  private func writeFolder(
    _ output: String, _ plan: ConversionPlan, _ carried: CarriedFiles, _ writer: TensorWriter
  ) throws {
    try CheckpointFolder.write(to: output) { folder in
      let groups = Set(plan.tensors.map(\.group)).union([CheckpointFolderArchive.modelGroup])
      for group in groups.sorted() {
        let places = plan.tensors.indices.filter { plan.tensors[$0].group == group }
        try folder.add(
          specs: places.map { (plan.tensors[$0].name, plan.tensors[$0].spec) }, group: group,
          maximumShardByteCount: options.maximumShardByteCount, metadata: metadata(plan.report)
        ) { try writer.write(places[$0], to: $1) }
      }
      for (name, contents) in carried.files {
        switch contents {
        case .copy(let path): try folder.add(fileAt: path, as: name)
        case .made(let bytes, _): try folder.add(bytes, as: name)
        }
      }
      if let source = archive as? CheckpointFolderArchive {
        folder.trainingState = source.folder.manifest.trainingState
      }
    }
  }

  private func prepare(_ output: String) throws -> (kind: Output, plan: ConversionPlan, carried: CarriedFiles) {
    let kind = try Output(output)
    try SourceGuard.check(archive.path, output: output)
    guard !archive.archiveEntries.isEmpty else {
      throw CheckpointError(
        .missingTensor, file: archive.path,
        "there is no tensor in this \(archive.format) file",
        advice: "see that it is the file with the weights: ds inspect lists what a file holds")
    }
    var carried = try CarriedFiles(
      beside: archive.path, (options.architecture ?? options.map?.architecture).flatMap(ArchitectureMap.named))
    var plan = try ConversionPlan(archive, options, output: output, layerCount: carried.layerCount)
    if kind == .folder {
      try carried.addConfiguration(for: plan.tensors.map(\.name))
      for (name, contents) in carried.files {
        switch contents {
        case .copy(let path), .made(_, from: let path): plan.report.files[name] = path
        }
      }
    }
    if kind == .npz, let tensor = plan.tensors.first(where: { !Npz.canHold($0.spec.dtype) }) {
      throw CheckpointError(
        .unsupported, file: output, item: tensor.name, "NumPy has no element type \(tensor.spec.dtype)",
        advice: "cast with --dtype float32, or write safetensors")
    }
    return (kind, plan, carried)
  }

  /// In a single file, tensors of other groups keep the group before their names.
  private func specs(_ plan: ConversionPlan) -> [(name: String, spec: TensorSpec)] {
    plan.tensors.map { tensor in
      let isModel = tensor.group == CheckpointFolderArchive.modelGroup
      return (isModel ? tensor.name : "\(tensor.group)/\(tensor.name)", tensor.spec)
    }
  }

  /// The strings of a safetensors source, the format's mark, and what is tied to what as `safetensors`' own `save_model`
  /// notes it: the name left out and the name kept.
  private func metadata(_ report: ConversionReport) -> [String: String] {
    let isSafetensors = archive is Checkpoint || archive is CheckpointFolderArchive
    return (isSafetensors ? archive.metadata : [:]).merging(["format": "pt"]) { $1 }.merging(report.tied) { $1 }
  }
}

/// Writes the tensors of a plan and tells how far it is.
private final class TensorWriter {
  private let archive: any TensorArchive
  private let plan: ConversionPlan
  private let progress: (CheckpointConverter.Progress) -> Void
  private let names: [String]
  private var doneByteCount = 0
  /// The source of the parts that were written last: parts of one tensor follow each other.
  private var last: (place: Int, tensor: Tensor)?

  /// Memory that the allocator may keep from one tensor to the next, in bytes.
  private static let cacheByteCount = 64 << 20

  init(
    _ archive: any TensorArchive, _ plan: ConversionPlan, _ progress: @escaping (CheckpointConverter.Progress) -> Void
  ) {
    self.archive = archive
    self.plan = plan
    self.progress = progress
    names = archive.archiveEntries.map(\.name)
  }

  func write(_ position: Int, to sink: any ByteSink) throws {
    let planned = plan.tensors[position]
    if let last, !planned.parts.contains(where: { $0.place == last.place }) { self.last = nil }
    if Memory.statistics.cached > TensorWriter.cacheByteCount { Memory.clearCache() }
    try planned.write(source, to: sink) { count in
      doneByteCount += count
      progress(
        CheckpointConverter.Progress(
          doneByteCount: doneByteCount, byteCount: plan.report.byteCount, name: planned.name))
    }
  }

  private func source(_ place: Int) throws -> Tensor {
    if let last, last.place == place { return last.tensor }
    let tensor = try archive.tensor(names[place])
    last = (place, tensor)
    return tensor
  }
}
