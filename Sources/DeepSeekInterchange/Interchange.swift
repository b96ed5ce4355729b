public import DeepSeekCheckpoints
public import DeepSeekGraph
import DeepSeekProtocols
public import DeepSeekTensor

/// Whole models from other frameworks' files, and back. ONNX models are read by ``ONNXModel``.
public enum Interchange {
  /// The names of the TensorFlow operators that ``importGraphDef(_:outputs:shapes:format:)`` takes over, in order.
  public static var tensorFlowOperators: [String] {
    (TensorFlowOperator.names + ["Const", "Placeholder"] + ControlFlow.allCases.map(\.rawValue)).sorted()
  }

  /// A frozen TensorFlow graph as a graph of ours, which runs with our operators.
  ///
  /// ```swift
  /// let graph = try Interchange.importGraphDef("classifier.pb", outputs: ["softmax"])
  /// let y = try CPUExecutor(graph).run(["x": images])["softmax"]!
  /// ```
  ///
  /// Placeholders become inputs and weights constants. Lengths that the file leaves open stay so: the first axis of all
  /// placeholders is one symbol, `batch`. Control inputs, identities and what only trains are left out. Functions are put in
  /// where they are called. Of a branch whose condition is known only when the graph runs both ways are computed and one is
  /// chosen; a loop, TensorFlow 1's frames too, is taken apart, so that how often it runs must be known, or how often at most.
  ///
  /// - Parameters:
  ///   - path: The file, `.pb` or `.pbtxt`.
  ///   - outputs: Names of tensors, `name` or `name:1`; all nodes that no other reads when left out. The graph's outputs have
  ///     these names.
  ///   - shapes: Shapes of placeholders, by name, where the file's are to be narrowed or are not known.
  ///   - format: How the file is written; found out from its name or its first bytes when left out.
  /// - Throws: `CheckpointError` when the file cannot be read; ``InterchangeError`` when it holds no graph, or one that cannot
  ///   be taken over: all operators without a counterpart are listed at once.
  public static func importGraphDef(
    _ path: String, outputs: [String]? = nil, shapes: [String: Shape] = [:], format: GraphDefFormat? = nil
  ) throws -> Graph {
    try importGraphDef(MappedFile(path: path), outputs: outputs, shapes: shapes, format: format)
  }

  /// As above, for a file that is open already.
  public static func importGraphDef(
    _ file: MappedFile, outputs: [String]? = nil, shapes: [String: Shape] = [:], format: GraphDefFormat? = nil
  ) throws -> Graph {
    let definition = try Tensorflow_GraphDef(file: file, format: format)
    return try GraphDefImporter(definition, file: file.path, byteCount: file.byteCount)
      .graph(outputs: outputs, shapes: shapes)
  }
}
