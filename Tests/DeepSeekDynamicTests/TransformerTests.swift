import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

private struct Stored: Decodable {
  struct Case: Decodable {
    let structure: String
    let normalizesFirst: Bool
    let isPadded: Bool
    let state: [String: StoredTensor]?
    let output: StoredTensor
    let cotangent: StoredTensor
    let inputGradients: [StoredTensor]
    let gradients: [String: StoredTensor]
  }

  struct Language: Decodable {
    let positions: String
    let isTied: Bool
    let scales: Bool
    let state: [String: StoredTensor]
    let logits: StoredTensor
    let loss: Double
    let gradients: [String: StoredTensor]
  }

  let source: StoredTensor
  let target: StoredTensor
  let sourceMask: [[Int]]
  let targetMask: [[Int]]
  let cases: [Case]
  let ids: [[Int]]
  let languages: [Language]
}

private func dictionary(_ state: [String: StoredTensor]) -> StateDictionary {
  StateDictionary(state.mapValues(\.tensor))
}

private func expectGradients(_ model: Transformer, _ expected: [String: StoredTensor], _ label: String) throws {
  let parameters = model.namedParameters()
  #expect(Set(parameters.map(\.name)) == Set(expected.keys), "\(label)")
  for named in parameters {
    let gradient = try #require(named.parameter.gradient, "\(label) \(named.name)")
    #expect(largestDifference(gradient, expected[named.name]!.tensor) < 1e-8, "\(label) \(named.name)")
  }
}

@Suite("A Transformer from a configuration computes what PyTorch's does")
struct TransformerTests {
  private let stored: Stored

  init() throws { stored = try fixture("transformer", as: Stored.self) }

  private func configuration(_ structure: Transformer.Configuration.Structure) -> Transformer.Configuration {
    var configuration = Transformer.Configuration(structure)
    configuration.width = 4
    configuration.headCount = 2
    configuration.layerCount = structure == .encoderDecoder ? 1 : 2
    configuration.feedForward = 10
    configuration.dropout = 0
    configuration.dtype = .float64
    return configuration
  }

  @Test(
    "Vectors: output and every gradient, norm first and last, with and without padding",
    arguments: Transformer.Configuration.Structure.allCases)
  func vectors(structure: Transformer.Configuration.Structure) throws {
    var state = StateDictionary()
    let cases = stored.cases.filter { $0.structure == structure.rawValue }
    #expect(cases.count == 4)
    for one in cases {
      let label = "\(structure), norm first \(one.normalizesFirst), padded \(one.isPadded)"
      var configuration = configuration(structure)
      configuration.normalizesFirst = one.normalizesFirst
      let model = Transformer(configuration)
      if let given = one.state { state = dictionary(given) }
      try model.load(state)
      let source = Parameter(stored.source.tensor)
      let target = Parameter(stored.target.tensor)
      let (sourceMask, targetMask) = (Tensor(stored.sourceMask), Tensor(stored.targetMask))
      var inputs = [source]
      let output: Tensor
      if structure == .encoderDecoder {
        inputs.append(target)
        output = model(
          source: source.tensor, target: target.tensor, sourceMask: one.isPadded ? sourceMask : nil,
          targetMask: one.isPadded ? targetMask : nil)
      } else {
        output = model(source.tensor, mask: one.isPadded ? sourceMask : nil)
      }
      #expect(largestDifference(output, one.output.tensor) < 1e-9, "\(label)")
      (output * one.cotangent.tensor).sum().backward()
      for (input, expected) in zip(inputs, one.inputGradients) {
        #expect(largestDifference(try #require(input.gradient), expected.tensor) < 1e-8, "\(label)")
      }
      try expectGradients(model, one.gradients, label)
    }
  }

