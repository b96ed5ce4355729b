import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// A layer's own product, which notes what the layer is given.
final class ObservingProduct: LayerProduct {
  private let needs: InputObservation.Needs
  /// What inputs are multiplied by before they are looked at.
  private let factor: Tensor?
  private let state = Mutex(InputObservation())

  init(_ needs: InputObservation.Needs, factor: Tensor? = nil) {
    self.needs = needs
    self.factor = factor
  }

  var observation: InputObservation { state.withLock { $0 } }

  func linear(_ input: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor {
    // A place in a graph has no numbers.
    if input.graphValue == nil {
      noGradient { state.withLock { $0.add(factor.map { input * $0 } ?? input, needs) } }
    }
    return input.linear(weight, bias: bias, activation: activation)
  }
}

extension InputObservation {
  /// Runs examples and looks at the layers' inputs, divided by their scales where they have some.
  static func observing(
    _ targets: [QuantizationTarget], _ needs: Needs, scales: [String: Tensor] = [:], run: () throws -> Void
  ) rethrows -> [String: InputObservation] {
    var products: [(name: String, product: ObservingProduct)] = []
    for target in targets {
      let product = ObservingProduct(needs, factor: scales[target.name].map { $0.reciprocal() })
      target.layer.adapters.product = product
      products.append((target.name, product))
    }
    defer { for target in targets { target.layer.adapters.product = nil } }
    try run()
    return Dictionary(uniqueKeysWithValues: products.map { ($0.name, $0.product.observation) })
  }
}
