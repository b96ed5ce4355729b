import DeepSeekInterchange
import DeepSeekTensor
import Foundation
import Testing

@Suite("Real ONNX models give ONNX Runtime's outputs")
struct ONNXRealModelTests {
  /// Where `record_onnx.py` put models and what they give; nothing when it was not run.
  private static let folder = ProcessInfo.processInfo.environment["DEEPSEEK_ONNX_MODELS"]
  private static let names: [String] = {
    let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
    return files.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()
  }()

  @Test("every recorded model", .enabled(if: !names.isEmpty, "record some with record_onnx.py"), arguments: names)
  func recorded(name: String) throws {
    let path = "\(ONNXRealModelTests.folder ?? "")/\(name)"
    let model = try ONNXModel.load(path + ".onnx")
    let reference = try Reference(file: path + ".safetensors")
    let clock = ContinuousClock()
    var results: [String: Tensor] = [:]
    let first = try clock.measure { results = try model.run(reference.feeds) }
    let second = try clock.measure { results = try model.run(reference.feeds) }
    for (key, expected) in reference.outputs {
      let found = try #require(results[key], "\(key)")
      let text = difference(found, expected, tolerance: expected.dtype == .float16 ? 2e-3 : 1e-5)
      print("\(name) \(key): \(text ?? "equal to 1e-5"), \(first), then \(second)")
      #expect(text == nil, "\(key)")
    }
  }
}
