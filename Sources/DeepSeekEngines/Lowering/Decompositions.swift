import DeepSeekOperators
import DeepSeekTensor

/// How operators are made of simpler ones once every length is known: for engines that lack a counterpart.
///
/// What an operator says of itself (``Operator/decomposition(_:)``) holds for any lengths and is used where nothing stands
/// here. These use what only a lowered graph has: tables of indices computed from the lengths.
enum Decompositions {
  /// A rule: the operator, its inputs, and who builds the graph. `nil` for attributes it does not cover.
  typealias Rule = @Sendable (any Operator, [Tensor], LoweringBuilder) throws -> [Tensor]?

  /// The rules by operator type.
  static let table: [ObjectIdentifier: Rule] = Dictionary(uniqueKeysWithValues: entries)

  private static let entries = elementwise + reductions + indexing + layouts + windows + sorting + random

  /// A table's entry for one type of operator.
  static func entry<Operation: Operator>(
    _ type: Operation.Type, _ rule: @escaping @Sendable (Operation, [Tensor], LoweringBuilder) throws -> [Tensor]?
  ) -> (ObjectIdentifier, Rule) {
    (
      ObjectIdentifier(type),
      { operation, inputs, builder in
        guard let operation = operation as? Operation else { return nil }
        return try rule(operation, inputs, builder)
      }
    )
  }

  /// Whether elements are moved and none is computed: such operators run in any type.
  static func movesOnly(_ operation: any Operator) -> Bool { moving.contains(ObjectIdentifier(type(of: operation))) }

  private static let moving: Set<ObjectIdentifier> = Set(
    ([
      BroadcastOperator.self, CastOperator.self, ConcatenateOperator.self, DiagonalMatrixOperator.self,
      DiagonalOperator.self, EmbeddingOperator.self, GatherNDOperator.self, GatherOperator.self,
      IndexSelectOperator.self, MaskedScatterOperator.self, MaskedSelectOperator.self, OneHotOperator.self,
      PadOperator.self, ReshapeOperator.self, RollOperator.self, SliceGradientOperator.self, SliceOperator.self,
      SliceUpdateOperator.self, TransposeOperator.self, TriangularOperator.self, WhereOperator.self,
    ] as [any Operator.Type]).map { ObjectIdentifier($0) })

  /// For an operator with a tensor of indices: which input that is, and how many entries it counts in.
  static func indexed(_ operation: any Operator, _ inputs: [Tensor]) -> (operand: Int, length: Int)? {
    switch operation {
    case let select as IndexSelectOperator: (1, inputs[0].shape[select.axis])
    case let gather as GatherOperator: (1, inputs[0].shape[gather.axis])
    case let scatter as ScatterOperator: (1, inputs[0].shape[scatter.axis])
    case is EmbeddingOperator: (1, inputs[0].shape[0])
    case is ScatterNDOperator where inputs[1].shape[-1] == 1: (1, inputs[0].shape[0])
    default: nil
    }
  }
}
