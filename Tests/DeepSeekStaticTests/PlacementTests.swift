import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Testing

@Suite("Static graphs: what was placed by hand beside what the placer would do")
struct PlacementTests {
  @Test("a chain spread over two devices would be on one, and the report says why")
  func chain() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 32])
    let hidden = graph.device("cpu:0") { graph.nameScope("encoder") { x.matmul(Tensor.ones([32, 32])) } }
    let output = graph.device("cpu:1") { graph.nameScope("head") { hidden.relu().transposed() } }
    let placer = AutomaticPlacer(DeviceProfile.logicalCPUs(2))
    let report = graph.placementReport(placer)
    #expect(report.rows.map(\.name) == ["encoder/matmul", "head/relu", "head/transpose"])
    #expect(report.rows.map(\.byHand) == [.cpu, Device(.cpu, 1), Device(.cpu, 1)])
    #expect(report.rows.map(\.differs) == [false, true, true])
    #expect(report.rows.map(\.automatic.reason) == [.first, .inputsAreThere, .view])
    let text = report.description
    #expect(
      text.contains("encoder/matmul  matmul") && text.contains("cpu:0 *") && text.contains("its inputs are there"))
    #expect(text.hasSuffix("2 of 3 nodes would be elsewhere"))
    #expect(graph.placementReport(placer, nodes: 1..<2).rows.map(\.name) == ["head/relu"])
    #expect(graph.placementReport(placer, nodes: 7..<9).rows.isEmpty)
    // Placement by hand stays, and changes no number.
    #expect(
      try Session(graph).run(output, feeds: [x: Tensor.ones([1, 32])]).array(of: Float.self).allSatisfy { $0 == 32 })
  }

  @Test("replicas placed by hand on two devices are where the placer would have them, when they are worth it")
  func replicas() throws {
    let graph = StaticGraph()
    for tower in 0..<2 {
      let x = graph.placeholder("x\(tower)", [256, 256])
      graph.device("cpu:\(tower)") { _ = (0..<3).reduce(x) { y, _ in y.matmul(Tensor.ones([256, 256])) } }
    }
    let report = graph.placementReport(AutomaticPlacer(DeviceProfile.logicalCPUs(2)))
    #expect(report.rows.count == 6 && report.rows.allSatisfy { !$0.differs })
  }

  @Test("a device far beyond those that there are is one device more, not a million")
  func farDevice() {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [4])
    _ = graph.device("cpu:100000000") { x + x }
    #expect(graph.placementReport().rows.map(\.differs) == [true])
  }
}

@Suite("Static graphs: state and operations as wholes")
struct GraphStateTests {
  @Test("all state is found: variables, weights of layers, and what optimizers keep")
  func variables() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 3])
    let scale = graph.variable("scale", Tensor.ones([3]), isTrainable: false)
    let layer = Linear(3, 1)
    let loss = graph.building { layer(x * scale.tensor).square().mean() }
    #expect(graph.allVariables.map(\.name).first == "scale")
    #expect(graph.allVariables.count == 3)
    #expect(
      graph.trainableVariables.map { ObjectIdentifier($0.parameter) } == layer.parameters().map(ObjectIdentifier.init))
    _ = Optimizer(layer, Adam()).minimize(loss)
    #expect(graph.allVariables.count > 3)
    #expect(StaticGraph.graph(of: loss) === graph && StaticGraph.graph(of: Tensor.ones([1])) == nil)
  }

  @Test("a group of no operations does nothing, and one of several does them all")
  func groups() throws {
    let graph = StaticGraph()
    let count = graph.variable("count", Tensor([0.0]), isTrainable: false)
    let session = Session(graph)
    try session.run(graph.group([]))
    #expect(count.value.array(of: Float.self) == [0])
    try session.run(graph.group([count.assignAdd(Tensor([1.0])), graph.group([])]))
    #expect(count.value.array(of: Float.self) == [1])
  }

  @Test("a model whose first layer says what it takes is built without data")
  func declaredInput() throws {
    let first = Keras.Layers.Dense(4)
    first.core.inputShape = [3]
    let model = Keras.Sequential([first])
    model.add(Keras.Layers.Dense(2))
    #expect(!model.isBuilt)
    #expect(model.summary().contains("26 parameters"))
    #expect(try model.predict(Tensor.ones([5, 3])).shape == [5, 2])
  }
}
