public import DeepSeekTensor

/// A layer to whose output adapters can add.
///
/// The layer asks its ``adapters`` each time it is called. A model must therefore call the layer; one that reads the weight
/// and multiplies by itself leaves adapters out.
public protocol AdaptableLayer: Module {
  /// The matrix that a merged adapter is added to.
  var weight: Parameter { get }
  /// What ``weight`` is, and so how an adapter acts.
  var weightLayout: AdaptedWeightLayout { get }
  /// Where adapters hang.
  var adapters: AdapterSlot { get }
}

extension AdaptableLayer {
  /// The lengths that a first factor reads and a second one writes: of a table, its entries and its width.
  package var adaptedSize: (inputs: Int, outputs: Int) {
    if let size = adapters.product?.size { return size }
    let shape = weight.spec.shape
    return weightLayout == .outputsByInputs ? (shape[1], shape[0]) : (shape[0], shape[1])
  }
}

/// What an adapted weight is.
public enum AdaptedWeightLayout: Sendable, Hashable {
  /// A fully connected layer's `[outputs, inputs]`.
  case outputsByInputs
  /// A fully connected layer's `[inputs, outputs]`, as GPT-2's checkpoints have it.
  case inputsByOutputs
  /// A table `[entries, width]` whose rows are looked up.
  case table
}

extension Linear: AdaptableLayer {
  /// `[outputs, inputs]`.
  public var weightLayout: AdaptedWeightLayout { .outputsByInputs }
}

extension Embedding: AdaptableLayer {
  /// `[entries, width]`.
  public var weightLayout: AdaptedWeightLayout { .table }
}
