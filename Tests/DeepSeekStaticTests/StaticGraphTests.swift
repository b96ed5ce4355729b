import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Static graph")
struct StaticGraphTests {
  @Test("a placeholder with an open batch runs at several lengths and gives what eager code gives")
  func openBatch() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 3])
    let weight = graph.variable("weight", pattern([3, 2]))
    let y = x.matmul(weight.tensor).relu()
    let session = Session(graph)
    for count in [1, 4, 2, 4] {
      let values = pattern([count, 3], Double(count))
      let result = try session.run(y, feeds: [x: values])
      #expect(sameBits(result, noGradient { values.matmul(weight.value).relu() }), "batch \(count)")
    }
  }

  @Test("only what is fetched is computed, and only its placeholders must be fed")
  func partialEvaluation() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [2])
    let unused = graph.placeholder("unused", [2])
    let (y, z) = (x * 2, x + unused)
    let session = Session(graph)
    #expect(numbers(try session.run(y, feeds: [x: Tensor([1.0, 2.0])])) == [2, 4])
    #expect(throws: StaticGraphError.missingFeed("unused", fed: ["x"])) {
      try session.run(z, feeds: [x: Tensor([1.0, 2.0])])
    }
  }

  @Test("a graph grows after it has run")
  func growth() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [2])
    let y = x * 3
    let session = Session(graph)
    #expect(numbers(try session.run(y, feeds: [x: Tensor([1.0, 2.0])])) == [3, 6])
    let z = y + 1
    let results = try session.run([z, y], feeds: [x: Tensor([1.0, 2.0])])
    #expect(results.map(numbers) == [[4, 7], [3, 6]])
  }

  @Test("a feed that does not fit is an error that names the placeholder")
  func wrongFeeds() throws {
    let graph = StaticGraph()
    let images = graph.placeholder("images", [nil, 4])
    let labels = graph.placeholder("labels", [nil], dtype: .int64)
    let y = images.sum(axis: 1) + labels.cast(to: .float32)
    let session = Session(graph)
    func message(_ feeds: KeyValuePairs<Tensor, Tensor>) -> String {
      do {
        _ = try session.run(y, feeds: feeds)
        return "no error"
      } catch { return "\(error)" }
    }
    let good = Tensor([1, 2], dtype: .int64)
    #expect(message([images: pattern([2, 5]), labels: good]).contains("'images'"))
    #expect(message([images: pattern([2, 4, 1]), labels: good]).contains("'images'"))
    #expect(message([images: pattern([2, 4]), labels: Tensor([1.0, 2.0])]).contains("'labels'"))
    let lengths = message([images: pattern([3, 4]), labels: good])
    #expect(lengths.contains("'labels'") && lengths.contains("batch"))
    #expect(message([images: pattern([2, 4])]).contains("'labels' is not fed"))
    #expect(message([images: pattern([2, 4]), images: pattern([2, 4]), labels: good]).contains("fed twice"))
    #expect(message([pattern([2]): pattern([2]), labels: good]).contains("belongs to no graph"))
    let other = StaticGraph().placeholder("other", [2])
    #expect(throws: StaticGraphError.self) { try session.run(other, feeds: [other: pattern([2])]) }
  }

  @Test("any tensor can be fed, and is then not computed")
  func feedingInTheMiddle() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [2])
    let y = x * 2
    let z = y + 1
    let session = Session(graph)
    #expect(numbers(try session.run(z, feeds: [y: Tensor([10.0, 20.0])])) == [11, 21])
    #expect(numbers(try session.run(z, feeds: [x: Tensor([10.0, 20.0])])) == [21, 41])
  }

  @Test("an assignment changes its variable when it is run, and not otherwise")
  func assignments() throws {
    let graph = StaticGraph()
    let count = graph.variable("count", Tensor([0.0]), isTrainable: false)
    let (increment, reset) = (count.assignAdd(Tensor([1.0])), count.assign(Tensor([0.0])))
    let session = Session(graph)
    _ = try session.run(count.tensor)
    #expect(numbers(count.value) == [0])
    try session.run(increment)
    try session.run(increment)
    // What is fetched beside an assignment is read at the start.
    #expect(numbers(try session.run(count.tensor, updating: [increment])) == [2])
    #expect(numbers(count.value) == [3])
    try session.run(reset)
    #expect(numbers(count.value) == [0])
    let error = StaticGraphError.conflictingAssignments(variable: "count", increment.name, reset.name)
    #expect(throws: error) { try session.run([], updating: [increment, reset]) }
  }

  @Test("what is made under a control dependency runs it and sees what it assigns")
  func controlDependencies() throws {
    let graph = StaticGraph()
    let (a, b) = (graph.variable("a", Tensor([1.0])), graph.variable("b", Tensor([10.0])))
    let first = a.assignAdd(Tensor([1.0]))
    let (after, second) = graph.controlDependencies([first]) { (a.tensor * 5, a.assign(a.tensor.detached() * 3)) }
    let before = a.tensor * 5
    let session = Session(graph)
    #expect(try session.run([before, after]).map(numbers) == [[5], [10]])
    #expect(numbers(a.value) == [2])
    try session.run(second)
    #expect(numbers(a.value) == [9], "2 + 1, times 3")
    let both = StaticOperation.group([first, b.assign(a.tensor)])
    try session.run(both)
    #expect(numbers(a.value) == [10])
    #expect(numbers(b.value) == [9])
  }

  @Test("a variable read after an operation runs it, and a step may wait for a counter and for the layers' updates")
  func readAfterOperation() throws {
    let graph = StaticGraph()
    let counter = graph.variable("counter", Tensor([0.0]), isTrainable: false)
    let next = graph.controlDependencies([counter.assignAdd(Tensor([1.0]))]) { counter.tensor }
    let session = Session(graph)
    #expect(try (0..<3).map { _ in numbers(try session.run(next)) } == [[1], [2], [3]])

    let x = graph.placeholder("x", [nil, 3])
    let norm = BatchNorm(3)
    let loss = graph.building { norm(x).square().mean() }
    let optimizer = Optimizer(norm, SGD(learningRate: 0.1))
    let train = graph.controlDependencies([graph.updates, counter.assignAdd(Tensor([1.0]))]) {
      optimizer.minimize(loss)
    }
    _ = try session.run([loss], updating: [train, graph.updates], feeds: [x: pattern([4, 3])])
    #expect(numbers(counter.value) == [4])
    #expect(numbers(norm.batchCount.value) == [1])
  }

  @Test("a graph with control dependencies is released with its last user")
  func release() {
    weak var watched: StaticGraph?
    do {
      let graph = StaticGraph()
      let a = graph.variable("a", Tensor([1.0]))
      _ = graph.controlDependencies([a.assignAdd(Tensor([1.0]))]) { a.tensor * 2 }
      watched = graph
    }
    #expect(watched == nil)
  }

  @Test("a variable whose shape was changed by others is refused, not written over")
  func changedShape() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [1000])
    let v = graph.variable("v", Tensor.zeros([1000]))
    let assign = v.assign(x * 2)
    let session = Session(graph)
    try session.run(assign, feeds: [x: Tensor.ones([1000])])
    v.parameter.value = Tensor.zeros([2])
    #expect(throws: (any Error).self) { try session.run(assign, feeds: [x: Tensor.ones([1000])]) }
    #expect(v.value.shape == [2])
  }

  @Test("gradients with respect to placeholders, variables and what lies between follow the operators' rules")
  func gradients() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [3])
    let weight = graph.variable("weight", Tensor([2.0, -1.0, 0.5]))
    let product = x * weight.tensor
    let loss = product.square().sum()
    let unrelated = graph.placeholder("unrelated", [3])
    let slopes = graph.gradients(of: loss, withRespectTo: [x, weight.tensor, product, unrelated])
    #expect(slopes[3] == nil)
    let session = Session(graph)
    let feed = Tensor([1.0, 2.0, 3.0])
    let results = try session.run(slopes.compactMap { $0 }, feeds: [x: feed])
    #expect(numbers(results[0]) == [8, 4, 1.5])  // 2 x w²
    #expect(numbers(results[1]) == [4, -8, 9])  // 2 x² w
    #expect(numbers(results[2]) == [4, -4, 3])  // 2 x w
    // Again, through the same nodes.
    let again = graph.gradients(of: loss, withRespectTo: [x])[0]!
    #expect(numbers(try session.run(again, feeds: [x: feed])) == [8, 4, 1.5])
  }

  @Test("layers of the dynamic graph are called on placeholders, and their weights are variables")
  func layers() throws {
    let graph = StaticGraph()
    let model = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
    let x = graph.placeholder("x", [nil, 4])
    let y = graph.building { model(x) }
    let exported = try graph.exported(outputs: [("y", y)])
    #expect(exported.variables.count == 4)
    #expect(exported.constants.allSatisfy { $0.tensor.elementCount <= 1 })
    let values = pattern([5, 4])
    #expect(sameBits(try Session(graph).run(y, feeds: [x: values]), noGradient { model(values) }))
    // A weight read outside the building is no constant either.
    let other = Linear(4, 3)
    let outside = x.linear(other.weight.tensor)
    #expect(try graph.exported(outputs: [("y", outside)]).variables.map { $0.parameter === other.weight } == [true])
  }

  @Test("a module made while a graph is built has values for weights")
  func modulesInside() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 4])
    let (layer, y) = RandomGenerator.withSeed(3) {
      graph.asDefault {
        let layer = Linear(4, 2)
        return (layer, layer(x))
      }
    }
    let same = RandomGenerator.withSeed(3) { Linear(4, 2) }
    #expect(sameBits(layer.weight.value, same.weight.value))
    let values = pattern([3, 4])
    #expect(sameBits(try Session(graph).run(y, feeds: [x: values]), noGradient { same(values) }))
  }

  @Test("each run draws new random numbers, and a seed repeats them")
  func randomness() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [64])
    let y = graph.building { Dropout(0.5)(x) }
    let session = Session(graph)
    let ones = Tensor.ones([64])
    let (first, second) = try RandomGenerator.withSeed(1) {
      (try session.run(y, feeds: [x: ones]), try session.run(y, feeds: [x: ones]))
    }
    #expect(!sameBits(first, second))
    #expect(sameBits(first, try RandomGenerator.withSeed(1) { try session.run(y, feeds: [x: ones]) }))
    #expect(sameBits(first, RandomGenerator.withSeed(1) { Dropout(0.5)(ones) }))
  }

  @Test("names and devices of nodes follow the scopes, and survive a file")
  func scopes() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil, 2])
    let y = graph.nameScope("encoder") {
      graph.device("cpu:1") { graph.nameScope("inner") { (x * 2).exp() } }
    }
    let z = graph.nameScope("encoder") { y + 1 }
    let exported = try graph.exported(outputs: [("z", z)])
    let names = exported.nodes.map(\.name)
    #expect(names == ["encoder/inner/multiply_scalar", "encoder/inner/exp", "encoder_1/add_scalar"])
    #expect(exported.nodes.map(\.device) == [Device(.cpu, 1), Device(.cpu, 1), nil])
    #expect(graph.placement == [Device(.cpu, 1): 2])
    #expect(y.device == Device(.cpu, 1))

    let folder = try TemporaryFolder()
    try exported.write(to: folder.file("graph"))
    let read = try Graph(contentsOf: folder.file("graph"))
    #expect(read.nodes.map(\.name) == names)
    #expect(read.nodes.map(\.device) == exported.nodes.map(\.device))
    #expect(read.description.contains("'encoder/inner/exp' on cpu:1"))
    let values = pattern([3, 2])
    let expected = try Session(graph).run(z, feeds: [x: values])
    #expect(sameBits(try GraphSession(read).run(feeds: ["x": values])["z"]!, expected))

    let other = StaticGraph()
    let input = other.placeholder("values", [nil, 2])
    let added = try other.add(read, inputs: ["x": input])["z"]!
    #expect(sameBits(try Session(other).run(added, feeds: [input: values]), expected))
    #expect(try other.exported(outputs: [("z", added)]).nodes.map(\.name) == names)
    #expect(throws: GraphError.self) { try other.add(read, inputs: ["y": input]) }
  }

  @Test("a training step read from a file goes on updating its variables")
  func importedUpdates() throws {
    let graph = StaticGraph()
    let count = graph.variable("count", Tensor([5.0]), isTrainable: false)
    let step = try graph.exported(outputs: [("count", count.tensor)], updating: [count.assignAdd(Tensor([1.0]))])
    let folder = try TemporaryFolder()
    try step.write(to: folder.file("step"))
    let session = try GraphSession(Graph(contentsOf: folder.file("step")))
    _ = try session.run(feeds: [:], updatesVariables: true)
    #expect(numbers(try session.run(feeds: [:])["count"]!) == [6])
    #expect(numbers(count.value) == [5], "a file's variables are its own")
  }

  @Test("placeholders and constants of every kind run without a node")
  func trivialFetches() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [nil])
    let constant = graph.constant(Tensor([1.0, 2.0]))
    let session = Session(graph)
    let results = try session.run([x, constant, Tensor([7.0]), x], feeds: [x: Tensor([3.0])])
    #expect(results.map(numbers) == [[3], [1, 2], [7], [3]])
  }

  @Test("the graph that is being built is the innermost one")
  func defaults() {
    let graph = StaticGraph()
    #expect(graph.asDefault { StaticGraph.current === graph })
    let before = StaticGraph.current
    #expect(before !== graph)
    #expect(StaticGraph.current === before)
  }
}

