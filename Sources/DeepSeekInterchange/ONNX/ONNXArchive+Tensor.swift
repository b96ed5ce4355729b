package import DeepSeekProtocols
package import DeepSeekTensor

extension ONNXArchive {
  /// A tensor that stands in a message of its own, as ONNX's test data has them.
  ///
  /// Throws `OperatorError` when type, shape and contents do not fit together.
  package static func tensor(_ proto: Onnx_TensorProto) throws -> Tensor { try proto.tensor() }
}
