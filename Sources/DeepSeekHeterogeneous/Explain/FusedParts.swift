import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

extension Graph.Node {
  /// What the node's operator does at once that could be several, in order; empty where nothing was fused.
  var fusedParts: [String] {
    let parts: [String] =
      switch operation {
      case let linear as LinearOperator: Self.product(hasBias: inputs.count == 3, linear.activation)
      case let linear as PackedLinearOperator: Self.product(hasBias: inputs.count == 3, linear.activation)
      case let linear as QuantizedLinearOperator: Self.product(linear)
      case let linear as PackedQuantizedLinearOperator: Self.product(linear.product)
      case let chain as ElementwiseChainOperator: chain.steps.map(\.operation.name)
      case is AddLayerNormOperator: ["add", "layer_norm"]
      case let attention as AttentionOperator:
        ["matmul", "scale"] + (attention.hasMask || attention.isCausal || attention.isPacked ? ["mask"] : [])
          + ["softmax"] + (attention.dropout > 0 ? ["dropout"] : []) + ["matmul"]
      default: []
      }
    return parts.count > 1 ? parts : []
  }

  private static func product(_ linear: QuantizedLinearOperator) -> [String] {
    (linear.input == .unquantized ? [] : ["quantize"]) + product(hasBias: linear.hasBias, linear.activation)
  }

  private static func product(hasBias: Bool, _ activation: Activation) -> [String] {
    ["product"] + (hasBias ? ["bias"] : []) + (activation == .none ? [] : [activation.rawValue])
  }
}

extension Explanation.Step {
  /// What was fused, as a label ends: ` (product + bias + gelu)`; nothing where nothing was.
  var fusedSuffix: String { fused.isEmpty ? "" : " (\(fused.joined(separator: " + ")))" }
}
