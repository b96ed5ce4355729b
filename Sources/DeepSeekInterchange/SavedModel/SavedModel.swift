public import DeepSeekCheckpoints
public import DeepSeekGraph
import DeepSeekProtocols
public import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A model that TensorFlow's `tf.saved_model.save` wrote: a folder with `saved_model.pb` and `variables`.
///
/// ```swift
/// let model = try SavedModel("detector")
/// let graph = try model.graph(signature: "serving_default")
/// let y = try CPUExecutor(graph).run(["x": images])["y"]!
/// ```
public struct SavedModel: Sendable {
  /// What a signature takes and gives.
  public struct Signature: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its inputs, in order of their names.
    public let inputs: [String]
    /// Its outputs, in order of their names.
    public let outputs: [String]
  }

  /// The folder, as the caller named it.
  public let path: String
  /// The signatures that give something, in order of their names.
  public let signatures: [Signature]
  /// The variables under their keys in the checkpoint; `nil` for a model without.
  public let variables: TensorFlowCheckpoint?
  private let meta: Tensorflow_MetaGraphDef
  private let byteCount: Int

  /// Opens a folder. Cost: reading the graph; variables are mapped and read when a graph is made.
  ///
  /// - Parameter tags: Which of several graphs is meant: the one with all of these tags.
  /// - Throws: `CheckpointError` when a file cannot be read; ``InterchangeError`` when it is no SavedModel, or has no graph of
  ///   these tags.
  public init(_ path: String, tags: Set<String> = ["serve"], access: FileAccess = .mapped) throws {
    let file = try MappedFile(path: path + "/saved_model.pb", access: access)
    let message: Tensorflow_SavedModel
    do {
      message = try file.withBytes { bytes in
        guard let base = bytes.baseAddress else { return Tensorflow_SavedModel() }
        let data = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
        return try Tensorflow_SavedModel(serializedBytes: data)
      }
    } catch {
      throw InterchangeError(
        .malformed, file: file.path, "it is not a SavedModel: \(error)", advice: "see that it was copied whole")
    }
    guard let meta = message.metaGraphs.first(where: { tags.isSubset(of: $0.metaInfoDef.tags) }) else {
      let found = message.metaGraphs.map { $0.metaInfoDef.tags.joined(separator: "+") }
      throw InterchangeError(
        .unknownName, file: file.path, "it has no graph of the tags \(tags.sorted().joined(separator: ", "))",
        advice: "there are: \(found.joined(separator: ", "))")
    }
    self.path = path
    self.meta = meta
    byteCount = file.byteCount
    signatures = meta.signatureDef.filter { !$0.value.outputs.isEmpty && !$0.key.hasPrefix("__saved_model") }
      .map { Signature(name: $0.key, inputs: $0.value.inputs.keys.sorted(), outputs: $0.value.outputs.keys.sorted()) }
      .sorted { $0.name < $1.name }
    let prefix = path + "/variables/variables"
    do {
      variables = try TensorFlowCheckpoint(prefix, access: access)
    } catch let error as CheckpointError where error.kind == .missingFile && error.file == prefix + ".index" {
      // A graph of constants alone has no checkpoint beside it.
      variables = nil
    }
  }

  /// A signature's function as a graph of ours. Its inputs and outputs have the signature's names; an output of an input's
  /// name has `output_` before it. Variables become constants.
  ///
  /// - Parameters:
  ///   - signature: Its name.
  ///   - shapes: Shapes of inputs, by name, where the file's are to be narrowed or are not known.
  /// - Throws: ``InterchangeError`` as `Interchange.importGraphDef` does, and when the function changes variables;
  ///   `CheckpointError` when a variable's bytes are damaged.
  public func graph(signature name: String = "serving_default", shapes: [String: Shape] = [:]) throws -> Graph {
    let file = path + "/saved_model.pb"
    guard let signature = meta.signatureDef[name] else {
      throw InterchangeError(
        .unknownName, file: file, "it has no signature '\(name)'",
        advice: "there are: \(signatures.map(\.name).joined(separator: ", "))")
    }
    let outputs = signature.outputs.sorted { $0.key < $1.key }
    for (key, info) in outputs where info.name.isEmpty {
      throw InterchangeError(.unsupported, file: file, node: key, "the output is not a dense tensor")
    }
    let inlined = try FunctionInlining.inlined(meta.graphDef, outputs: outputs.map(\.value.name), file: file)
    var resolver = SavedModelVariables(inlined.graph, variables: variables, file: file)
    var nodes = try resolver.resolved(outputs: inlined.outputs)
    try SavedModel.rename(&nodes, signature, outputs.map(\.key), inlined.outputs, file: file)
    var graph = Tensorflow_GraphDef()
    graph.node = nodes
    graph.versions = inlined.graph.versions
    graph.library = inlined.graph.library
    let names = outputs.map { signature.inputs[$0.key] == nil ? $0.key : "output_" + $0.key }
    return try GraphDefImporter(graph, file: file, byteCount: byteCount + resolver.byteCount)
      .graph(outputs: names, shapes: shapes)
  }

  /// Gives placeholders and outputs the signature's names, and all else names that cannot meet them.
  private static func rename(
    _ nodes: inout [Tensorflow_NodeDef], _ signature: Tensorflow_SignatureDef, _ keys: [String], _ outputs: [String],
    file: String
  ) throws {
    var names: [String: String] = [:]
    for (key, info) in signature.inputs.sorted(by: { $0.key < $1.key }) {
      let node = String(info.name.prefix { $0 != ":" })
      guard names.updateValue(key, forKey: node) == nil else {
        throw InterchangeError(.malformed, file: file, node: node, "two inputs of the signature are one node")
      }
    }
    func renamed(_ text: String) -> String {
      let isControl = text.hasPrefix("^")
      let parts = (isControl ? text.dropFirst() : text[...]).split(separator: ":", omittingEmptySubsequences: false)
      let node = String(parts[0])
      let name = names[node] ?? "graph//" + node
      return (isControl ? "^" : "") + ([name] + parts.dropFirst().map(String.init)).joined(separator: ":")
    }
    for index in nodes.indices {
      nodes[index].name = renamed(nodes[index].name)
      nodes[index].input = nodes[index].input.map(renamed)
    }
    for (key, output) in zip(keys, outputs) {
      var node = Tensorflow_NodeDef()
      node.name = signature.inputs[key] == nil ? key : "output_" + key
      node.op = "Identity"
      node.input = [renamed(output)]
      nodes.append(node)
    }
  }
}
