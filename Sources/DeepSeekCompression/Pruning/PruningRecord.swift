public import DeepSeekDynamic
public import DeepSeekJSON
import DeepSeekTensor

/// What a model folder's `config.json` says under `pruned_blocks`: the heads and neurons that are left in each layer.
public struct PruningRecord: Sendable, Hashable {
  /// The member of `config.json`.
  public static let field = "pruned_blocks"

  private struct Block: Hashable {
    let name: String
    let heads: Int
    let neurons: Int
  }

  private let blocks: [Block]

  /// The sizes of a model's layers where they differ from what its configuration says; `nil` where none does.
  public init?(of model: any Module, heads: Int, neurons: Int) {
    let all = model.prunableBlocks.map {
      Block(name: $0.name, heads: $0.block.headCount, neurons: $0.block.neuronCount)
    }
    blocks = all.filter { $0.heads != heads || $0.neurons != neurons }
    if blocks.isEmpty { return nil }
  }

  /// As `config.json` has it: `{"encoder.layer.0": {"heads": 6, "neurons": 512}, …}`.
  public var json: JSONValue {
    var object = JSONObject()
    for block in blocks { object[block.name] = ["heads": .integer(block.heads), "neurons": .integer(block.neurons)] }
    return .object(object)
  }

  /// The record that JSON holds. Throws ``QuantizationError`` that names the field.
  public init(_ json: JSONValue) throws(QuantizationError) {
    guard let members = json.object?.members else {
      throw .invalidField(PruningRecord.field, value: json.kind, expected: "an object")
    }
    var blocks: [Block] = []
    for member in members {
      let keys = member.value.object?.keys ?? []
      for key in keys where key != "heads" && key != "neurons" {
        throw .unknownField("\(member.key).\(key)", known: ["heads", "neurons"])
      }
      guard let heads = member.value["heads"]?.integer, let neurons = member.value["neurons"]?.integer, heads > 0,
        neurons > 0
      else {
        throw .invalidField(
          "\(PruningRecord.field).\(member.key)", value: member.value.kind,
          expected: "heads and neurons, whole numbers above 0")
      }
      blocks.append(Block(name: member.key, heads: heads, neurons: neurons))
    }
    self.blocks = blocks
  }

  /// Cuts a fresh model's layers to these sizes, which may only be smaller; their weights are loaded next.
  ///
  /// - Parameter key: The model's key of a layer of the record; `nil` leaves it out.
  /// - Throws: ``QuantizationError`` that names the layer, before anything changed.
  public func prepare(_ model: any Module, key: (String) -> String?) throws(QuantizationError) {
    let known = Dictionary(uniqueKeysWithValues: model.prunableBlocks.map { ($0.name, $0.block) })
    var changes: [(block: PrunableBlock, heads: Int, neurons: Int)] = []
    for block in blocks {
      guard let name = key(block.name) else { continue }
      guard let found = known[name] else {
        throw .unfitting(layer: block.name, reason: "the model has no layer of this name with heads and neurons")
      }
      guard block.heads <= found.headCount, block.neurons <= found.neuronCount else {
        throw .unfitting(
          layer: block.name,
          reason:
            "\(block.heads) heads and \(block.neurons) neurons; the model has \(found.headCount) and \(found.neuronCount)"
        )
      }
      changes.append((found, block.heads, block.neurons))
    }
    for (block, heads, neurons) in changes {
      block.keepHeads(Array(0..<heads))
      block.keepNeurons(Array(0..<neurons))
    }
  }
}
