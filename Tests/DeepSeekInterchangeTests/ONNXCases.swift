import DeepSeekInterchange
import DeepSeekProtocols
import DeepSeekTensor
import Foundation
import SwiftProtobuf

/// One of ONNX's backend cases: a folder with a model, its inputs and what it must give.
struct ONNXCase: Sendable {
  /// The folder's name within the data.
  let name: String
  let folder: String

  /// Where Debian's `libonnx-testdata` puts them, or where the environment says.
  static let root =
    ProcessInfo.processInfo.environment["DEEPSEEK_ONNX_TESTDATA"] ?? "/usr/share/libonnx-testdata/data"

  /// All cases that are installed, in order.
  static let all: [ONNXCase] = ["node", "pytorch-converted", "pytorch-operator", "simple"].flatMap { group in
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(group)")) ?? []
    return names.sorted().map { ONNXCase(name: "\(group)/\($0)", folder: "\(root)/\(group)/\($0)") }
  }

  /// How a case ended.
  enum Outcome: Sendable {
    case passed
    case failed(String)
    case unsupported(String)
  }

  /// Types that this reader of test data does not have: what is fed or expected is no tensor of numbers.
  private struct NoTensor: Error {}

  private func tensors(_ folder: String, _ prefix: String, _ count: Int) throws -> [Tensor?] {
    try (0..<count).map { index in
      let path = "\(folder)/\(prefix)_\(index).pb"
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      guard let proto = try? Onnx_TensorProto(serializedBytes: contents(path)) else { throw NoTensor() }
      return try ONNXArchive.tensor(proto)
    }
  }

  /// The operator that the case is about: the first node's that is no plain constant.
  private func title(_ model: Onnx_ModelProto) -> String {
    let names = model.graph.node.map(\.opType)
    return names.first { $0 != "Constant" } ?? names.first ?? "none"
  }

  /// Runs the case through our import.
  func run() -> (operation: String, outcome: Outcome) {
    var operation = "unreadable"
    do {
      let proto = try Onnx_ModelProto(serializedBytes: contents(folder + "/model.onnx"))
      operation = title(proto)
      let model = try ONNXModel.load(folder + "/model.onnx")
      let isPlain = (model.inputs + model.outputs).allSatisfy { $0.dtype != nil }
      guard isPlain else { return (operation, .unsupported("inputs or outputs are no tensors of numbers")) }
      for set in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      where set.hasPrefix("test_data_set") {
        let data = folder + "/" + set
        let feeds = try tensors(data, "input", model.inputs.count)
        let expected = try tensors(data, "output", model.outputs.count)
        var inputs: [String: Tensor] = [:]
        for (port, tensor) in zip(model.inputs, feeds) {
          inputs[port.name] = try tensor.map { try ONNXCase.typed($0, port.dtype) }
        }
        let results = try model.run(inputs)
        for (port, stored) in zip(model.outputs, expected) {
          guard let stored, let found = results[port.name] else { continue }
          let wanted = try ONNXCase.typed(stored, port.dtype)
          if let text = difference(found, wanted, tolerance: ONNXCase.tolerance(wanted.dtype)) {
            return (operation, .failed("\(port.name): \(text)"))
          }
        }
      }
      return (operation, .passed)
    } catch is NoTensor {
      return (operation, .unsupported("inputs or outputs are no tensors of numbers"))
    } catch let error as InterchangeError where error.kind == .unsupported || error.kind == .unsupportedOperators {
      return (operation, .unsupported(error.message))
    } catch {
      return (operation, .failed("\(error)"))
    }
  }

  /// The data's makers had no `bfloat16` and wrote its bits as `uint16`.
  private static func typed(_ tensor: Tensor, _ dtype: DType?) throws -> Tensor {
    guard dtype == .bfloat16, tensor.dtype == .uint16 else { return tensor }
    return try tensor.withUnsafeBytes { try Tensor(bytes: $0, dtype: .bfloat16, shape: tensor.shape) }
  }

  /// ONNX's own runner allows a relative error of 1e-3; this is what a change of the order of sums explains.
  private static func tolerance(_ dtype: DType) -> Double {
    switch dtype {
    case .float16: 2e-3
    case .bfloat16: 2e-2
    case .float32, .float64: 1e-4
    default: 0
    }
  }
}
