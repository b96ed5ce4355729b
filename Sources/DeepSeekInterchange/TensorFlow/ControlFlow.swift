/// TensorFlow's operators that decide what runs, which the importer follows itself.
enum ControlFlow: String, CaseIterable {
  case partitionedCall = "PartitionedCall"
  case statefulPartitionedCall = "StatefulPartitionedCall"
  case `if` = "If"
  case statelessIf = "StatelessIf"
  case `while` = "While"
  case statelessWhile = "StatelessWhile"
  case `switch` = "Switch"
  case referenceSwitch = "RefSwitch"
  case merge = "Merge"
  case referenceMerge = "RefMerge"

  /// The attributes that name the functions it calls.
  var functionAttributes: [String] {
    switch self {
    case .partitionedCall, .statefulPartitionedCall: ["f"]
    case .if, .statelessIf: ["then_branch", "else_branch"]
    case .while, .statelessWhile: ["cond", "body"]
    case .switch, .referenceSwitch, .merge, .referenceMerge: []
    }
  }

  /// The names of an operator's outputs, where there are several; a function's nodes are read by these names.
  static func outputNames(_ operation: String) -> [String]? {
    switch operation {
    case "Switch", "RefSwitch": ["output_false", "output_true"]
    case "Merge", "RefMerge": ["output", "value_index"]
    case "TopKV2": ["values", "indices"]
    case "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3":
      ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"]
    default: nil
    }
  }
}
