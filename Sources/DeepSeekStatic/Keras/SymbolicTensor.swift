public import DeepSeekTensor

extension Keras {
  /// A tensor of a model that is being put together: an input, or what a layer gives.
  ///
  /// ```swift
  /// let input = Keras.Input([32])
  /// let hidden = Keras.Layers.Dense(64, activation: .relu)(input)
  /// let sum = Keras.Layers.Add()([hidden, Keras.Layers.Dense(64)(input)])
  /// let model = Keras.Model(inputs: [input], outputs: [Keras.Layers.Dense(1)(sum)])
  /// ```
  public final class SymbolicTensor: Sendable {
    enum Source: Sendable {
      case input(name: String?)
      case layer(LayerCore, [SymbolicTensor])
      /// Another output of the call that gave a layer's first.
      case part(Int, of: SymbolicTensor)
    }

    let source: Source
    /// Type and shape, the first axis being the batch.
    public let spec: TensorSpec

    /// An input of this shape for each example; `nil` is left open.
    public convenience init(_ shape: [Dimension?], dtype: DType = .float32, name: String? = nil) {
      let lengths = shape.enumerated().map { axis, length in length ?? .symbol("\(name ?? "input").\(axis + 1)") }
      self.init(TensorSpec(dtype, Shape([StaticGraph.batch] + lengths)), name: name)
    }

    init(_ spec: TensorSpec, name: String? = nil) {
      source = .input(name: name)
      self.spec = spec
    }

    init(_ core: LayerCore, _ inputs: [SymbolicTensor], _ spec: TensorSpec) {
      source = .layer(core, inputs)
      self.spec = spec
    }

    init(part: Int, of first: SymbolicTensor, _ spec: TensorSpec) {
      source = .part(part, of: first)
      self.spec = spec
    }

    /// What must be there before it.
    var operands: [SymbolicTensor] {
      switch source {
      case .input: []
      case .layer(_, let inputs): inputs
      case .part(_, let first): [first]
      }
    }

    /// The lengths, the first being the batch.
    public var shape: Shape { spec.shape }
  }
}
