public import DeepSeekDynamic
public import DeepSeekOperators
public import DeepSeekTensor

/// What a model folder's `config.json` says under `quantization_config`: which layers have few bits, and how.
///
/// ```json
/// {"quant_method": "deepseek", "version": 1, "config": {…},
///  "layers": {"encoder.layer.0.output.dense": {"bits": 8, "input": "dynamic"}}}
/// ```
public struct QuantizationRecord: Sendable, Hashable {
  /// The member of `config.json`.
  public static let field = "quantization_config"

  /// One layer.
  public struct Layer: Sendable, Hashable {
    /// Its key.
    public let name: String
    /// How its weight is kept.
    public let format: WeightFormat
    /// What becomes of its input.
    public let input: QuantizedInput
    /// Whether its input is multiplied by `input_factor`.
    public let hasFactor: Bool
  }

  /// The choices by which the layers were made.
  public let config: QuantizationConfig
  /// The layers, in the model's order.
  public let layers: [Layer]

  /// What is quantized in a model; `nil` when nothing is.
  public init?(of model: any Module) {
    var config: QuantizationConfig?
    var layers: [Layer] = []
    // What a table and the output layer that it is have in common is kept once.
    var seen: Set<ObjectIdentifier> = []
    for (name, module) in model.namedModules() {
      guard let product = (module as? any AdaptableLayer)?.quantizedProduct,
        seen.insert(ObjectIdentifier(product)).inserted
      else { continue }
      config = product.config
      layers.append(
        Layer(name: name, format: product.format, input: product.input, hasFactor: product.factor != nil))
    }
    guard let config else { return nil }
    (self.config, self.layers) = (config, layers)
  }

  /// Gives a model that has not been quantized the layers' structure, with weights that are still to be loaded.
  ///
  /// - Parameters:
  ///   - model: Whose layers are not quantized.
  ///   - stored: Type and shape of a layer's weight where the weights are to come from; `nil` leaves that layer as it is, as
  ///     does another shape, which whoever loads the weights then reports.
  /// - Throws: ``QuantizationError`` that names the layer, before anything changed.
  public func prepare(
    _ model: any Module, stored: (_ layer: String) throws -> (key: String, weight: TensorSpec)?
  ) throws {
    let modules = Dictionary(model.namedModules().map { ($0.name, $0.module) }) { first, _ in first }
    let owners = WeightOwners(model)
    var changes: [() -> Void] = []
    for layer in layers {
      guard let (key, spec) = try stored(layer.name) else { continue }
      guard let target = modules[key] as? any AdaptableLayer, owners.otherKey(key, target, tied: true) == nil else {
        throw QuantizationError.unfitting(
          layer: layer.name, reason: "the model has no layer of this name that can have few bits")
      }
      let (outputs, inputs) = target.matrixSize
      if let obstacle = layer.format.obstacle(outputs: outputs, inputs: inputs) {
        throw QuantizationError.unfitting(layer: layer.name, reason: obstacle)
      }
      let specs = layer.format.specs(outputs: outputs, inputs: inputs)
      guard spec.dtype == specs.weight.dtype else {
        throw QuantizationError.unfitting(
          layer: layer.name, reason: "its weight is \(spec.dtype); \(specs.weight.dtype) is expected")
      }
      if spec.shape != specs.weight.shape { continue }
      let product = QuantizedProduct(
        config, layer.format, layer.input, inputs: inputs, outputs: outputs, scales: .placeholder(specs.scales),
        zeroPoints: specs.zeroPoints.map { .placeholder($0) },
        factor: layer.hasFactor ? .placeholder(TensorSpec(.float32, [inputs])) : nil)
      changes.append {
        for layer in [target] + owners.others(of: target).map(\.layer) {
          layer.place(.placeholder(specs.weight), product)
        }
      }
    }
    for change in changes { change() }
  }
}

extension Tensor {
  /// Zeros that take the room of one.
  fileprivate static func placeholder(_ spec: TensorSpec) -> Tensor {
    Tensor.zeros([1], dtype: spec.dtype).broadcast(to: spec.shape)
  }
}
