public import DeepSeekCheckpoints
import DeepSeekJSON
public import DeepSeekStatic
import DeepSeekTensor

/// Whole models that Keras saved, rebuilt with their weights.
///
/// ```swift
/// let model = try KerasModel.load("classifier.keras")
/// let y = try model.predict(images)
/// ```
public enum KerasModel {
  /// The classes of Keras's layers that have a counterpart, in order.
  public static var layerKinds: [String] {
    (Array(KerasLayerKind.table.keys) + Array(KerasArchitecture.kinds) + ["InputLayer"]).sorted()
  }

  /// A Sequential or functional model of a `.keras` or `.h5` file, ready for `predict` and, once compiled, `fit`.
  ///
  /// Layers keep their names. Data stays as Keras has it: images and sequences have their channels last where the
  /// architecture says so. Weights are turned into this framework's form, `dense.weight` being `[outputs, inputs]`. How the
  /// model was compiled is not taken over: call `compile`.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read; ``InterchangeError`` when it holds no architecture, a layer has
  ///   no counterpart (all of them are listed at once), or an option or weight does not fit. Lambda layers are refused: they
  ///   hold Python's code, and nothing of a file is run.
  public static func load(_ path: String) throws -> Keras.Model { try load(KerasFile(path)) }

  /// As above, for a file that is open already.
  public static func load(_ file: KerasFile) throws -> Keras.Model {
    guard let text = file.configuration else {
      throw InterchangeError(
        .malformed, file: file.path, "it holds weights and no architecture",
        advice: "save the whole model, with model.save, or build its layers and read the weights as tensors")
    }
    let document: JSONValue
    do {
      document = try JSONValue(parsing: text, options: JSONParsingOptions(duplicateKeys: .keepLast))
    } catch {
      throw InterchangeError(.malformed, file: file.path, "its architecture is not JSON: \(error)")
    }
    let architecture = try KerasArchitecture(document, file: file.path)
    try KerasModelBuilder.expectKnown(architecture, file: file.path)
    let builder = KerasModelBuilder(file: file.path, isModern: file.version.map { $0 >= 3 } ?? true)
    var weights = KerasWeights(file)
    return try builder.model(architecture, inputs: nil, &weights)
  }
}
