public import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

extension Keras {
  /// Layers put together, one after another or as they branch; see ``Keras``.
  ///
  /// A module of the dynamic graph too: its weights have keys (`dense.weight`), and it can be called on values.
  public final class Model: DeepSeekDynamic.Layer {
    struct State {
      /// Layers whose input is not known yet.
      var pending: [any Keras.Layer] = []
      var network: Network?
      var compilation: Compilation?
      var engines: [EngineKey: Engine] = [:]
    }

    let state: Mutex<State>
    /// How a call on one tensor runs the layers; evaluation until told otherwise, as Keras calls a model.
    public let mode = TrainingMode(isTraining: false)

    /// Layers one after another. Without a shape, the first data that the model meets says what its input is.
    ///
    /// - Parameter inputShape: The shape of each example; `nil` within it is left open.
    public init(_ layers: [any Keras.Layer], inputShape: [Dimension?]? = nil, dtype: DType = .float32) {
      state = Mutex(State(pending: layers))
      if let inputShape { build(Keras.Input(inputShape, dtype: dtype)) }
    }

    /// The part of a network of layers between some tensors. Traps when the outputs need another input.
    public init(inputs: [SymbolicTensor], outputs: [SymbolicTensor]) {
      state = Mutex(State(network: Network(inputs: inputs, outputs: outputs)))
    }

    /// Adds a layer at the end. Traps when the model has been built.
    public func add(_ layer: any Keras.Layer) {
      let isBuilt = state.withLock { state in
        if state.network != nil { return true }
        state.pending.append(layer)
        return false
      }
      if isBuilt { fatalError("Keras.Model: a layer is added after the model was built") }
    }

    /// Whether the layers have their weights.
    public var isBuilt: Bool { state.withLock { $0.network != nil } }

    /// Gives the layers their weights for examples of this shape. Does nothing when they have them.
    public func build(inputShape: [Dimension?], dtype: DType = .float32) {
      if !isBuilt { build(Keras.Input(inputShape, dtype: dtype)) }
    }

    private func build(_ input: SymbolicTensor) {
      let layers = state.withLock { $0.pending }
      let network = Network(inputs: [input], outputs: [layers.reduce(input) { $1($0) }])
      state.withLock { state in if state.network == nil { state.network = network } }
    }

    /// The network; traps before it is known.
    func network(_ who: String) -> Network {
      if let declared = state.withLock({ $0.network == nil ? $0.pending.first?.core.inputShape : nil }) {
        build(Keras.Input(declared))
      }
      guard let network = state.withLock({ $0.network }) else {
        fatalError("\(who): the model's input is not known yet; give inputShape, or fit it first")
      }
      return network
    }

    /// Builds the model for this data when it has not been.
    func build(for data: [Tensor]) {
      if isBuilt { return }
      if data.count != 1 {
        fatalError("Keras.Model: \(data.count) inputs for layers one after another, which take one")
      }
      if let declared = state.withLock({ $0.pending.first?.core.inputShape }) {
        return build(Keras.Input(declared, dtype: data[0].dtype))
      }
      if data[0].rank < 1 { fatalError("Keras.Model: the data is \(data[0].spec); [examples, …] is expected") }
      build(inputShape: data[0].shape.dimensions.dropFirst().map { $0 }, dtype: data[0].dtype)
    }

    /// The layers under their names, in the order of their first use.
    public var layers: [(name: String, core: LayerCore)] { network("layers").layers }

    /// Weights and state of the layers, under the layers' names.
    public var fields: [ModuleField] {
      let layers = state.withLock { $0.network }?.layers ?? []
      return [ModuleField("mode", .mode(mode))]
        + layers.compactMap { name, core in core.module.map { ModuleField(name, .module($0)) } }
    }

    /// The first output for a first input, at once or in a graph, trained or evaluated as ``mode`` says.
    public func callAsFunction(_ input: Tensor) -> Tensor {
      build(for: [input])
      return self([input], training: mode.isTraining)[0]
    }

    /// The outputs for inputs, at once or in a graph.
    public func callAsFunction(_ inputs: [Tensor], training: Bool = false) -> [Tensor] {
      network("Keras.Model").run(inputs, training: training) { $1() }
    }

    /// Types and shapes of the inputs, the first axis being the batch.
    public var inputSpecs: [TensorSpec] { network("inputSpecs").inputs.map(\.spec) }
  }
}
