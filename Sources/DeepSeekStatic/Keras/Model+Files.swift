public import DeepSeekCheckpoints
import DeepSeekDynamic
public import DeepSeekGraph
import DeepSeekTensor

extension Keras.Model {
  /// Writes weights and persistent state to a safetensors file, under PyTorch-like keys: `dense.weight`.
  /// - Throws: `CheckpointError`.
  public func saveWeights(to path: String) throws {
    try Safetensors.save(stateDictionary(), to: path, metadata: ["format": "pt"])
  }

  /// Reads what ``saveWeights(to:)`` wrote into a model that has been built.
  /// - Throws: `CheckpointError` when the file cannot be read, `StateLoadingError` when it does not fit.
  public func loadWeights(from path: String, access: FileAccess = .read) throws {
    _ = network("loadWeights")
    try load(StateDictionary(Safetensors.open(path, access: access).tensors()))
  }

  /// The model in evaluation as a graph: inputs under their names, outputs as `output`, or `output_0` and so on. Its
  /// variables are the model's own; `write` puts it in a file, which a ``GraphSession`` runs without the model's code.
  public func graph() throws -> Graph {
    let engine = engine([], training: false)
    let outputs = engine.predictions.enumerated().map { index, tensor in
      (name: engine.predictions.count == 1 ? "output" : "output_\(index)", tensor: tensor)
    }
    return try engine.session.graph.exported(outputs: outputs).optimized()
  }
}