  @Test("Tokens: logits, loss and every gradient, for each kind of positions, tied and not")
  func tokens() throws {
    let positions: [String: Transformer.Configuration.Positions] = [
      "none": .none, "learned": .learned, "sinusoidal": .sinusoidal, "rotary": .rotary(),
    ]
    let ids = Tensor(stored.ids)
    for language in stored.languages {
      var configuration = Transformer.Configuration(.decoder, vocabularySize: 9)
      configuration.width = 8
      configuration.headCount = 2
      configuration.layerCount = 1
      configuration.feedForward = 10
      configuration.maximumLength = 6
      configuration.activation = .gelu
      configuration.normalizesFirst = true
      configuration.dropout = 0
      configuration.positions = try #require(positions[language.positions])
      configuration.head = language.isTied ? .tied : .separate
      configuration.scalesEmbeddings = language.scales
      configuration.dtype = .float64
      let model = Transformer(configuration)
      try model.load(dictionary(language.state))
      let logits = noGradient { model(ids.sliced(1, 0..<5)) }
      #expect(largestDifference(logits, language.logits.tensor) < 1e-9, "\(language.positions)")
      // Padding, which stands at the end here, is seen by no position that counts.
      let labels = ids.sliced(1, 1..<6)
      let ignored = Tensor.full([], Transformer.ignoredLabel, dtype: .int64)
      let loss = model.loss(
        ids.sliced(1, 0..<5), labels: Tensor.select(labels.notEqual(to: 0), labels, ignored))
      #expect(abs(loss.item(as: Double.self) - language.loss) < 1e-9, "\(language.positions)")
      loss.backward()
      try expectGradients(model, language.gradients, language.positions)
      configuration.padTokenID = 0
      let padding = Transformer(configuration)
      try padding.load(dictionary(language.state))
      #expect(abs(padding.loss(ids).item(as: Double.self) - language.loss) < 1e-9, "\(language.positions)")
    }
  }

  @Test("An encoder with a decoder learns to copy, captured or not")
  func copying() throws {
    var configuration = Transformer.Configuration(.encoderDecoder, vocabularySize: 12)
    configuration.width = 32
    configuration.headCount = 4
    configuration.layerCount = 1
    configuration.feedForward = 64
    configuration.dropout = 0
    configuration.maximumLength = 8
    configuration.normalizesFirst = true
    configuration.padTokenID = 0
    let model = RandomGenerator.withSeed(3) { Transformer(configuration) }
    // One table for both sides and the logits.
    #expect(model.targetEmbedding?.tokens === model.embedding?.tokens)
    let optimizer = Optimizer(model, AdamW(learningRate: 1e-2))
    var last = 0.0
    for step in 0..<90 {
      let source = RandomGenerator.withSeed(UInt64(step)) { Tensor.randomIntegers([16, 3], 2..<12) }
      let target = Tensor.concatenate([Tensor.full([16, 1], 1, dtype: .int64), source], axis: 1)
      let loss = model.loss(source: source, target: target)
      last = loss.item(as: Double.self)
      loss.backward()
      optimizer.step(clippingNorm: 1)
      optimizer.zeroGradients()
    }
    #expect(last < 1)
    model.eval()
    let shape = Shape([Dimension.symbol("batch"), Dimension.symbol("sequence")])
    let graph = try noGradient {
      try capture([TensorSpec(.int64, shape), TensorSpec(.int64, shape)]) { [model(source: $0[0], target: $0[1])] }
    }
    let ids = Tensor([[3, 4, 5, 0], [7, 2, 9, 11]])
    let eager = noGradient { model(source: ids, target: ids) }
    #expect(eager.shape == [2, 4, 12])
    #expect(largestDifference(try CPUExecutor(graph.optimized())(ids, ids)[0], eager) < 1e-5)
  }

  @Test("Two vocabularies have two tables; an encoder's labels stand at their own positions")
  func shapes() throws {
    var configuration = Transformer.Configuration(.encoderDecoder, vocabularySize: 12)
    configuration.targetVocabularySize = 7
    configuration.width = 8
    configuration.headCount = 2
    configuration.layerCount = 1
    configuration.feedForward = 8
    let model = Transformer(configuration)
    #expect(noGradient { model(source: Tensor([[11, 1]]), target: Tensor([[6, 2, 1]])) }.shape == [1, 3, 7])
    #expect(model.stateDictionary().keys.contains("target_embedding.tokens.weight"))
    configuration.structure = .encoder
    let encoder = Transformer(configuration)
    let loss = encoder.loss(Tensor([[11, 1, 3]]), labels: Tensor([[-100, 4, -100]]))
    #expect(loss.shape == [] && loss.item(as: Double.self).isFinite)
    #expect(!encoder.stateDictionary().keys.contains { $0.hasPrefix("decoder") })
  }
}
