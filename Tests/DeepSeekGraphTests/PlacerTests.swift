import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("Placement: the automatic placer")
struct PlacerTests {
  private let two = AutomaticPlacer(
    (0..<2).map { DeviceProfile(Device(.cpu, $0), operationsPerSecond: 1e9, bytesPerSecond: 1e9) })

  @Test("a chain stays on one device")
  func chain() throws {
    let graph = try capture([TensorSpec(.float32, [64, 64])]) { inputs in
      [(0..<6).reduce(inputs[0]) { x, _ in x.matmul(x).relu() }]
    }
    let choices = two.placement(of: graph)
    #expect(choices.count == graph.nodes.count)
    #expect(Set(choices.map(\.device)) == [.cpu])
    #expect(choices[0].reason == .first)
    #expect(choices.dropFirst().allSatisfy { $0.reason == .inputsAreThere })
  }

  @Test("branches of weight go to two devices, light ones stay together, and a join follows")
  func branches() throws {
    func devices(_ size: Int) throws -> Set<Device> {
      let graph = try capture([TensorSpec(.float32, [size, size])]) { inputs in
        let towers = (0..<2).map { tower in (0..<4).reduce(inputs[0] * Double(tower + 2)) { x, _ in x.matmul(x) } }
        return [towers[0] + towers[1]]
      }
      return Set(two.placement(of: graph).map(\.device))
    }
    #expect(try devices(128) == [.cpu, Device(.cpu, 1)])
    #expect(try devices(2) == [.cpu])
  }

  @Test("a view stays with what it looks at, and costs nothing")
  func views() throws {
    let graph = try capture([TensorSpec(.float32, [8, 8])]) { inputs in [inputs[0].exp().transposed().reshaped(64)] }
    let choices = two.placement(of: graph)
    let views = graph.nodes.indices.filter { graph.nodes[$0].operation.traits.contains(.view) }
    #expect(!views.isEmpty)
    for index in views {
      #expect(choices[index].reason == .view && choices[index].cost == NodeCost(operations: 0, bytes: 0))
    }
  }

  @Test("a faster device takes the work; one device takes all of it")
  func rates() throws {
    let graph = try capture([TensorSpec(.float32, [256, 256])]) { inputs in [inputs[0].matmul(inputs[0]).relu()] }
    let fast = Device(.cpu, 1)
    let uneven = AutomaticPlacer([
      DeviceProfile(.cpu, operationsPerSecond: 1e9, bytesPerSecond: 1e9),
      DeviceProfile(fast, operationsPerSecond: 1e12, bytesPerSecond: 1e11),
    ])
    #expect(Set(uneven.placement(of: graph).map(\.device)) == [fast])
    let alone = AutomaticPlacer(DeviceProfile.logicalCPUs(1)).placement(of: graph)
    #expect(alone.allSatisfy { $0.device == .cpu && $0.reason == .onlyDevice })
  }

  @Test("a product's arithmetic is counted exactly, with open lengths as they are given")
  func costs() throws {
    let batch = Dimension.symbol("batch")
    let open = TensorSpec(.float32, Shape([batch, Dimension(48)]))
    let graph = try capture([open, TensorSpec(.float32, [48, 10])]) { inputs in [inputs[0].matmul(inputs[1]).sum()] }
    let product = graph.cost(of: graph.nodes[0], lengths: [batch: 100])
    let (exact, usual): (Double, Double) = (96_000, 30_720)
    #expect(abs(product.operations - exact) < 1)
    #expect(product.bytes == 25_120)
    #expect(abs(graph.cost(of: graph.nodes[0]).operations - usual) < 1)
    #expect(graph.cost(of: graph.nodes[1], lengths: [batch: 100]).operations == 1000)
    let matrices = [TensorSpec(.float32, [6, 20, 30]), TensorSpec(.float32, [6, 30, 40])]
    let batched = try capture(matrices) { inputs in [inputs[0].matmul(inputs[1])] }
    let all: Double = 288_000
    #expect(abs(batched.cost(of: batched.nodes[0]).operations - all) < 1)
  }
}
