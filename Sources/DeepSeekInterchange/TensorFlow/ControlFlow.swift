/// TensorFlow's operators that decide what runs, which the importer follows itself.
enum ControlFlow: String, CaseIterable {
  case partitionedCall = "PartitionedCall"
  case statefulPartitionedCall = "StatefulPartitionedCall"
  case `if` = "If"
  case statelessIf = "StatelessIf"
  case `case` = "Case"
  case statelessCase = "StatelessCase"
  case `while` = "While"
  case statelessWhile = "StatelessWhile"
  case `switch` = "Switch"
  case referenceSwitch = "RefSwitch"
  case merge = "Merge"
  case referenceMerge = "RefMerge"

  /// The attributes that name the functions it calls, or list their names.
  var functionAttributes: [String] {
    switch self {
    case .partitionedCall, .statefulPartitionedCall: ["f"]
    case .if, .statelessIf: ["then_branch", "else_branch"]
    case .case, .statelessCase: ["branches"]
    case .while, .statelessWhile: ["cond", "body"]
    case .switch, .referenceSwitch, .merge, .referenceMerge: []
    }
  }
}
