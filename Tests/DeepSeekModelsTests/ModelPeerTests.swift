import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// Python must have `torch` and `transformers`; `DEEPSEEK_REQUIRE_TRANSFORMERS` says that it has.
@Suite("transformers opens what models save")
struct ModelPeerTests {
  @Test(
    "Every family and task, no key missing and none too many",
    .enabled(if: PeerPython.interpreter != nil, "left out: DEEPSEEK_PYTHON names no Python"))
  func peers() throws {
    let folder = try TemporaryFolder()
    let saved = folder.file("saved")
    try FileManager.default.createDirectory(atPath: saved, withIntermediateDirectories: true)
    for name in TaskFixture.names {
      let fixture = try TaskFixture(name)
      let model = try fixture.model()
      try model.save(to: "\(saved)/\(name)")
      try model.save(to: "\(saved)/\(name)@sharded", maximumShardByteCount: 2_000)

      // A head put on the bare model, and what it computes.
      let fresh = try RandomGenerator.withSeed(5) { try fixture.attached(to: AutoModel.fromPretrained(fixture.folder)) }
      fresh.eval()
      try fresh.save(to: "\(saved)/fresh-\(name)")
      var values = try fixture.values.tensors().filter { !$0.key.hasPrefix("gradient.") }
      values["logits"] = try noGradient { try fixture.logits(fresh) }
      try Safetensors.save(values, to: folder.file("fresh-\(name).safetensors"))
    }
    let (status, output) = try PeerPython.run(
      fixture("read_back.py").path, fixture("tasks").path, saved)
    #expect(status == 0, "\(output)")
    if output.contains("no transformers") {
      #expect(ProcessInfo.processInfo.environment["DEEPSEEK_REQUIRE_TRANSFORMERS"] == nil, "\(output)")
      print("ModelPeerTests: left out, because Python lacks transformers")
    } else {
      #expect(output.split(separator: "\n").count >= TaskFixture.names.count * 3)
    }
  }
}
