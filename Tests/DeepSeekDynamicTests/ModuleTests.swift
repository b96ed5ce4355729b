import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

private final class MLP: Module {
  let first = Linear(6, 4)
  let second = Linear(4, 3)
  func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).relu()) }
}

private final class Block: Module {
  static let stateKeys = ["selfAttention": "attention.self", "norm": "LayerNorm", "inner": ""]
  let selfAttention = Linear(2, 2, bias: false)
  let norm = LayerNorm(2)
  let inner = [ReLU(), ReLU()] as [any Layer]
  let layers = [Linear(2, 2), Linear(2, 2, bias: false)]
  let named = ["b": Linear(1, 1, bias: false), "a": Linear(1, 1, bias: false)]
  let absent: Linear? = nil
  let present: Dropout? = Dropout(0.1)
  let scale = Parameter(Tensor.ones([1]))
  let table = Buffer(Tensor.zeros([2]))
  let positions = Buffer(Tensor.zeros([2]), isPersistent: false)
  let widths = [1, 2, 3]
}

private final class Tied: Module {
  let embedding: Embedding
  let head: Linear
  init() {
    embedding = Embedding(5, 3)
    head = Linear(weight: embedding.weight)
  }
  func callAsFunction(_ x: Tensor) -> Tensor { head(embedding(x)) }
}

@Suite("Modules find what they hold")
struct ModuleTests {
  @Test("Keys follow property names, indices, dictionary keys and renames")
  func keys() {
    #expect(MLP().namedParameters().map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias"])
    let block = Block()
    #expect(
      block.stateDictionary().keys == [
        "attention.self.weight", "LayerNorm.weight", "LayerNorm.bias", "layers.0.weight", "layers.0.bias",
        "layers.1.weight", "named.a.weight", "named.b.weight", "scale", "table",
      ])
    #expect(block.namedBuffers().map(\.name) == ["table", "positions"])
    #expect(MLP().parameterCount() == 6 * 4 + 4 + 4 * 3 + 3)
  }

  @Test("Training mode reaches every part, and each part alone")
  func mode() {
    let model = Sequential(Dropout(0.5), Sequential(Dropout(0.5)))
    let x = Tensor.ones([1000])
    #expect(model(x).array(of: Float.self).contains(0))
    model.eval()
    #expect(model(x).array(of: Float.self) == x.array(of: Float.self))
    (model[1] as? Sequential)?.train()
    #expect(model(x).array(of: Float.self).contains(0))
  }

  @Test("A weight under two names counts once, is saved under both and gathers both gradients")
  func tied() {
    let model = Tied()
    #expect(model.namedParameters().map(\.name) == ["embedding.weight"])
    #expect(model.stateDictionary().keys == ["embedding.weight", "head.weight"])
    #expect(model.parameterCount() == 15)
    let indices = Tensor([Int64(1), 4])
    model(indices).sum().backward()
    // Of Σ over rows and classes of W[class] · W[row]: the rows' sum everywhere, and the classes' sum where a row was read.
    let weight = model.embedding.weight.value
    let rows = weight.selected(0, 1) + weight.selected(0, 4)
    let isRead = Tensor([[0.0], [1.0], [0.0], [0.0], [1.0]])
    let expected = rows + isRead * weight.sum(axis: 0)
    let gradient = model.embedding.weight.gradient!
    #expect(largestDifference(gradient, expected) < 1e-5)
  }

  @Test("Freezing takes gradients away by key, and unfreezing gives them back")
  func freezing() {
    let model = MLP()
    model.freeze { $0.hasPrefix("first") }
    model(Tensor.ones([2, 6])).sum().backward()
    #expect(model.first.weight.gradient == nil)
    #expect(model.second.weight.gradient != nil)
    #expect(model.parameterCount(trainableOnly: true) == 15)
    model.unfreeze()
    model(Tensor.ones([2, 6])).sum().backward()
    #expect(model.first.weight.gradient != nil)
  }

  @Test("The summary names modules, shapes and totals")
  func summary() {
    #expect(
      MLP().summary == """
        MLP
          first: Linear   weight [4, 6], bias [4]  28
          second: Linear  weight [3, 4], bias [3]  15
        43 parameters, 43 trainable, 0.0 MB
        """)
  }

  @Test("A module prints as its summary, a weight with its elements, an optimizer with its rules")
  func descriptions() {
    let model = MLP()
    #expect("\(model)" == model.summary)
    let weight = Parameter(Tensor([1.0, 2.0]), isTrainable: false)
    #expect("\(weight)" == "Parameter([1., 2.]  float32[2]), not trainable")
    let optimizer = "\(Optimizer(model, SGD(learningRate: 0.5)))"
    #expect(optimizer.contains("SGD(learningRate: 0.5") && optimizer.hasSuffix("4 weights; 0 steps)"))
  }
}

