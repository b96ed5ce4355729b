package import DeepSeekTensor

/// One output of an operation of TensorFlow's: the operation's number, in the order in which they were noted, and which of
/// its outputs.
package struct TensorFlowOutput: Sendable, Hashable {
  package let operation: Int
  package let index: Int
}

/// An attribute of an operation of TensorFlow's.
package enum TensorFlowAttribute: Sendable {
  case type(DType)
  case integer(Int)
  case integers([Int])
  case bool(Bool)
  case string(String)
  case shape([Int])
  case tensor(Tensor)
}

/// An operation of TensorFlow's, as rules note it. Attributes that follow from the inputs' types are not among its attributes.
struct TensorFlowOperation {
  let type: String
  let name: String
  /// Inputs that are a list of tensors; they come before the others.
  let list: [TensorFlowOutput]
  let inputs: [TensorFlowOutput]
  let attributes: [(name: String, value: TensorFlowAttribute)]
}

/// Where operations of TensorFlow's go: into a graph of its library, or a list.
protocol TensorFlowTarget: AnyObject {
  /// Takes the next operation. Throws ``EngineError`` when TensorFlow refuses it.
  func add(_ operation: TensorFlowOperation) throws
}
