public import DeepSeekCheckpoints
import DeepSeekTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A graph's file is a safetensors file: the tensors of its constants and variables, and in the metadata, under
/// `deepseek.graph`, its structure as JSON. One file, so that it is replaced whole or not at all.
///
/// The JSON object has `version` (1), `specs` (a value's number is its place here: `dtype`, `shape`, whose lengths are
/// numbers, `{"name": …}` for symbols and `{"operation", "left", "right"}` for their arithmetic), `inputs` and `outputs`
/// (`name`, `value`), `keys`, `constants` (`value`, `tensor`), `variables` (`name`, `value`, `tensor`, `isTrainable`,
/// `update`) and `nodes` (`operator`, `attributes`, `inputs`, `outputs`, and
/// `name` and `device` where a node has them).
extension Graph {
  /// The metadata entry that holds the structure.
  static let metadataKey = "deepseek.graph"

  /// Writes the graph with its constants and the present values of its variables.
  ///
  /// The file replaces an old one only when it is whole.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - synchronizes: Whether to wait until the disk has everything.
  /// - Throws: ``GraphError`` when the graph could not be read back (an operator type that is not registered with
  ///   `Vocabulary`, two symbols of one name), `CheckpointError` when the file cannot be written.
  public func write(to path: String, synchronizes: Bool = true) throws {
    try verify()
    let document = try GraphDocument(self)
    let tensors =
      zip(document.constants, constants).map { (key: $0.tensor, value: $1.tensor) }
      + zip(document.variables, variables).map { (key: $0.tensor, value: $1.parameter.value) }
    let json = try Graph.encoded(document)
    try Safetensors.save(
      tensors, to: path, metadata: [Graph.metadataKey: json], aligned: GraphDocument.alignedPrefix,
      synchronizes: synchronizes)
  }

  /// Reads a graph that ``write(to:synchronizes:)`` wrote. Its variables are new parameters. Symbols of one name are one
  /// symbol, different from those of every other graph.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - access: Whether tensors stay in the file, mapped, or are read.
  /// - Throws: `CheckpointError` when the file or its tensors cannot be read, ``GraphError`` when what they hold is not a
  ///   whole graph.
  public init(contentsOf path: String, access: FileAccess = .mapped) throws {
    let file = try Safetensors.open(path, access: access)
    guard let json = file.metadata[Graph.metadataKey] else {
      throw GraphError.format(file: path, "it holds tensors but no graph: its metadata has no '\(Graph.metadataKey)'")
    }
    try self.init(json: json, file: path) { try file.tensor($0) }
  }

  static func encoded(_ document: GraphDocument) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = nonConforming.encoding
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  init(json: String, file: String, tensor: (String) throws -> Tensor) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = Graph.nonConforming.decoding
    decoder.userInfo[SymbolScope.key] = SymbolScope()
    let document: GraphDocument
    do {
      let version = try decoder.decode(Version.self, from: Data(json.utf8)).version
      guard (1...GraphDocument.currentVersion).contains(version) else {
        throw GraphError.format(
          file: file, "it is of format version \(version); up to \(GraphDocument.currentVersion) can be read")
      }
      document = try decoder.decode(GraphDocument.self, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw GraphError.format(file: file, Graph.reason(error))
    }
    self = try document.graph(file: file, tensor: tensor)
    try verify()
  }

  private struct Version: Decodable {
    var version: Int
  }

  /// Attributes may be infinite (the limits of a clamp), which JSON has no number for.
  private static let nonConforming:
    (encoding: JSONEncoder.NonConformingFloatEncodingStrategy, decoding: JSONDecoder.NonConformingFloatDecodingStrategy) =
      (
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
        .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      )

  /// Where in the JSON, and what is wrong there.
  private static func reason(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
      return path.isEmpty ? "the graph" : "the graph's " + (path.first == "." ? String(path.dropFirst()) : path)
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context)): '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "\(place(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
