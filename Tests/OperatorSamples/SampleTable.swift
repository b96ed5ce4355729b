public import DeepSeekTensor

/// The rows of the operator table as they are gathered.
public struct SampleTable {
  /// The rows so far.
  public private(set) var rows: [OperatorSample] = []

  /// Without rows.
  public init() {}

  /// The floating types that arithmetic works on, the most exact first.
  public static let floats: [DType] = [.float64, .float32, .float16, .bfloat16]

  /// Adds a row of one output.
  public mutating func row(
    _ name: String, _ inputs: [SampleInput], torch: String? = nil, dtypes: [DType] = floats, derivatives: Int = 2,
    tolerance: Double = 1, stepError: Double? = nil, hasTrueGradient: Bool = true, widensHalves: Bool = false,
    captures: Bool = true,
    covers: [any Operator.Type] = [],
    _ body: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    rows(
      name, inputs, torch: torch, dtypes: dtypes, derivatives: derivatives, tolerance: tolerance,
      stepError: stepError, hasTrueGradient: hasTrueGradient, widensHalves: widensHalves, captures: captures,
      covers: covers
    ) { [body($0)] }
  }

  /// Adds a row of several outputs.
  public mutating func rows(
    _ name: String, _ inputs: [SampleInput], torch: String? = nil, dtypes: [DType] = floats, derivatives: Int = 2,
    tolerance: Double = 1, stepError: Double? = nil, hasTrueGradient: Bool = true, widensHalves: Bool = false,
    captures: Bool = true,
    covers: [any Operator.Type] = [],
    _ body: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) {
    if rows.contains(where: { $0.name == name }) { fatalError("SampleTable: two rows are named '\(name)'") }
    rows.append(
      OperatorSample(
        name: name, inputs: inputs, torch: torch, dtypes: inputs.contains { $0.dtype == nil } ? dtypes : [.float64],
        derivatives: derivatives, tolerance: tolerance, stepError: stepError, hasTrueGradient: hasTrueGradient,
        widensHalves: widensHalves,
        captures: captures, covers: covers, body: body))
  }
}

extension OperatorSample {
  /// The whole table.
  public static let all: [OperatorSample] = {
    var table = SampleTable()
    addUnarySamples(to: &table)
    addBinarySamples(to: &table)
    addReductionSamples(to: &table)
    addViewSamples(to: &table)
    addIndexingSamples(to: &table)
    addSubscriptSamples(to: &table)
    addProductSamples(to: &table)
    addLinearAlgebraSamples(to: &table)
    addNormalizationSamples(to: &table)
    addAttentionSamples(to: &table)
    addLossSamples(to: &table)
    addConvolutionSamples(to: &table)
    addPoolingSamples(to: &table)
    addChannelNormalizationSamples(to: &table)
    addRecurrentSamples(to: &table)
    addMoreLossSamples(to: &table)
    addMoreActivationSamples(to: &table)
    addRandomSamples(to: &table)
    addQuantizationSamples(to: &table)
    addUpdateSamples(to: &table)
    addLargeSamples(to: &table)
    addWholeNumberSamples(to: &table)
    addEverydaySamples(to: &table)
    addEmptySamples(to: &table)
    return table.rows
  }()
}
