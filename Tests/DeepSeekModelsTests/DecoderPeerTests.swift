import DeepSeekModels
import Foundation
import TestSupport
import Testing

/// Python must have `transformers` and `torch`; `DEEPSEEK_REQUIRE_TRANSFORMERS` says that it has.
@Suite("transformers opens the decoders that we save")
struct DecoderPeerTests {
  @Test(
    "Logits are the same, and no weight is missing or too many",
    .enabled(
      if: ProcessInfo.processInfo.environment["DEEPSEEK_REQUIRE_TRANSFORMERS"] != nil && PeerPython.interpreter != nil,
      "left out: DEEPSEEK_REQUIRE_TRANSFORMERS does not say that DEEPSEEK_PYTHON has transformers"))
  func peers() throws {
    let folder = try TemporaryFolder()
    let source = Bundle.module.bundleURL.appendingPathComponent("Fixtures/decoders", isDirectory: true)
    for name in DecoderFixture.names {
      let fixture = try DecoderFixture(name)
      try fixture.model.save(to: folder.file(name))
    }
    // Without an origin, whose file would be copied: all that the configuration says it says itself.
    try AutoModelForCausalLM.fromPretrained(source.appendingPathComponent("tiny.gguf").path)
      .save(to: folder.file("gguf"))
    let script = source.appendingPathComponent("read_back.py").path
    let (status, output) = try PeerPython.run(script, source.path, folder.path)
    #expect(status == 0, "\(output)")
  }
}
