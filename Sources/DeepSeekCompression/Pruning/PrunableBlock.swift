public import DeepSeekDynamic

/// The parts of a Transformer layer that heads and neurons can be cut out of: what is cut from one weight's rows goes from the
/// next one's columns.
public struct PrunableBlock: Sendable {
  /// To queries, keys and values: `[heads · headWidth, width]`.
  public let query, key, value: Linear
  /// From what the heads gathered: `[width, heads · headWidth]`.
  public let attentionOutput: Linear
  /// The width of a head, which stays.
  public let headWidth: Int
  /// To the neurons: `[neurons, width]`.
  public let expansion: Linear
  /// From the neurons: `[width, neurons]`.
  public let contraction: Linear

  /// A layer's parts.
  public init(
    query: Linear, key: Linear, value: Linear, attentionOutput: Linear, headWidth: Int, expansion: Linear,
    contraction: Linear
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.attentionOutput = attentionOutput
    self.headWidth = headWidth
    self.expansion = expansion
    self.contraction = contraction
  }

  /// Heads left.
  public var headCount: Int { query.outputCount / headWidth }
  /// Neurons left.
  public var neuronCount: Int { expansion.outputCount }

  /// The layers whose sizes change.
  var layers: [Linear] { [query, key, value, attentionOutput, expansion, contraction] }
}

/// A Transformer layer that goes on working when heads and neurons are cut out of its weights.
public protocol PrunableLayer: Module {
  /// Its parts.
  var prunableBlock: PrunableBlock { get }
}

extension Module {
  /// The layers that heads and neurons can be cut out of, with their keys.
  public var prunableBlocks: [(name: String, block: PrunableBlock)] {
    namedModules().compactMap { name, module in (module as? any PrunableLayer).map { (name, $0.prunableBlock) } }
  }
}