@Suite("Numeric checks")
struct NumericCheckTests {
  @Test("a NaN stops the run and names the operator and the node, before a variable changes")
  func namesTheNode() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [2])
    let seen = graph.variable("seen", Tensor([0.0, 0.0]))
    let y = graph.nameScope("head") { x.log() }
    let step = seen.assign((y * 2).detached())
    let session = Session(graph, checksNumerics: true)
    _ = try session.run(y, updating: [step], feeds: [x: Tensor([1.0, 2.0])])
    let before = seen.value
    do {
      _ = try session.run(y, updating: [step], feeds: [x: Tensor([1.0, -2.0])])
      Issue.record("the logarithm of a negative number should have stopped the run")
    } catch {
      #expect("\(error)".contains("log") && "\(error)".contains("head/log"), "\(error)")
    }
    #expect(sameBits(seen.value, before))
    // Without the check it runs through.
    #expect(numbers(try Session(graph).run(y, feeds: [x: Tensor([1.0, -2.0])]))[1].isNaN)
  }

  @Test("an infinity that comes from outside, or through a view of it, is not an operator's fault")
  func infiniteInputs() throws {
    let graph = StaticGraph()
    let x = graph.placeholder("x", [2, 2])
    let masked = x.transposed() + Tensor([[0, -Float.infinity], [0, 0]])
    let y = masked.transposed().softmax(axis: 0)
    let results = try Session(graph, checksNumerics: true).run([masked, y], feeds: [x: pattern([2, 2])])
    #expect(results[1].isAllFinite)
    let fed = Tensor([[1, Float.infinity], [0, 0]])
    _ = try Session(graph, checksNumerics: true).run(masked, feeds: [x: fed])
  }
}
