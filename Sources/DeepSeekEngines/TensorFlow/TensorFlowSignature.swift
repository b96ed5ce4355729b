import DeepSeekTensor

/// What the definition of an operation of TensorFlow's says of types (`tensorflow/core/ops`): the attributes that follow from
/// the inputs, and the outputs' types. TensorFlow's library finds them out by itself; a file must have them.
struct TensorFlowSignature {
  /// What an output's type is.
  enum Output {
    /// That of an input.
    case input(Int)
    /// What an attribute says; else this.
    case attribute(String, DType)
    case type(DType)
  }

  /// Attributes that are the type of an input; those of lists count from the end.
  let types: [(attribute: String, input: Int)]
  let outputs: [Output]

  /// Of an operation that the rules note.
  init(_ type: String) {
    switch type {
    case "Const", "Placeholder": (types, outputs) = ([], [.attribute("dtype", .float32)])
    case "Cast": (types, outputs) = ([("SrcT", 0)], [.attribute("DstT", .float32)])
    case "Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "IsNan", "IsInf", "IsFinite":
      (types, outputs) = ([("T", 0)], [.type(.bool)])
    case "LogicalNot", "LogicalAnd", "LogicalOr": (types, outputs) = ([], [.type(.bool)])
    case "Any", "All": (types, outputs) = ([("Tidx", 1)], [.type(.bool)])
    case "Sum", "Prod", "Mean", "Max", "Min", "Cumsum", "Cumprod", "BroadcastTo":
      (types, outputs) = ([("T", 0), ("Tidx", 1)], [.input(0)])
    case "ArgMax", "ArgMin": (types, outputs) = ([("T", 0), ("Tidx", 1)], [.attribute("output_type", .int64)])
    case "Reshape": (types, outputs) = ([("T", 0), ("Tshape", 1)], [.input(0)])
    case "Transpose": (types, outputs) = ([("T", 0), ("Tperm", 1)], [.input(0)])
    case "Slice", "StridedSlice": (types, outputs) = ([("T", 0), ("Index", 1)], [.input(0)])
    case "Pad", "PadV2": (types, outputs) = ([("T", 0), ("Tpaddings", 1)], [.input(0)])
    case "ConcatV2": (types, outputs) = ([("T", 0), ("Tidx", -1)], [.input(0)])
    case "GatherV2": (types, outputs) = ([("Tparams", 0), ("Tindices", 1), ("Taxis", 2)], [.input(0)])
    case "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterMax", "TensorScatterMin":
      (types, outputs) = ([("T", 0), ("Tindices", 1)], [.input(0)])
    case "UnsortedSegmentProd":
      (types, outputs) = ([("T", 0), ("Tindices", 1), ("Tnumsegments", 2)], [.input(0)])
    // The first input is a condition or a shape.
    case "SelectV2", "Conv2DBackpropInput": (types, outputs) = ([("T", 1)], [.input(1)])
    case "TopKV2": (types, outputs) = ([("T", 0)], [.input(0), .type(.int32)])
    case "LogMatrixDeterminant", "Qr", "SelfAdjointEigV2": (types, outputs) = ([("T", 0)], [.input(0), .input(0)])
    case "Svd": (types, outputs) = ([("T", 0)], [.input(0), .input(0), .input(0)])
    default: (types, outputs) = ([("T", 0)], [.input(0)])
    }
  }
}
