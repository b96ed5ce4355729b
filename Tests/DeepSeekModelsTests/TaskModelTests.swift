import DeepSeekCheckpoints
import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTokenizers
import Foundation
import TestSupport
import Testing

@Suite("Heads compute what those of transformers compute")
struct TaskModelTests {
  private static let tolerance = 1e-4

  @Test("A tokenizer neither pads nor cuts, whatever its file says, and a padded batch goes in as it is")
  func batches() throws {
    let folder = try TemporaryFolder()
    let source = fixture("tasks/bert-sequence")
    var text = try String(contentsOf: source.appendingPathComponent("tokenizer.json"), encoding: .utf8)
    let cuts = #""truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}"#
    let pads =
      #""padding": {"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "#
      + #""pad_type_id": 0, "pad_token": "[PAD]"}"#
    for (old, new) in [(#""truncation": null"#, cuts), (#""padding": null"#, pads)] {
      #expect(text.contains(old))
      text = text.replacingOccurrences(of: old, with: new)
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("tokenizer.json")))
    let plain = try AutoTokenizer.fromPretrained(source.path)
    let told = try AutoTokenizer.fromPretrained(folder.path)
    let texts = ["a man.", "a man is eating."]
    for text in texts { #expect(try told.encode(text).ids == plain.encode(text).ids) }

    let model = try AutoModelForSequenceClassification.fromPretrained(source.path)
    let batch = TokenBatch(try texts.map { try told.encode($0) }, padTokenID: model.configuration.padTokenID)
    let logits = model(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs)
    #expect(largestDifference(model(batch), logits.array(of: Double.self)) == 0)
    #expect(largestDifference(model(batch.ids, attentionMask: batch.attentionMask), logits.array(of: Double.self)) == 0)
    let (loss, again) = model(batch, labels: Tensor([0, 1]))
    #expect(loss.shape == [] && largestDifference(again, logits.array(of: Double.self)) == 0)
  }

  @Test("Logits, loss and the gradient of every weight", arguments: TaskFixture.names)
  func values(name: String) throws {
    let fixture = try TaskFixture(name)
    let model = try fixture.model()
    let logits = try fixture.logits(model)
    let expected = try fixture.values.tensor("logits")
    #expect(logits.shape == expected.shape)
    #expect(largestDifference(logits, expected.array(of: Double.self)) < Self.tolerance)

    let loss = model.loss(logits, labels: try fixture.values.tensor("labels"))
    #expect(largestDifference(loss, try fixture.values.tensor("loss").array(of: Double.self)) < Self.tolerance)
    loss.backward()
    var compared: Set<String> = []
    for named in model.namedParameters() {
      let key = "gradient.\(named.name)"
      guard fixture.values.contains(key) else {
        #expect(named.parameter.gradient == nil, "\(key) is not in transformers' model")
        continue
      }
      let difference = try largestDifference(
        try #require(named.parameter.gradient), fixture.values.tensor(key).array(of: Double.self))
      #expect(difference < Self.tolerance, "\(key)")
      compared.insert(key)
    }
    #expect(compared == Set(fixture.values.names.filter { $0.hasPrefix("gradient.") }))
  }

  @Test(
    "A saved model has the same keys and bits, and its configuration the same members", arguments: TaskFixture.names)
  func saving(name: String) throws {
    let fixture = try TaskFixture(name)
    let folder = try TemporaryFolder()
    let model = try fixture.model()
    try model.save(to: folder.file("saved"))
    let saved = URL(fileURLWithPath: folder.file("saved"), isDirectory: true)

    let (before, after) = (try Checkpoint.load(fixture.folder.path), try Checkpoint.load(saved.path))
    #expect(Set(after.names) == Set(before.names))
    for key in before.names { #expect(try sameBits(before.tensor(key), after.tensor(key)), "\(key)") }
    let members = try ConfigurationFile(modelIn: saved).value
    for member in try #require(try ConfigurationFile(modelIn: fixture.folder).value.object).members {
      #expect(members[member.key].map(inOrder) == inOrder(member.value), "\(member.key)")
    }
    let reopened = try fixture.model(in: saved)
    #expect(reopened.architecture == model.architecture)
    #expect(try sameBits(noGradient { try fixture.logits(model) }, noGradient { try fixture.logits(reopened) }))
    try CheckpointFolder.open(saved.path).verify()
  }

  @Test("A fresh head on a loaded encoder has transformers' keys and shares the encoder", arguments: TaskFixture.names)
  func fresh(name: String) throws {
    let fixture = try TaskFixture(name)
    let encoder = try AutoModel.fromPretrained(fixture.folder)
    let model = try RandomGenerator.withSeed(3) { try fixture.attached(to: encoder) }
    #expect(Set(model.savedState().keys) == (try fixture.keys()))
    let prefix = model.basePrefix + "."
    let shared = Set(encoder.parameters().map(ObjectIdentifier.init))
    for named in model.namedParameters() where !shared.contains(ObjectIdentifier(named.parameter)) {
      let values = named.parameter.value.array(of: Double.self)
      #expect(!named.name.hasPrefix(prefix) || named.name.contains("pooler"))
      if named.parameter.spec.shape.rank < 2 {
        #expect(values.allSatisfy { $0 == (named.name.hasSuffix("weight") ? 1 : 0) }, "\(named.name)")
      } else {
        let deviation = (values.map { $0 * $0 }.reduce(0, +) / Double(values.count)).squareRoot()
        #expect((0.15..<0.5).contains(deviation), "\(named.name): \(deviation)")
      }
    }
    #expect(model.configuration.origin?.folder == fixture.folder)
  }

  @Test("A bare model's folder opens with a fresh head, and a headed one's without its head")
  func otherTasks() throws {
    let (model, report) = try BertForSequenceClassification.loadWithReport(contentsOf: fixture("bert"))
    #expect(report.missing == ["classifier.weight", "classifier.bias"])
    #expect(model.parameters().allSatisfy { !$0.value.layout.strides.contains(0) })
    let masked = try BertForMaskedLM.loadWithReport(contentsOf: fixture("tasks/distilbert-sequence"))
    #expect(Set(masked.report.unused).isSuperset(of: ["pre_classifier.weight", "classifier.bias"]))
    #expect(masked.report.missing.allSatisfy { $0.hasPrefix("vocab_") })
    let bare = try BertModel.load(contentsOf: fixture("tasks/roberta-token"))
    #expect(bare.pooler == nil)
    #expect(bare.namedParameters().allSatisfy { !$0.name.hasPrefix("roberta.") })
  }

  @Test(
    "An encoder's family as a decoder continues a text as transformers does, with and without a cache",
    arguments: TaskFixture.causal)
  func continuation(name: String) throws {
    let fixture = try TaskFixture(name)
    let model = try AutoModelForCausalLM.fromPretrained(fixture.folder)
    let expected = try fixture.values.tensor("greedy").array(of: Int.self)
    var options = GenerationOptions()
    options.maximumNewTokens = expected.count - 3
    options.endTokenIDs = []
    for usesCache in [true, false] {
      options.usesCache = usesCache
      let generator = try TokenGenerator(model, prompts: [Array(expected[..<3])], options: options)
      var found: [Int] = []
      while let step = generator.next().first { found.append(step.token) }
      #expect(found == Array(expected[3...]), "cache: \(usesCache)")
    }
    // Side by side with a longer text, whose padding stands before this one's first token.
    options.usesCache = true
    options.maximumNewTokens = 2
    let pair = try TokenGenerator(model, prompts: [Array(expected[..<3]), Array(expected[..<5])], options: options)
    #expect(pair.next().map(\.token) == [expected[3], expected[5]])
    #expect(pair.next().map(\.token) == [expected[4], expected[6]])
  }

  @Test(
    "What comes behind a token changes nothing of a decoder's states, captured or packed with other texts either",
    arguments: TaskFixture.causal)
  func order(name: String) throws {
    let model = try BertModel.load(contentsOf: TaskFixture(name).folder)
    let (short, long) = (Tensor([[5, 6, 7]]), Tensor([[5, 6, 7, 8, 9]]))
    let states = noGradient { model(long) }
    let expected = states.sliced(1, 0..<3).array(of: Double.self)
    #expect(largestDifference(noGradient { model(short) }, expected) < 1e-6)
    let packed = noGradient { model(PackedTokens(ids: [[5, 6, 7, 8, 9], [5, 6, 7]], for: model.configuration)) }
    #expect(largestDifference(packed.sliced(0, 5..<8), expected) < 1e-5)
    let (_, trace) = LayerTrace.recording(attention: true) { noGradient { model(long) } }
    #expect(trace.attentions[0].triu(diagonal: 1).array(of: Double.self).allSatisfy { $0 == 0 })
  }

  @Test("Other classes than the file's make a fresh head, which says their names")
  func classes() throws {
    let folder = try TemporaryFolder()
    let labels = ClassLabels(["yes", "no"])
    let (model, report) = try BertForSequenceClassification.loadWithReport(
      contentsOf: fixture("tasks/roberta-sequence"), options: LoadingOptions(labels: labels))
    #expect(report.mismatched.map(\.key) == ["classifier.out_proj.weight", "classifier.out_proj.bias"])
    #expect(model(Tensor([[5, 6]])).shape == [1, 2])
    try model.save(to: folder.file("saved"))
    #expect(try AutoConfig.fromPretrained(folder.file("saved")).labels == labels)
    #expect(try BertConfiguration(contentsOf: fixture("tasks/bert-sequence")).labels.index(of: "positive") == 2)
  }

  @Test("Weights keep the file's element type when asked, and are written in it")
  func elementType() throws {
    let folder = try TemporaryFolder()
    let model = try BertForMaskedLM.load(
      contentsOf: fixture("tasks/bert-masked"), options: LoadingOptions(dtype: .bfloat16))
    try model.save(to: folder.file("half"))
    let kept = try BertForMaskedLM.fromPretrained(folder.file("half"), options: LoadingOptions(dtype: nil))
    #expect(kept.parameters().allSatisfy { $0.spec.dtype == .bfloat16 })
    let file = try ConfigurationFile(modelIn: URL(fileURLWithPath: folder.file("half")))
    #expect(try file.string("dtype") == "bfloat16")
  }

  @Test("A large model is cut into files with an index")
  func shards() throws {
    let folder = try TemporaryFolder()
    let fixture = try TaskFixture("distilbert-masked")
    let model = try fixture.model()
    try model.save(to: folder.file("saved"), maximumShardByteCount: 2_000)
    #expect(FileManager.default.fileExists(atPath: folder.file("saved/model.safetensors.index.json")))
    let reopened = try fixture.model(in: URL(fileURLWithPath: folder.file("saved")))
    #expect(try sameBits(noGradient { try fixture.logits(model) }, noGradient { try fixture.logits(reopened) }))
  }
}