@Suite("A state dictionary loads whole or not at all")
struct StateDictionaryTests {
  @Test("Saved and loaded, a model computes the same")
  func roundTrip() throws {
    let (source, target) = (MLP(), MLP())
    let x = Tensor.randomNormal([3, 6])
    let report = try target.load(source.stateDictionary())
    #expect(report.isComplete && report.loaded.count == 4)
    #expect(source(x).array(of: Float.self) == target(x).array(of: Float.self))
  }

  @Test("Missing, unused and mismatched keys are all named, and nothing is changed")
  func strict() throws {
    let model = MLP()
    let before = model.stateDictionary()
    var state = StateDictionary()
    state["first.weight"] = Tensor.zeros([4, 6])
    state["first.bias"] = Tensor.zeros([5])
    state["second.weight"] = Tensor.zeros([3, 4])
    state["third.weight"] = Tensor.zeros([1])
    let error = #expect(throws: StateLoadingError.self) { try model.load(state) }
    #expect(error?.report.missing == ["second.bias"])
    #expect(error?.report.unused == ["third.weight"])
    #expect(error?.report.mismatched == [.init(key: "first.bias", expected: [4], found: [5])])
    #expect(error?.description.contains("first.bias: shape [5], the model's is [4]") == true)
    for (key, value) in before {
      #expect(value.array(of: Float.self) == model.stateDictionary()[key]!.array(of: Float.self), "\(key)")
    }
    for allowed: StateLoadingOptions in [
      [.allowsMissing, .allowsUnused], [.allowsMissing, .allowsShapeMismatch], [.allowsUnused, .allowsShapeMismatch],
    ] {
      #expect(throws: StateLoadingError.self) { try model.load(state, options: allowed) }
    }
    let report = try model.load(state, options: [.allowsMissing, .allowsUnused, .allowsShapeMismatch])
    #expect(report.loaded == ["first.weight", "second.weight"])
    #expect(model.first.weight.value.array(of: Float.self).allSatisfy { $0 == 0 })
    #expect(model.second.bias!.value.array(of: Float.self) == before["second.bias"]!.array(of: Float.self))
  }

  @Test("Element types become the model's, unless they are to be kept")
  func types() throws {
    let model = MLP()
    var state = StateDictionary()
    for (key, value) in model.stateDictionary() { state[key] = value.converted(to: .bfloat16) }
    #expect(try model.load(state).converted.count == 4)
    #expect(model.first.weight.value.dtype == .float32)
    try model.load(state, options: .keepsElementType)
    #expect(model.first.weight.value.dtype == .bfloat16)
  }

  @Test("A shared weight may come under either of its keys")
  func shared() throws {
    let model = Tied()
    try model.load(["head.weight": Tensor.ones([5, 3])])
    #expect(model.embedding.weight.value.array(of: Float.self).allSatisfy { $0 == 1 })
  }

  @Test("A dictionary taken before a step keeps the old weights")
  func snapshot() {
    let model = MLP()
    let state = model.stateDictionary()
    let before = state["first.weight"]!.array(of: Float.self)
    model.first.weight.gradient = Tensor.ones([4, 6])
    Optimizer(model, SGD(learningRate: 1)).step()
    #expect(state["first.weight"]!.array(of: Float.self) == before)
    #expect(model.first.weight.value.array(of: Float.self) != before)
  }
}
