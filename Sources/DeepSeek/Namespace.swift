public import DeepSeekData
public import DeepSeekDynamic
public import DeepSeekGraph
import DeepSeekInterchange
public import DeepSeekStatic
public import DeepSeekTensor

/// Aliases of the real types, nothing else.
extension ds {
  /// Layers one after another.
  public typealias Sequential = Keras.Sequential
  /// Layers as they branch.
  public typealias Model = Keras.Model
  /// A tensor to be fed to a ``Model``.
  public typealias Input = Keras.Input
  /// The layers of ``Sequential`` and ``Model``.
  public typealias layers = Keras.Layers
  /// What a model is fitted to lessen.
  public typealias losses = Keras.Loss
  /// What is told about a model beside its loss.
  public typealias metrics = Keras.Metric
  /// A graph that is declared first and run afterwards.
  public typealias Graph = StaticGraph
  /// Runs parts of a ``Graph``.
  public typealias Session = DeepSeekStatic.Session
  /// Checkpoints, the last few kept.
  public typealias Saver = DeepSeekStatic.Saver

  /// An encoder, a decoder or both, built from a configuration.
  public typealias Transformer = DeepSeekDynamic.Transformer

  /// Examples that are read, changed and gathered as they are asked for.
  public typealias Dataset = DeepSeekData.Dataset

  /// The rows of a file; see `DeepSeekData.loadData`.
  public static func loadData(
    _ path: String, format: DataFormat? = nil, columns: [String]? = nil
  ) throws(DataError) -> Dataset<Record> {
    try DeepSeekData.loadData(path, format: format, columns: columns)
  }

  /// A model that Keras saved, rebuilt with its weights; see `KerasModel.load`.
  public static func loadModel(_ path: String) throws -> Keras.Model { try KerasModel.load(path) }

  /// What runs graphs when nobody says otherwise.
  public static var backend: Backend {
    get { Backend.current }
    set { Backend.current = newValue }
  }

  /// A tensor of the current graph, to be fed in each run; see `StaticGraph.placeholder`.
  public static func placeholder(_ name: String, _ shape: [Dimension?], dtype: DType = .float32) -> Tensor {
    StaticGraph.current.placeholder(name, shape, dtype: dtype)
  }

  /// A piece of state of the current graph; see `StaticGraph.variable`.
  public static func variable(_ name: String, _ initial: Tensor, isTrainable: Bool = true) -> StaticVariable {
    StaticGraph.current.variable(name, initial, isTrainable: isTrainable)
  }

  /// A tensor of the current graph that is the same in every run.
  public static func constant(_ value: Tensor) -> Tensor { StaticGraph.current.constant(value) }

  /// Runs `body` with what it makes in the current graph named under `name`.
  public static func nameScope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.nameScope(name, body)
  }

  /// Runs `body` with what it makes in the current graph placed by hand on a device: `ds.device("cpu:1") { … }`.
  public static func device<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.device(name, body)
  }
}
