public import DeepSeekDynamic
import DeepSeekTensor

/// What a model would weigh, cut to a share of its heads and neurons and quantized, before any of it is done.
public struct CompressionPlan {
  private let model: any Module
  private let config: QuantizationConfig

  /// For a model in full precision.
  public init(_ model: any Module, _ config: QuantizationConfig) {
    self.model = model
    self.config = config
  }

  /// The bytes of what is saved when these shares of the heads and neurons are kept and the rest is quantized.
  public func byteCount(keeping share: Double) throws(QuantizationError) -> Int {
    let blocks = model.prunableBlocks
    var bytes = model.savedByteCount
    // What cutting leaves of a layer's outputs and inputs.
    var cut: [ObjectIdentifier: (outputs: Double, inputs: Double)] = [:]
    for (_, block) in blocks {
      for layer in [block.query, block.key, block.value, block.expansion] {
        cut[ObjectIdentifier(layer)] = (share, 1)
        if let bias = layer.bias { bytes -= Int(Double(bias.spec.shape.elementCount) * (1 - share)) * 4 }
      }
      for layer in [block.attentionOutput, block.contraction] { cut[ObjectIdentifier(layer)] = (1, share) }
    }
    for target in try config.targets(of: model).targets {
      let spec = target.layer.weight.spec
      let left = cut[ObjectIdentifier(target.layer)] ?? (1, 1)
      let size = target.layer.matrixSize
      let outputs = Int((Double(size.outputs) * left.outputs).rounded(.up))
      let inputs = Int((Double(size.inputs) * left.inputs).rounded(.up))
      let specs = config.format(of: target.layer).specs(outputs: outputs, inputs: inputs)
      bytes -= spec.shape.elementCount * spec.dtype.byteCount
      for part in [specs.weight, specs.scales, specs.zeroPoints].compactMap({ $0 }) {
        bytes += part.shape.elementCount * part.dtype.byteCount
      }
    }
    return bytes
  }

  /// Shares that are tried, and the smallest of them: less is left of no model that still works.
  private static let stepCount = 200
  private static let smallestShare = 0.1

  /// The largest share of heads and neurons with which a size is met. Cuts go in whole heads and in multiples of neurons, so
  /// a little is left over.
  public func share(within target: Int) throws(QuantizationError) -> Double {
    for step in 0...CompressionPlan.stepCount {
      let share = 1 - Double(step) / Double(CompressionPlan.stepCount)
      if share < CompressionPlan.smallestShare { break }
      if try byteCount(keeping: share) <= target { return share }
    }
    let least = try byteCount(keeping: CompressionPlan.smallestShare)
    throw .unreachable(
      "\(target) bytes are too few: with a tenth of the heads and neurons, quantized, \(least) are left; give tables fewer bits or a larger target"
    )
  }
}
