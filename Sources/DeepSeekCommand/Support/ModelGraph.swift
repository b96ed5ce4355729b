import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekInterchange
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// The graph of whatever a command is given: a graph's or program's file, an ONNX model, a frozen TensorFlow graph, or a
/// model folder.
enum ModelGraph {
  /// Whether a folder is at `path`. Throws when nothing is.
  static func isFolder(_ path: String) throws -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CommandError("\(path): there is no such file or folder")
    }
    return isFolder.boolValue
  }

  /// The graph in a file, as it is.
  static func read(file path: String) throws -> Graph {
    let name = path.lowercased()
    if name.hasSuffix(".onnx") { return try ONNXModel.load(path).graph() }
    let isTensorFlow = name.hasSuffix(".pb") || name.hasSuffix(".pbtxt")
    return isTensorFlow ? try Interchange.importGraphDef(path) : try Graph(contentsOf: path)
  }

  /// The text encoder in a folder, in evaluation mode. Throws when its sequences cannot have so many tokens.
  static func encoder(folder path: String, sequence: Int?) throws -> any TextEncoder {
    let encoder = try AutoModel.fromPretrained(path)
    if let sequence, sequence > encoder.maximumLength {
      throw CommandError("\(path): its sequences have at most \(encoder.maximumLength) tokens")
    }
    return encoder
  }

  /// The program of a file or a folder.
  static func program(_ path: String, _ options: CompileOptions) throws -> Program {
    if try isFolder(path) { return try encoder(folder: path, sequence: nil).compiled(options: options) }
    if path.lowercased().hasSuffix(".dsprogram") { return try Program(contentsOf: path) }
    return try Program(read(file: path), options: options)
  }

  /// Something for each input: ones for integers, numbers from a seed for floats. Open lengths are `batch` for the first
  /// axis, `sequence` for others.
  static func examples(_ graph: Graph, batch: Int, sequence: Int) throws -> [Tensor] {
    var lengths: [Dimension: Int] = [:]
    for input in graph.inputs {
      for (axis, dimension) in graph.spec(input.value).shape.dimensions.enumerated() {
        guard dimension.known == nil, lengths[dimension] == nil else { continue }
        lengths[dimension] = axis == 0 ? batch : sequence
      }
    }
    return graph.inputs.enumerated().map { index, input in
      let spec = graph.spec(input.value)
      let shape = Shape(spec.shape.dimensions.map { $0.resolved(lengths) })
      guard spec.dtype.isFloatingPoint else { return Tensor.full(shape, 1, dtype: spec.dtype) }
      return Tensor.randomNormal(shape, key: RandomGenerator.key(seed: 0, stream: UInt64(index))).cast(to: spec.dtype)
    }
  }
}
