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
  static func encoder(folder path: String, sequence: Int) throws -> any TextEncoder {
    let encoder = try AutoModel.fromPretrained(path)
    if sequence > encoder.maximumLength {
      throw CommandError("\(path): its sequences have at most \(encoder.maximumLength) tokens")
    }
    return encoder
  }

  /// The program of a file or a folder; of a folder, for packed texts if asked for.
  static func program(_ path: String, _ choices: CompilationOptions, isPacked: Bool = false) throws -> Program {
    if try isFolder(path) {
      let folder = URL(fileURLWithPath: path, isDirectory: true)
      let model: any TextModel =
        choices.bare ? try AutoModel.fromPretrained(folder) : try AnyTextModel.open(folder)
      if !isPacked { return try model.compiled(hasTypes: choices.hasTypes, options: choices.options) }
      guard let packed = model as? any PackedTextModel else {
        throw CommandError("\(path): \(model.architecture) takes no packed texts; compile it without --packed")
      }
      return try packed.compiledForPackedTexts(options: choices.options)
    }
    let choice = isPacked ? "--packed" : choices.bare ? "--bare" : choices.hasTypes ? "--types" : nil
    if let choice { throw CommandError("\(path): \(choice) goes with a model folder") }
    if path.lowercased().hasSuffix(".dsprogram") {
      if choices.exact || choices.precision != .float32 {
        throw CommandError("\(path): it is a program already; --exact and --precision go with what one is made of")
      }
      return try Program(contentsOf: path)
    }
    return try Program(read(file: path), options: choices.options)
  }

  /// Something for each input: ones for integers, numbers from a seed for floats. Open lengths are `batch` for the first
  /// axis, `sequence` for others. Packed texts are `batch` texts of `sequence` tokens.
  static func examples(_ graph: Graph, batch: Int, sequence: Int) throws -> [Tensor] {
    if graph.inputs.map(\.name) == PackedTokens.inputNames {
      let tokens = Tensor.full([batch * sequence], 1, dtype: .int64)
      return [tokens, tokens, tokens * 0, Tensor([batch + 1], (0...batch).map { Int32($0 * sequence) })]
    }
    var lengths: [DeepSeekTensor.Dimension: Int] = [:]
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
