public import DeepSeekTensor
import Synchronization

/// The types of operators by name: what a graph read from a file may consist of.
///
/// The framework's own are listed here. An operator of one's own joins with ``register(_:)``, once, before a graph that
/// uses it is read or written.
public enum Vocabulary {
  /// The framework's operators.
  public static let builtIn: [any Operator.Type] = [
    AdafactorOperator.self,
    AdagradOperator.self,
    AdamOperator.self,
    AddLayerNormOperator.self,
    ArgReduceOperator.self,
    AttentionGradientOperator.self,
    AttentionOperator.self,
    AveragePoolGradientOperator.self,
    AveragePoolOperator.self,
    BatchNormGradientOperator.self,
    BatchNormInferenceOperator.self,
    BatchNormOperator.self,
    BinaryOperator.self,
    BroadcastOperator.self,
    CastOperator.self,
    CategoricalOperator.self,
    CholeskyOperator.self,
    CofactorOperator.self,
    ConcatenateOperator.self,
    ConvolutionOperator.self,
    ConvolutionTransposedOperator.self,
    ConvolutionWeightGradientOperator.self,
    CrossEntropyGradientOperator.self,
    CrossEntropyOperator.self,
    CumulativeOperator.self,
    DeterminantOperator.self,
    DeterminantValueOperator.self,
    DiagonalMatrixOperator.self,
    DiagonalOperator.self,
    DropoutAddOperator.self,
    DropoutOperator.self,
    ElementwiseChainOperator.self,
    EmbeddingGradientOperator.self,
    EmbeddingOperator.self,
    FakeQuantizeGradientOperator.self,
    FakeQuantizeOperator.self,
    FoldOperator.self,
    GatherNDOperator.self,
    GatherOperator.self,
    GroupNormGradientOperator.self,
    GroupNormOperator.self,
    IndexAddOperator.self,
    IndexSelectOperator.self,
    LAMBOperator.self,
    LARSOperator.self,
    LayerNormGradientOperator.self,
    LayerNormOperator.self,
    LeastSquaresOperator.self,
    LinearOperator.self,
    LionOperator.self,
    MaskedScatterOperator.self,
    MaskedSelectOperator.self,
    MatmulOperator.self,
    MaxPoolGradientOperator.self,
    MaxPoolOperator.self,
    NonzeroOperator.self,
    OneHotOperator.self,
    PackedLinearOperator.self,
    PackedQuantizedLinearOperator.self,
    PadGradientOperator.self,
    PadOperator.self,
    QROperator.self,
    QuantizedLinearOperator.self,
    RMSNormGradientOperator.self,
    RMSNormOperator.self,
    RMSpropOperator.self,
    RandomOperator.self,
    RecurrentGradientOperator.self,
    RecurrentOperator.self,
    ReduceOperator.self,
    ReshapeOperator.self,
    ResizeGradientOperator.self,
    ResizeOperator.self,
    RollOperator.self,
    RotaryOperator.self,
    SGDOperator.self,
    SVDOperator.self,
    ScatterNDOperator.self,
    ScatterOperator.self,
    SearchSortedOperator.self,
    ShapeOperator.self,
    SliceGradientOperator.self,
    SliceOperator.self,
    SliceUpdateOperator.self,
    SoftmaxGradientOperator.self,
    SoftmaxOperator.self,
    SolveOperator.self,
    SortOperator.self,
    SymmetricEigenOperator.self,
    TopKOperator.self,
    TransposeOperator.self,
    TriangularOperator.self,
    TriangularSolveOperator.self,
    UnaryGradientOperator.self,
    UnaryOperator.self,
    UnfoldOperator.self,
    UniqueOperator.self,
    VarianceOperator.self,
    WhereOperator.self,
  ]

  private static let types = Mutex<[String: any Operator.Type]>(
    Dictionary(uniqueKeysWithValues: builtIn.map { (name(of: $0), $0) }))

  /// The name of a type in files: the type's own, without its module.
  public static func name(of type: any Operator.Type) -> String { String(describing: type) }

  /// Adds an operator type. Traps when another type has its name.
  public static func register(_ type: any Operator.Type) {
    let name = name(of: type)
    let isTaken = types.withLock { types in
      if let known = types[name], known != type { return true }
      types[name] = type
      return false
    }
    if isTaken { fatalError("Vocabulary: another operator type is named '\(name)'") }
  }

  /// The type of a name; `nil` when none was registered under it.
  public static func type(named name: String) -> (any Operator.Type)? { types.withLock { $0[name] } }
}
