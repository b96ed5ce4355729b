// swift-format-ignore-file: AlwaysUseLowerCamelCase
import DeepSeekGraph
import DeepSeekOperators
public import DeepSeekStatic
public import DeepSeekTensor

extension keras.models {
  /// Layers one after another.
  @available(*, deprecated, message: "use ds.Sequential")
  public typealias Sequential = Keras.Sequential
  /// Layers as they branch.
  @available(*, deprecated, message: "use ds.Model")
  public typealias Model = Keras.Model

  /// What `model.save` wrote, to be run.
  @available(
    *, deprecated, message: "use GraphSession(Graph(contentsOf: path)); for Keras's own files ds.loadModel(path)"
  )
  public static func loadModel(_ path: String) throws -> GraphSession { try GraphSession(Graph(contentsOf: path)) }

  /// What `model.save` wrote, to be run.
  @available(
    *, deprecated, message: "use GraphSession(Graph(contentsOf: path)); for Keras's own files ds.loadModel(path)"
  )
  public static func load_model(_ path: String) throws -> GraphSession { try loadModel(path) }
}

extension keras.backend {
  /// Puts an empty graph in place of the process's own.
  @available(*, deprecated, renamed: "StaticGraph.resetDefault")
  public static func clearSession() { StaticGraph.resetDefault() }

  /// Puts an empty graph in place of the process's own.
  @available(*, deprecated, renamed: "StaticGraph.resetDefault")
  public static func clear_session() { StaticGraph.resetDefault() }
}

extension keras.utils {
  /// Class numbers as rows of zeros with a one: `[…]` to `[…, classes]`, one class more than the largest number.
  @available(*, deprecated, message: "use classes.oneHot(count)")
  public static func toCategorical(_ classes: Tensor) -> Tensor {
    let whole = classes.cast(to: .int64)
    return whole.oneHot(whole.max().item(as: Int.self) + 1)
  }

  /// Class numbers as rows of zeros with a one: `[…]` to `[…, classes]`.
  @available(*, deprecated, renamed: "Tensor.oneHot(self:_:)")
  public static func toCategorical(_ classes: Tensor, _ count: Int) -> Tensor { classes.cast(to: .int64).oneHot(count) }

  /// Class numbers as rows of zeros with a one, one class more than the largest number.
  @available(*, deprecated, message: "use classes.oneHot(count)")
  public static func to_categorical(_ classes: Tensor) -> Tensor { toCategorical(classes) }

  /// Class numbers as rows of zeros with a one.
  @available(*, deprecated, renamed: "Tensor.oneHot(self:_:)")
  public static func to_categorical(_ classes: Tensor, num_classes count: Int) -> Tensor {
    toCategorical(classes, count)
  }
}

extension Keras.Model {
  /// A model to which layers are added.
  @available(*, deprecated, message: "give the layers: ds.Sequential([…])")
  public convenience init() { self.init([]) }

  /// Classes, by the largest output, or by a half where there is one.
  @available(*, deprecated, message: "use predict(x).argmax(axis: -1)")
  public func predictClasses(_ x: Tensor, batchSize: Int = 32) throws -> Tensor {
    let scores = try predict(x, batchSize: batchSize)
    return scores.shape.dimensions.last == 1 ? scores.greater(than: 0.5).cast(to: .int64) : scores.argmax(axis: -1)
  }

  /// Classes, by the largest output, or by a half where there is one.
  @available(*, deprecated, message: "use predict(x).argmax(axis: -1)")
  public func predict_classes(_ x: Tensor, batch_size: Int = 32) throws -> Tensor {
    try predictClasses(x, batchSize: batch_size)
  }

  /// The first output.
  @available(*, deprecated, renamed: "predict(_:batchSize:)")
  public func predictProba(_ x: Tensor, batchSize: Int = 32) throws -> Tensor { try predict(x, batchSize: batchSize) }

  /// The first output.
  @available(*, deprecated, renamed: "predict(_:batchSize:)")
  public func predict_proba(_ x: Tensor, batch_size: Int = 32) throws -> Tensor {
    try predict(x, batchSize: batch_size)
  }

  /// The first output.
  @available(*, deprecated, renamed: "predict(_:batchSize:)")
  public func predict(_ x: Tensor, batch_size: Int) throws -> Tensor { try predict(x, batchSize: batch_size) }

  /// Writes the weights to a safetensors file.
  @available(*, deprecated, renamed: "saveWeights(to:)")
  public func saveWeights(_ path: String) throws { try saveWeights(to: path) }

  /// Writes the weights to a safetensors file.
  @available(*, deprecated, renamed: "saveWeights(to:)")
  public func save_weights(_ path: String) throws { try saveWeights(to: path) }

  /// Reads what `saveWeights` wrote.
  @available(*, deprecated, renamed: "loadWeights(from:)")
  public func loadWeights(_ path: String) throws { try loadWeights(from: path) }

  /// Reads what `saveWeights` wrote.
  @available(*, deprecated, renamed: "loadWeights(from:)")
  public func load_weights(_ path: String) throws { try loadWeights(from: path) }

  /// Writes the model as a graph with its variables.
  @available(*, deprecated, message: "use graph().write(to:), or a Saver for a model that is trained on")
  public func save(_ path: String) throws { try graph().write(to: path) }
}
