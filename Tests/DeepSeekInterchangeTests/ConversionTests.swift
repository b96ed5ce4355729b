import DeepSeekCheckpoints
import DeepSeekInterchange
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// Whether two tensors are the same bit for bit.
func isSame(_ left: Tensor, _ right: Tensor) -> Bool {
  left.spec == right.spec && left.withUnsafeBytes { a in right.withUnsafeBytes { a.elementsEqual($0) } }
}

/// A map from its text.
func nameMap(_ text: String) throws -> NameMap { try NameMap(JSONValue(parsing: text), file: "map.json") }

/// Numbers from 0 up under a shape.
func counting(_ lengths: [Int], from start: Float = 0) -> Tensor {
  let count = lengths.reduce(1, *)
  return Tensor((0..<count).map { start + Float($0) }).viewed(Layout(Shape(lengths)))
}

@Suite("Checkpoints are taken forward")
struct ConversionTests {
  @Test("Google's BERT becomes what transformers has, bit for bit, and opens as an AutoModel with its states")
  func bert() throws {
    let folder = try TemporaryFolder()
    let reference = try Safetensors.open(fixture("conversions/bert.safetensors"))
    let converter = try CheckpointConverter(
      fixture("conversions/google_bert/bert_model.ckpt"), options: ConversionOptions(architecture: "bert"))
    let report = try converter.convert(to: folder.file("bert"))

    let written = try CheckpointFolder.open(folder.file("bert"))
    try written.verify()
    let tensors = try written.tensors()
    let expected = reference.names.filter { !$0.contains("/") }
    #expect(Set(tensors.names) == Set(expected))
    for name in expected { #expect(try isSame(tensors.tensor(name), reference.tensor(name)), "\(name)") }
    #expect(tensors.metadata["format"] == "pt")

    #expect(report.scheme == "bert: Google's TensorFlow names")
    #expect(report.tensors.count == expected.count + 3 && report.tensorCount == expected.count)
    let rows = Dictionary(uniqueKeysWithValues: report.tensors.map { ($0.name, $0) })
    let query = rows["bert/encoder/layer_1/attention/self/query/kernel"]
    #expect(query?.outcomes == [.renamed, .transposed])
    #expect(query?.targets == ["bert.encoder.layer.1.attention.self.query.weight"])
    #expect(rows["global_step"]?.outcomes == [.leftOut] && rows["global_step"]?.note == "a counter of steps")
    #expect(rows["bert/pooler/dense/kernel/adam_m"]?.note == "state of the optimizer")
    #expect(Set(report.files.keys) == ["config.json", "vocab.txt"])
    let configuration = try JSONValue(parsing: written.contents(of: "config.json"))
    #expect(configuration["model_type"] == "bert" && configuration["architectures"] == ["BertForPreTraining"])

    let model = try AutoModel.fromPretrained(folder.file("bert"))
    let states = noGradient { model(try! reference.tensor("in/ids")) }
    #expect(difference(states, try reference.tensor("out/states"), tolerance: 1e-5) == nil)
  }

  @Test("BERT's first PyTorch names become today's, in another type when that is asked for")
  func oldBert() throws {
    let folder = try TemporaryFolder()
    let reference = try Safetensors.open(fixture("conversions/bert.safetensors"))
    var old: [String: Tensor] = [:]
    for name in reference.names where !name.contains("/") {
      let former = name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
        .replacing("LayerNorm.bias", with: "LayerNorm.beta")
      old[former] = try reference.tensor(name)
    }
    try Npz.save(old, to: folder.file("old.npz"))
    let options = ConversionOptions(architecture: "bert", dtype: .bfloat16)
    let report = try CheckpointConverter(folder.file("old.npz"), options: options)
      .convert(to: folder.file("new.safetensors"))
    let new = try Safetensors.open(folder.file("new.safetensors"))
    for name in old.keys {
      let today = name.replacing("gamma", with: "weight").replacing("beta", with: "bias")
      #expect(isSame(try new.tensor(today), try reference.tensor(today).cast(to: .bfloat16)), "\(name)")
    }
    #expect(report.count(.cast) == old.count && report.count(.renamed) == old.keys.count { $0.contains("LayerNorm") })
  }

  @Test("OpenAI's GPT-2 becomes what transformers has, bit for bit, with its configuration")
  func gpt2() throws {
    let folder = try TemporaryFolder()
    let reference = try Safetensors.open(fixture("conversions/gpt2.safetensors"))
    try ds(fixture("conversions/openai_gpt2"), folder.file("gpt2"), ConversionOptions(architecture: "gpt2"))
    let written = try CheckpointFolder.open(folder.file("gpt2"))
    let tensors = try written.tensors()
    let expected = reference.names.filter { !$0.contains("/") }
    #expect(Set(tensors.names) == Set(expected))
    for name in expected { #expect(try isSame(tensors.tensor(name), reference.tensor(name)), "\(name)") }
    let configuration = try JSONValue(parsing: written.contents(of: "config.json"))
    #expect(configuration["model_type"] == "gpt2" && configuration["n_positions"] == 12)
    #expect(configuration["vocab_size"] == 30 && configuration["eos_token_id"] == 29)
  }

  private func ds(_ source: String, _ output: String, _ options: ConversionOptions) throws {
    try CheckpointConverter(source, options: options).convert(to: output)
  }

  @Test("a layer that is missing, or a tensor that nothing uses, is an error that lists all of them")
  func strict() throws {
    let folder = try TemporaryFolder()
    let reference = try Safetensors.open(fixture("conversions/gpt2.safetensors"))
    var tensors: [String: Tensor] = [:]
    for name in ["a", "b"] { tensors[name] = try reference.tensor("wte.weight") }
    tensors["h0/w"] = counting([2, 3])
    tensors["h0/b"] = counting([2])
    tensors["h2/w"] = counting([2, 3])
    try Safetensors.save(tensors, to: folder.file("in.safetensors"))
    let map = try nameMap(
      """
      {"format_version": 1, "rules": [
        {"from": "h{n}/w", "to": "layers.{n}.weight"}, {"from": "h{n}/b", "to": "layers.{n}.bias"},
        {"from": "head", "to": "head.weight"}, {"from": "scale", "to": "scale", "optional": true}]}
      """)
    func attempt(_ options: ConversionOptions) throws -> ConversionError? {
      do {
        try ds(folder.file("in.safetensors"), folder.file("out"), options)
        return nil
      } catch let error as ConversionError { return error }
    }
    let error = try #require(try attempt(ConversionOptions(map: map)))
    #expect(error.unused.map(\.name).sorted() == ["a", "b"])
    #expect(error.missing.map(\.name).sorted() == ["h1/b", "h1/w", "h2/b", "head"])
    #expect("\(error)".contains("--allow-unused") && "\(error)".contains("--allow-missing"))
    #expect(folder.names == ["in.safetensors"])
    #expect(try attempt(ConversionOptions(map: map, allowMissing: true))?.unused.count == 2)
    #expect(try attempt(ConversionOptions(map: map, allowUnused: true))?.missing.count == 4)
    #expect(try attempt(ConversionOptions(map: map, allowMissing: true, allowUnused: true)) == nil)
    let written = try CheckpointFolder.open(folder.file("out")).tensors()
    #expect(written.names.sorted() == ["layers.0.bias", "layers.0.weight", "layers.2.weight"])
  }

  @Test("splits, joins, shapes, orders and types of a map give what NumPy's rules give")
  func map() throws {
    let folder = try TemporaryFolder()
    let tensors: [String: Tensor] = [
      "l0.qkv": counting([6, 4]), "l1.qkv": counting([6, 4], from: 100), "q": counting([2, 3]),
      "k": counting([2, 1], from: 50), "v": counting([2, 2], from: 70), "a": counting([2, 3]),
      "b": counting([1, 3], from: 9), "cube": counting([2, 3, 4]), "conv": counting([1, 2, 3]), "flat": counting([6]),
      "ids": Tensor([Int64(1), 2, 3]), "uneven": counting([5, 2]),
    ]
    try Safetensors.save(tensors, to: folder.file("in.safetensors"))
    let map = try nameMap(
      """
      {"format_version": 1, "rules": [
        {"from": "l{n}.qkv", "to": ["l{n}.q", "l{n}.k", "l{n}.v"], "split": 0},
        {"from": "uneven", "to": ["big", "small"], "split": 0, "sizes": [4, 1], "transpose": false},
        {"from": ["q", "k", "v"], "to": "qkv", "concatenate": 1},
        {"from": ["a", "b"], "to": "ab", "concatenate": 0},
        {"from": "cube", "to": "turned", "transpose": [2, 0, 1]},
        {"from": "conv", "to": "matrix", "squeeze": 0, "transpose": true},
        {"from": "flat", "to": "flat{{2}}", "reshape": [3, 2], "dtype": "fp16"},
        {"from": "{rest*}", "to": "same.{rest}"}]}
      """)
    let report = try CheckpointConverter(
      folder.file("in.safetensors"), options: ConversionOptions(map: map, dtype: .float64)
    ).convert(to: folder.file("out.npz"))
    let out = try Npz.open(folder.file("out.npz"))
    func values(_ name: String) throws -> [Double] { try out.tensor(name).array(of: Double.self) }
    func shape(_ name: String) throws -> [Int] { Array(try out.spec(of: name).shape) }
    #expect(try values("l0.k") == (8..<16).map(Double.init) && shape("l0.k") == [2, 4])
    #expect(try values("l1.v") == (116..<124).map(Double.init))
    #expect(try shape("big") == [4, 2] && values("small") == [8, 9])
    #expect(try values("qkv") == [0, 1, 2, 50, 70, 71, 3, 4, 5, 51, 72, 73] && shape("qkv") == [2, 6])
    #expect(try values("ab") == [0, 1, 2, 3, 4, 5, 9, 10, 11])
    let turned = try out.tensor("turned")
    #expect(isSame(turned, tensors["cube"]!.transposed([2, 0, 1]).cast(to: .float64)))
    #expect(try values("matrix") == [0, 3, 1, 4, 2, 5] && shape("matrix") == [3, 2])
    #expect(try out.spec(of: "flat{2}") == TensorSpec(.float16, [3, 2]))
    #expect(isSame(try out.tensor("same.ids"), tensors["ids"]!))
    let row = report.tensors.first { $0.name == "l0.qkv" }
    #expect(row?.targets == ["l0.q", "l0.k", "l0.v"] && row?.outcomes == [.renamed, .transposed, .cast])
  }

  @Test("what does not fit its rule, or would have another's name, is listed and nothing is written")
  func unfit() throws {
    let folder = try TemporaryFolder()
    try Safetensors.save(
      ["a": counting([2, 3]), "b": counting([2, 3]), "c": counting([5])], to: folder.file("in.safetensors"))
    let rules = [
      #"{"from": "a", "to": "x", "squeeze": 0}"#, #"{"from": "a", "to": "x", "reshape": [4]}"#,
      #"{"from": "a", "to": "x", "transpose": [0, 1, 2]}"#, #"{"from": "a", "to": ["x", "y"], "split": 1}"#,
      #"{"from": "a", "to": ["x", "y"], "split": 7}"#, #"{"from": ["a", "c"], "to": "x", "concatenate": 0}"#,
      #"{"from": "a", "to": "c"}"#, #"{"from": "a", "to": ["x", "y"], "split": 1, "sizes": [9223372036854775807, 4]}"#,
    ]
    for rule in rules {
      let map = try nameMap(
        #"{"format_version": 1, "rules": [\#(rule), {"from": "{n*}", "to": "{n}"}]}"#)
      #expect(throws: ConversionError.self, "\(rule)") {
        try ds(folder.file("in.safetensors"), folder.file("out"), ConversionOptions(map: map))
      }
    }
    #expect(folder.names == ["in.safetensors"])
  }

  @Test("a mistake in a map is named with its place")
  func mapErrors() throws {
    let cases: [(String, String)] = [
      (#"{"rules": []}"#, "format_version"), (#"{"format_version": 1}"#, "rules"),
      (#"{"format_version": 1, "rules": [{"from": "a"}]}"#, "rules[0]"),
      (#"{"format_version": 1, "rules": [{"to": "a"}]}"#, "rules[0].from"),
      (#"{"format_version": 1, "rules": [{"from": "a", "to": "b", "trans": true}]}"#, "rules[0].trans"),
      (#"{"format_version": 1, "rules": [{"from": "a{n}", "to": "b{m}"}]}"#, "rules[0].to"),
      (#"{"format_version": 1, "rules": [{"from": "a{n", "to": "b"}]}"#, "rules[0].from"),
      (#"{"format_version": 1, "rules": [{"from": "a}", "to": "b"}]}"#, "rules[0].from"),
      (#"{"format_version": 1, "rules": [{"from": "a{n}{n}", "to": "b"}]}"#, "rules[0].from"),
      (#"{"format_version": 1, "rules": [{"from": ["a", "b"], "to": "c"}]}"#, "rules[0].concatenate"),
      (#"{"format_version": 1, "rules": [{"from": "a", "to": ["b", "c"]}]}"#, "rules[0].split"),
      (#"{"format_version": 1, "rules": [{"from": "a", "to": "b", "dtype": "int3"}]}"#, "rules[0].dtype"),
      (#"{"format_version": 1, "rules": [{"from": "a", "to": "b", "transpose": [0, 0]}]}"#, "rules[0].transpose"),
      (#"{"format_version": 1, "rules": [{"from": "a", "to": "b", "squeeze": -1}]}"#, "rules[0].squeeze"),
      (#"{"format_version": 1, "rules": [], "architecture": "lstm"}"#, "architecture"),
    ]
    for (text, item) in cases {
      let error = #expect(throws: CheckpointError.self, "\(text)") { try nameMap(text) }
      #expect(error?.item == item, "\(text)")
    }
  }

  @Test("tied weights of a PyTorch file are written once and noted; a nested checkpoint converts through a map")
  func pyTorch() throws {
    let folder = try TemporaryFolder()
    let report = try CheckpointConverter(fixture("conversions/tied.pt")).convert(to: folder.file("tied"))
    #expect(report.tied == ["head.weight": "embeddings.weight"])
    let written = try CheckpointFolder.open(folder.file("tied")).tensors()
    #expect(Set(written.names) == ["embeddings.weight", "body.weight", "body.transposed"])
    #expect(written.metadata["head.weight"] == "embeddings.weight")
    let expected = try Npz.open(fixture("conversions/tied.npz"))
    for name in written.names {
      #expect(isSame(try written.tensor(name).cast(to: .float32), try expected.tensor(name)), "\(name)")
    }
    #expect(report.tensors.first { $0.name == "head.weight" }?.note?.contains("embeddings.weight") == true)
    // With other rules for the two, both are written.
    let map = try nameMap(
      #"{"format_version": 1, "rules": [{"from": "head.weight", "to": "h", "transpose": true}, {"from": "{n*}", "to": "{n}"}]}"#
    )
    let both = try CheckpointConverter(fixture("conversions/tied.pt"), options: ConversionOptions(map: map))
      .convert(to: folder.file("both.safetensors"))
    #expect(both.tied.isEmpty && both.tensorCount == 4)
  }

  @Test("a folder of ours keeps its optimizer's state, its training state and its parts")
  func ownFolder() throws {
    let folder = try TemporaryFolder()
    try CheckpointFolder.write(to: folder.file("runs/step-5")) { writer in
      try writer.add(
        [(key: "a", value: counting([100])), (key: "b", value: counting([100]))], maximumShardByteCount: 400)
      try writer.add(["a.moment": counting([3])], group: "optimizer")
      writer.trainingState = TrainingState(step: 5, epoch: 2)
    }
    try CheckpointFolder.write(to: folder.file("runs/step-10")) { try $0.add(["a": counting([2])]) }
    let saver = try TensorArchives.open(folder.file("runs"))
    #expect(saver.format == "DeepSeek saver" && saver.archiveEntries.map(\.lengths) == [[2]])
    let archive = try TensorArchives.open(folder.file("runs/step-5"))
    #expect(archive.archiveEntries.map(\.name) == ["a", "b", "optimizer/a.moment"])
    try CheckpointConverter(archive, options: ConversionOptions(dtype: .float16)).convert(to: folder.file("new"))
    let new = try CheckpointFolder.open(folder.file("new"))
    #expect(new.manifest.trainingState == TrainingState(step: 5, epoch: 2) && new.manifest.dtype == .float16)
    #expect(isSame(try new.tensors("optimizer").tensor("a.moment"), counting([3]).cast(to: .float16)))
    try CheckpointConverter(archive).convert(to: folder.file("one.safetensors"))
    #expect(Set(try Safetensors.open(folder.file("one.safetensors")).names) == ["a", "b", "optimizer/a.moment"])
  }

  @Test("a source without tensors is an error, not an empty checkpoint")
  func emptySource() throws {
    let folder = try TemporaryFolder()
    try Safetensors.save([:], to: folder.file("empty.safetensors"))
    let converter = try CheckpointConverter(folder.file("empty.safetensors"))
    let error = #expect(throws: CheckpointError.self) { try converter.convert(to: folder.file("out")) }
    #expect(error?.kind == .missingTensor)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
  }

  @Test("an output that would replace its source is refused")
  func sourceStays() throws {
    let folder = try TemporaryFolder()
    try CheckpointFolder.write(to: folder.file("model")) { try $0.add(["a": counting([2])]) }
    try Safetensors.save(["a": counting([2])], to: folder.file("x.safetensors"))
    let before = try contents(folder.file("model/model.safetensors"))
    for (source, output) in [
      ("model", "model"), ("model", "model/model.safetensors"), ("x.safetensors", "x.safetensors"),
      ("model/model.safetensors", "model"),
    ] {
      let error = #expect(throws: CheckpointError.self) {
        try ds(folder.file(source), folder.file(output), ConversionOptions())
      }
      #expect(error?.kind == .invalidRequest)
    }
    #expect(throws: CheckpointError.self) { try ds(folder.file("model"), folder.file("m.bin"), ConversionOptions()) }
    #expect(try contents(folder.file("model/model.safetensors")) == before)
  }

  @Test("a source that is damaged behind its headers leaves no output, and stays as it is")
  func damagedSources() throws {
    let folder = try TemporaryFolder()
    let length = 1 << 16
    try Npz.save(["a": counting([length]), "b": counting([length])], to: folder.file("in.npz"))
    try FileManager.default.copyItem(atPath: fixture("keras/tinycnn.keras"), toPath: folder.file("in.keras"))
    try FileManager.default.copyItem(atPath: fixture("tf1_saver"), toPath: folder.file("saver"))
    // The last tensor's bytes; the weights; and a file that is cut short.
    for (name, place) in [("in.npz", "b.npy"), ("in.keras", "model.weights.h5")] {
      var bytes = try contents(folder.file(name))
      let start = try #require(bytes.firstRange(of: Array(place.utf8))?.upperBound)
      bytes[start + 3000] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
    }
    let data = folder.file("saver/model.ckpt-7.data-00000-of-00001")
    try Data(contents(data).dropLast(20)).write(to: URL(fileURLWithPath: data))
    for source in ["in.npz", "in.keras", "saver/model.ckpt-7"] {
      let files = source.hasPrefix("saver") ? [data] : [folder.file(source)]
      let before = try files.map { try contents($0) }
      for output in ["out", "out.safetensors"] {
        #expect(throws: CheckpointError.self, "\(source)") {
          try ds(folder.file(source), folder.file(output), ConversionOptions(allowUnused: true))
        }
        #expect(Set(folder.names) == ["in.npz", "in.keras", "saver"], "\(source)")
      }
      #expect(try files.map { try contents($0) } == before)
    }
  }

  @Test("damaged maps give a plan or an error, never a trap")
  func damagedMaps() throws {
    let folder = try TemporaryFolder()
    try Npz.save(
      [
        "net/layer_0/kernel": counting([4, 6]), "net/layer_1/kernel": counting([4, 6]), "q0": counting([3]),
        "k0": counting([3]),
      ],
      to: folder.file("in.npz"))
    let archive = try TensorArchives.open(folder.file("in.npz"))
    let text = #"""
      {"format_version": 1, "rules": [
        {"from": "net/layer_{n}/kernel", "to": ["a.{n}", "b.{n}", "c.{n}"], "reshape": [2, 12], "transpose": [1, 0],
          "split": 0, "sizes": [9223372036854775807, 9223372036854775807, 14]},
        {"from": ["q{m}", "k{m}"], "to": "qk.{m}", "concatenate": 0, "dtype": "bf16"},
        {"from": "{rest*}", "to": "{rest}", "squeeze": 0, "optional": true}]}
      """#
    let seeds = [text, text.replacing("9223372036854775807", with: "5").replacing("14]", with: "2]")].map {
      Array($0.utf8)
    }
    var generator = SplitMix(31)
    var (planned, refused) = (0, 0)
    for number in 0..<Fuzzing.count(otherwise: 400) {
      let bytes = number < 2 ? seeds[number] : Fuzzing.mutatedText(seeds[number % 2], &generator)
      do {
        guard let value = try? JSONValue(parsing: bytes) else { continue }
        let map = try NameMap(value, file: "map.json")
        _ = try CheckpointConverter(archive, options: ConversionOptions(map: map)).plan(to: folder.file("out"))
        planned += 1
      } catch is CheckpointError { refused += 1 } catch is ConversionError { refused += 1 }
    }
    #expect(planned > 0 && refused > 0, "\(planned) planned, \(refused) refused")
  }
}
