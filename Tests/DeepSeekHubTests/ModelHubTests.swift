import DeepSeekHub
import DeepSeekModels
import Foundation
import TestSupport
import Testing

@Suite("A pretrained model comes from a hub when it is not on this machine")
struct ModelHubTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../DeepSeekModelsTests/Fixtures").standardized.path

  /// A model's files, and beside them what is not to be fetched.
  private static func files(_ model: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: fixtures + "/" + model) {
      files[name] = try contents("\(fixtures)/\(model)/\(name)")
    }
    for name in [
      "README.md", "onnx/model.onnx", "tf_model.h5", "openvino/openvino_model.bin", "consolidated.safetensors",
    ] {
      files[name] = bytes(3000, 9)
    }
    return files
  }

  @Test("its configuration, tokenizer and weights are fetched once, and nothing else")
  func fetched() throws {
    let folder = try TemporaryFolder()
    let files = try ModelHubTests.files("tasks/bert-sequence")
    let server = try FakeHub(files)
    let source = ModelSource("owner/name")
    let found = try source.folder(from: server.client(folder))
    let model = try AutoModelForSequenceClassification.fromPretrained(found)
    #expect(model.architecture == "BertForSequenceClassification")
    _ = try AutoTokenizer.fromPretrained(found)
    for name in ["README.md", "onnx/model.onnx", "tf_model.h5", "openvino", "consolidated.safetensors"] {
      #expect(!FileManager.default.fileExists(atPath: found.path + "/" + name), "\(name)")
    }
    let before = server.log.count
    #expect(try source.folder(from: server.client(folder)) == found)
    #expect(server.log.count == before)
    #expect(try source.folder(from: server.client(folder) { $0.isOffline = true }) == found)
  }

  @Test("weights in PyTorch's form are fetched where there are no others")
  func otherForm() throws {
    let folder = try TemporaryFolder()
    let server = try FakeHub(["config.json": Array("{}".utf8), "pytorch_model.bin": bytes(5000, 1)])
    let found = try ModelSource("owner/name").folder(from: server.client(folder))
    #expect(try contents(found.path + "/pytorch_model.bin") == bytes(5000, 1))
  }

  @Test("what cannot be had is an error that names the model and says why")
  func missing() throws {
    let folder = try TemporaryFolder()
    let server = try FakeHub(["config.json": Array("{}".utf8)])
    func description(_ name: String, _ change: (inout HubSettings) -> Void = { _ in }) throws -> String {
      let client = try server.client(folder, change)
      let error = #expect(throws: ModelError.self) { try ModelSource(name).folder(from: client) }
      return error?.description ?? ""
    }
    #expect(
      try description("owner/name").contains("owner/name: no such model; the hub has no config.json, or no model"))
    #expect(try description("owner/other").hasPrefix("owner/other: no such model; there is no such folder, and"))
    #expect(try description("owner/other") { $0.isOffline = true }.contains("HF_HUB_OFFLINE"))
    #expect(try description("no name").contains("an id such as 'org/name'"))
  }
}
