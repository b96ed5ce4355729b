public import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekRecords
public import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The weights of an ONNX model, by name: its initializers, and what stands in nodes (`Constant` nodes' tensors, and
/// initializers of branches' and loops' graphs; scalars and lists of `int64` are settings, which are left out).
///
/// Opening one reads the model without its weights. A weight is a view of the file, or of the file beside it that the model
/// names, where its bytes are aligned, else a copy.
public final class ONNXArchive: TensorArchive {
  /// `ONNX`.
  public let format = "ONNX"
  /// The file, as the caller named it.
  public var path: String { file.path }
  /// The initializers in the model's order, then what stands in nodes, under the names of their values.
  public let archiveEntries: [ArchiveEntry]
  /// The model's properties, and who made it: `producer_name`, `producer_version`, `domain`, `doc_string`.
  public let metadata: [String: String]

  let file: MappedFile
  /// The model without the elements of its initializers.
  let model: Onnx_ModelProto
  private let weights: [String: ONNXWeight]
  private let initializerCount: Int
  private let neighbours: ONNXExternalFiles

  /// Opens a model. Throws `CheckpointError` when the file cannot be read or is no ONNX model.
  public convenience init(_ path: String) throws { try self.init(MappedFile(path: path)) }

  /// As above, for a file that is open already.
  public init(_ file: MappedFile) throws {
    let outline: ONNXOutline
    do {
      outline = try file.withBytes { try ONNXOutline($0) }
    } catch {
      throw CheckpointError(
        .malformed, file: file.path, "it is not an ONNX model: \(error)", advice: "see that it was copied whole")
    }
    self.file = file
    model = outline.model
    guard model.hasGraph else {
      throw CheckpointError(
        .malformed, file: file.path, "it is not an ONNX model: it has no graph", advice: "see that it was copied whole")
    }
    neighbours = ONNXExternalFiles(beside: file.path)
    var weights: [String: ONNXWeight] = [:]
    for weight in outline.initializers where weights.updateValue(weight, forKey: weight.header.name) != nil {
      throw CheckpointError(.malformed, file: file.path, item: weight.header.name, "two initializers have this name")
    }
    for weight in outline.constants { weights[weight.header.name] = weight }
    self.weights = weights
    initializerCount = outline.initializers.count
    archiveEntries = (outline.initializers + outline.constants).map { weight in
      ArchiveEntry(
        name: weight.header.name, dtype: DType(onnx: Int(weight.header.dataType)),
        storedType: DType.onnxName(Int(weight.header.dataType)), lengths: weight.header.dims.map { Int($0) },
        byteCount: weight.byteCount)
    }
    var metadata = ["producer_name": model.producerName, "producer_version": model.producerVersion]
    metadata["domain"] = model.domain
    metadata["doc_string"] = model.docString
    metadata = metadata.filter { !$0.value.isEmpty }
    for property in model.metadataProps { metadata[property.key] = property.value }
    self.metadata = metadata
  }

  /// The initializers of the model's own graph.
  var initializers: ArraySlice<ArchiveEntry> { archiveEntries.prefix(initializerCount) }

  /// A weight. Throws `CheckpointError` when there is none of that name, or its bytes do not fit.
  public func tensor(_ name: String) throws -> Tensor {
    guard let weight = weights[name] else {
      throw CheckpointError(
        .missingTensor, file: path, item: name, "there is no such weight",
        advice: "there are: \(archiveEntries.prefix(20).map(\.name).joined(separator: ", "))")
    }
    do {
      if weight.header.dataLocation == .external { return try neighbours.tensor(weight.header, name) }
      guard let raw = weight.raw else {
        let bytes = file.withBytes { Data($0[weight.message]) }
        return try Onnx_TensorProto(serializedBytes: bytes).tensor()
      }
      let spec = try weight.header.checkedSpec()
      try weight.header.expect(byteCount: raw.count, spec)
      return try RawElements(file: file, range: raw, item: name).tensor(spec)
    } catch let error as OperatorError {
      throw CheckpointError(.malformed, file: path, item: name, offset: weight.message.lowerBound, "\(error)")
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, file: path, item: name, offset: weight.message.lowerBound, "\(error)")
    }
  }
}
