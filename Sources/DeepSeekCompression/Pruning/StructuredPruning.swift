public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

/// Cuts heads and feed-forward neurons out of a model, so that its tensors shrink: those without which the loss changes least
/// go first (Molchanov and others, "Importance estimation for neural network pruning", arXiv:1906.10771).
///
/// ```swift
/// let pruning = try StructuredPruning(model)
/// for batch in batches { pruning.observe(loss: loss(model, batch)) }
/// pruning.prune(keepingHeads: 0.5, keepingNeurons: 0.5)
/// ```
///
/// Optimizers made before keep the old shapes: make a new one for training on.
public final class StructuredPruning: Sendable {
  /// Neurons are kept in multiples of so many, which suits kernels; all, where there are fewer.
  public static let neuronMultiple = 32

  private struct Importance {
    var heads: [Double]
    var neurons: [Double]
  }

  private let model: any Module
  private let blocks: [(name: String, block: PrunableBlock)]
  private let state: Mutex<[Importance]?>

  /// Prepares a model. Throws when it has no layer that heads and neurons can be cut out of, or one is quantized.
  public init(_ model: any Module) throws(QuantizationError) {
    self.model = model
    blocks = model.prunableBlocks
    state = Mutex(nil)
    if blocks.isEmpty { throw .unreachable("the model has no layers that heads and neurons can be cut out of") }
    for (name, block) in blocks {
      for layer in block.layers where layer.adapters.product != nil || !layer.weight.spec.dtype.isFloatingPoint {
        throw .quantized(layer: name)
      }
    }
  }

  /// Notes how much heads and neurons matter for a loss: its gradient is taken, and the weights' gradients are cleared.
  public func observe(loss: Tensor) {
    model.zeroGradients()
    loss.backward()
    noGradient {
      let found = blocks.map { _, block in
        Importance(
          heads: StructuredPruning.taylor(block.attentionOutput, group: block.headWidth),
          neurons: StructuredPruning.taylor(block.contraction, group: 1))
      }
      state.withLock { seen in
        guard let old = seen else { return seen = found }
        seen = zip(old, found).map { old, new in
          Importance(
            heads: zip(old.heads, new.heads).map { $0 + $1 }, neurons: zip(old.neurons, new.neurons).map { $0 + $1 })
        }
      }
    }
    model.zeroGradients()
  }

  /// |Σ weight · gradient| of each group of columns: the loss's change, to first order, without it.
  private static func taylor(_ layer: Linear, group: Int) -> [Double] {
    guard let gradient = layer.weight.gradient else { return [Double](repeating: 0, count: layer.inputCount / group) }
    return (layer.weight.value * gradient).sum(axis: 0).reshaped([layer.inputCount / group, group]).sum(axis: 1).abs()
      .array(of: Double.self)
  }

  /// The size of weights, where no loss was seen.
  private static func magnitude(_ layer: Linear, group: Int) -> [Double] {
    layer.weight.value.cast(to: .float32).sumSquares(axis: 0).reshaped([layer.inputCount / group, group]).sum(axis: 1)
      .array(of: Double.self)
  }

  /// Cuts, leaving these shares of the heads and neurons that there are now, ranked among all layers after each layer's own
  /// importances were brought to length one. One head and ``neuronMultiple`` neurons are left in each layer at least.
  ///
  /// Without an ``observe(loss:)`` before, the size of weights decides. What was observed is forgotten.
  public func prune(keepingHeads headShare: Double = 1, keepingNeurons neuronShare: Double = 1) {
    if !(0...1).contains(headShare) || !(0...1).contains(neuronShare) {
      fatalError("StructuredPruning: \(headShare) of the heads and \(neuronShare) of the neurons")
    }
    noGradient {
      let seen = state.withLock { state in
        defer { state = nil }
        return state
      }
      let importances =
        seen
        ?? blocks.map { _, block in
          Importance(
            heads: StructuredPruning.magnitude(block.attentionOutput, group: block.headWidth),
            neurons: StructuredPruning.magnitude(block.contraction, group: 1))
        }
      let heads = StructuredPruning.kept(importances.map(\.heads), share: headShare, multiple: 1)
      let neurons = StructuredPruning.kept(
        importances.map(\.neurons), share: neuronShare, multiple: StructuredPruning.neuronMultiple)
      for (index, (_, block)) in blocks.enumerated() {
        if heads[index].count < block.headCount { block.keepHeads(heads[index]) }
        if neurons[index].count < block.neuronCount { block.keepNeurons(neurons[index]) }
      }
    }
  }

  /// The indices to keep of each list, in order: the share of all that is largest, in multiples, one multiple at least.
  static func kept(_ importances: [[Double]], share: Double, multiple: Int) -> [[Int]] {
    if share == 1 { return importances.map { Array($0.indices) } }
    var ranked: [(value: Double, list: Int)] = []
    for (list, values) in importances.enumerated() {
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for value in values { ranked.append((length > 0 ? value / length : 0, list)) }
    }
    // Never more than the share, so that a size that was planned is met.
    let count = Int(Double(ranked.count) * share)
    ranked.sort { ($0.value, $1.list) > ($1.value, $0.list) }
    var counts = [Int](repeating: 0, count: importances.count)
    for entry in ranked.prefix(count) { counts[entry.list] += 1 }
    return importances.enumerated().map { list, values in
      let wanted = Swift.min(Swift.max(counts[list] / multiple * multiple, multiple), values.count)
      let order = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
      return order.prefix(wanted).sorted()
    }
  }
}

extension PrunableBlock {
  /// Leaves these heads alone.
  func keepHeads(_ heads: [Int]) {
    let indices = heads.flatMap { head in (0..<headWidth).map { head * headWidth + $0 } }
    for layer in [query, key, value] { layer.keepOutputs(indices) }
    attentionOutput.keepInputs(indices)
  }

  /// Leaves these neurons alone.
  func keepNeurons(_ neurons: [Int]) {
    expansion.keepOutputs(neurons)
    contraction.keepInputs(neurons)
  }
}

extension Linear {
  fileprivate func keepOutputs(_ indices: [Int]) {
    let index = Tensor([indices.count], indices.map { Int64($0) })
    weight.shrink(to: weight.value.indexSelect(axis: 0, index))
    if let bias { bias.shrink(to: bias.value.indexSelect(axis: 0, index)) }
  }

  fileprivate func keepInputs(_ indices: [Int]) {
    weight.shrink(to: weight.value.indexSelect(axis: 1, Tensor([indices.count], indices.map { Int64($0) })))
  }
}

extension Parameter {
  fileprivate func shrink(to value: Tensor) {
    clearGradient()
    self.value = value
  }
}
