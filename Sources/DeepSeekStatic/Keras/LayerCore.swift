public import DeepSeekDynamic
import DeepSeekGraph
public import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

extension Keras {
  /// A layer of a ``Model``: what it is, and once it has met its first input the modules with its weights.
  ///
  /// A layer that is called in several places shares its weights among them.
  public protocol Layer: Sendable {
    /// What all layers have in common.
    var core: LayerCore { get }
  }

  /// What a layer is when its input is known: the module with its weights, and what it does.
  public struct LayerBody: Sendable {
    /// Where weights and modes are; `nil` for a layer with neither.
    public let module: (any Module)?
    /// From inputs to what the activation is applied to.
    public let function: @Sendable ([Tensor]) -> Tensor
    /// The same together with an activation, for a layer that can do both at once.
    public let activated: (@Sendable ([Tensor], DeepSeekOperators.Activation) -> Tensor)?
    /// All that a layer of several outputs gives, the first being the one of `function`; `nil` for a layer of one.
    public let outputs: (@Sendable ([Tensor]) -> [Tensor])?

    /// A body.
    public init(
      _ module: (any Module)? = nil,
      activated: (@Sendable ([Tensor], DeepSeekOperators.Activation) -> Tensor)? = nil,
      _ function: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
      self.module = module
      self.activated = activated
      self.function = function
      outputs = nil
    }

    /// A body of several outputs, at least one.
    public init(_ module: (any Module)? = nil, outputs: @escaping @Sendable ([Tensor]) -> [Tensor]) {
      self.module = module
      self.outputs = outputs
      activated = nil
      function = { outputs($0)[0] }
    }

    /// A module from one tensor to one tensor.
    public init(_ layer: any DeepSeekDynamic.Layer) { self.init(layer) { layer($0[0]) } }
  }

  /// A layer's kind, how it is built, and what was built.
  public final class LayerCore: Sendable {
    /// The layer's kind: `Dense`.
    public let kind: String
    /// The name that was asked for; otherwise a model gives one.
    public let name: String?
    /// What is applied at the end.
    public let activation: Activation
    private let make: @Sendable ([TensorSpec]) -> LayerBody
    private let built = Mutex<LayerBody?>(nil)
    private let declared = Mutex<[Dimension?]?>(nil)

    /// A layer that is built by `make`, given the types and shapes of its first inputs, where an open length is a symbol.
    public init(
      _ kind: String, name: String? = nil, activation: Activation = .linear,
      _ make: @escaping @Sendable ([TensorSpec]) -> LayerBody
    ) {
      self.kind = kind
      self.name = name
      self.activation = activation
      self.make = make
    }

    /// The same layer under another name, before it is built.
    public func named(_ name: String) -> LayerCore { LayerCore(kind, name: name, activation: activation, make) }

    /// The module with the layer's weights; `nil` before the first call, and for a layer without.
    public var module: (any Module)? { built.withLock { $0?.module } }

    /// The shape of each example that the layer says it takes; `nil` when it says nothing. A model whose first layer says it
    /// needs no data to be built, as Keras's `input_shape` has it.
    public var inputShape: [Dimension?]? {
      get { declared.withLock { $0 } }
      set { declared.withLock { $0 = newValue } }
    }

    /// What the layer is, built the first time; weights draw from the generator outside of any graph.
    func body(for inputs: [TensorSpec]) -> LayerBody {
      if let body = built.withLock({ $0 }) { return body }
      let body = RandomGenerator.outsideCapture { make(inputs) }
      return built.withLock { held in
        if held == nil { held = body }
        return held!
      }
    }

    /// The layer's output; without the activation when `isActivated` is false.
    func apply(_ inputs: [Tensor], training: Bool, isActivated: Bool = true) -> Tensor {
      let body = body(for: inputs.map(\.spec))
      body.module?.train(training)
      guard isActivated else { return body.function(inputs) }
      if let joined = body.activated, let fused = activation.fused { return joined(inputs, fused) }
      return activation.function(body.function(inputs))
    }

    /// All of the layer's outputs, of which only a lone one has the activation.
    func applyAll(_ inputs: [Tensor], training: Bool, isActivated: Bool = true) -> [Tensor] {
      let body = body(for: inputs.map(\.spec))
      guard let outputs = body.outputs else { return [apply(inputs, training: training, isActivated: isActivated)] }
      body.module?.train(training)
      return outputs(inputs)
    }

    /// Types and shapes of the outputs for these inputs, which builds the layer.
    func outputSpecs(_ inputs: [TensorSpec]) -> [TensorSpec] {
      let builder = GraphBuilder()
      defer { builder.close() }
      return StaticGraph.checked {
        let places = try inputs.enumerated().map { try builder.input("\($0.offset)", $0.element) }
        return builder.building { applyAll(places, training: false) }.map(\.spec)
      }
    }
  }
}

extension Keras.Layer {
  /// The layer on a model's tensor.
  public func callAsFunction(_ input: Keras.SymbolicTensor) -> Keras.SymbolicTensor { self([input]) }

  /// The layer on several of a model's tensors.
  public func callAsFunction(_ inputs: [Keras.SymbolicTensor]) -> Keras.SymbolicTensor { outputs(inputs)[0] }

  /// All outputs of the layer on a model's tensors: of a recurrent layer that returns its states, those after the first.
  public func outputs(_ inputs: [Keras.SymbolicTensor]) -> [Keras.SymbolicTensor] {
    let specs = core.outputSpecs(inputs.map(\.spec))
    let first = Keras.SymbolicTensor(core, inputs, specs[0])
    return [first] + specs.indices.dropFirst().map { Keras.SymbolicTensor(part: $0, of: first, specs[$0]) }
  }

  /// The layer on a tensor of a ``StaticGraph``, or on values.
  public func callAsFunction(_ input: Tensor, training: Bool = false) -> Tensor { self([input], training: training) }

  /// The layer on several tensors of a ``StaticGraph``, or on values.
  public func callAsFunction(_ inputs: [Tensor], training: Bool = false) -> Tensor {
    guard let place = inputs.first(where: { $0.graphValue != nil }), CaptureScope.current == nil else {
      return core.apply(inputs, training: training)
    }
    let graph = StaticGraph.of(place, core.kind)
    let scope = core.name ?? Keras.snakeCase(core.kind)
    return graph.nameScope(scope) { graph.building { core.apply(inputs, training: training) } }
  }

  /// The module with the layer's weights; `nil` before the first call, and for a layer without.
  public var module: (any Module)? { core.module }
}

extension Keras {
  /// `MaxPooling2D` as `max_pooling2d` and `Conv2DTranspose` as `conv2d_transpose`, as Keras names layers that nobody named.
  public static func snakeCase(_ kind: String) -> String {
    let letters = Array(kind)
    var result = ""
    for (index, letter) in letters.enumerated() {
      let beginsWord = index + 1 < letters.count && letters[index + 1].isLowercase
      let endsWord = index > 0 && letters[index - 1].isLowercase
      if index > 0 && letter.isUppercase && (beginsWord || endsWord) { result += "_" }
      result += letter.lowercased()
    }
    return result
  }
}
