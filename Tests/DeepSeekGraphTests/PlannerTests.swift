import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekGraph

@Suite("Memory planner")
struct PlannerTests {
  @Test("buffers that live at the same time never share a byte, and the arena is no larger than need be by much")
  func randomRequests() {
    var choices = SplitMix(7)
    var (planned, optimal) = (0, 0)
    for round in 0..<400 {
      let requests = (0..<1 + choices.below(6)).map { _ in
        let first = choices.below(8)
        return BufferRequest(byteCount: 64 * choices.below(6), first: first, last: first + choices.below(5))
      }
      let placement = ArenaPlanner.place(requests)
      expectDisjoint(requests, placement, "round \(round)")
      let best = PlannerTests.bruteForce(requests)
      #expect(placement.byteCount >= best, "round \(round): \(requests)")
      #expect(best >= ArenaPlanner.lowerBound(requests), "round \(round): \(requests)")
      #expect(ArenaPlanner.lowerBound(requests) == PlannerTests.livePeak(requests), "round \(round): \(requests)")
      (planned, optimal) = (planned + placement.byteCount, optimal + best)
    }
    #expect(Double(planned) <= 1.02 * Double(optimal), "\(planned) bytes over all rounds; the best are \(optimal)")
  }

  @Test("many buffers of any size are disjoint and aligned")
  func manyRequests() {
    var choices = SplitMix(11)
    let requests = (0..<500).map { _ in
      let first = choices.below(300)
      return BufferRequest(byteCount: choices.below(5000), first: first, last: first + choices.below(40))
    }
    let placement = ArenaPlanner.place(requests)
    expectDisjoint(requests, placement, "500 buffers")
    #expect(placement.byteCount <= 2 * ArenaPlanner.lowerBound(requests))
  }

  private func expectDisjoint(_ requests: [BufferRequest], _ placement: ArenaPlanner.Placement, _ what: String) {
    for (index, request) in requests.enumerated() where request.byteCount > 0 {
      let start = placement.offsets[index]
      #expect(start % ArenaPlanner.alignment == 0 && start + request.byteCount <= placement.byteCount, "\(what)")
      for other in requests.indices where other < index && requests[other].byteCount > 0 {
        let otherStart = placement.offsets[other]
        let apart = start + request.byteCount <= otherStart || otherStart + requests[other].byteCount <= start
        #expect(apart || !request.overlaps(requests[other]), "\(what): \(request) and \(requests[other])")
      }
    }
  }

  /// The smallest arena: lowest-fit placement in some order reaches it, so every order is tried.
  private static func bruteForce(_ requests: [BufferRequest]) -> Int {
    func best(_ order: [Int], _ rest: [Int]) -> Int {
      if rest.isEmpty { return ArenaPlanner.place(requests, order: order).byteCount }
      return rest.map { next in best(order + [next], rest.filter { $0 != next }) }.min()!
    }
    return best([], Array(requests.indices))
  }

  private static func livePeak(_ requests: [BufferRequest]) -> Int {
    (0..<16).map { step in
      requests.filter { $0.first <= step && step <= $0.last }.reduce(0) { $0 + ArenaPlanner.rounded($1.byteCount) }
    }.max()!
  }

  @Test("in every plan of a random program, no step's output lies over a value that is still read later")
  func plansKeepLiveValues() throws {
    for seed in 0..<200 as Range<UInt64> {
      let program = RandomProgram(seed: seed &+ 1000, length: 6 + Int(seed % 25))
      let graph = try capture(Array(repeating: TensorSpec(.float32, [4, 4]), count: 2)) { program($0) }
      let request = PlanRequest(
        fetches: Array(graph.outputs.indices), updatesVariables: true, shapes: [[4, 4], [4, 4]])
      let compiler = try PlanCompiler(graph, request)
      let plan = ExecutionPlan(compiler, PlanAssembly(compiler))
      let conflict = PlannerTests.conflict(graph, compiler, plan)
      #expect(conflict == nil, "seed \(seed): \(conflict ?? "")\n\(graph)")
    }
  }

  /// Runs a plan on owners instead of bytes: each byte of the arena remembers which value was written there last, and every
  /// read must find its own value or, through a view, the one that it is a view of.
  private static func conflict(_ graph: Graph, _ compiler: PlanCompiler, _ plan: ExecutionPlan) -> String? {
    var owners: [Graph.Value?] = Array(repeating: nil, count: plan.arenaByteCount / 4)
    var base: [Graph.Value: Graph.Value] = [:]
    func bytes(_ value: Graph.Value) -> [Int] {
      guard case .arena(let buffer) = compiler.place(value).root else { return [] }
      let layout = compiler.place(value).layout
      return layout.elementPositions.map { plan.offsets[buffer] / 4 + $0 }
    }
    for step in compiler.steps {
      for input in step.inputs {
        let owner = base[input] ?? input
        for byte in bytes(input) where owners[byte] != owner {
          return "node \(step.node) reads \(input), but finds \(owners[byte].map(\.description) ?? "nothing")"
        }
      }
      for output in step.outputs {
        if step.isView {
          base[output] = base[step.inputs[0]] ?? step.inputs[0]
        } else {
          for byte in bytes(output) { owners[byte] = output }
        }
      }
    }
    return nil
  }

  @Test("a chain of elementwise operators runs in one buffer")
  func chain() throws {
    let graph = try capture(TensorSpec(.float32, [1024])) { x in
      (0..<20).reduce(x.exp()) { value, _ in value.tanh() }.sum()
    }
    let report = try CPUExecutor(graph).memoryReport([[1024]])
    #expect(report.arena == 4096)
    #expect(report.inPlaceCount == 20)
    #expect(report.withoutReuse == 21 * 4096)
  }

  @Test("a value that is read again later is not written over")
  func laterReader() throws {
    let graph = try capture(TensorSpec(.float32, [64])) { x in
      let y = x.exp()
      let view = y.reshaped(8, 8)
      let z = y.tanh()
      return z + (view.transposed() + 1.0).reshaped(64)
    }
    let x = pattern([64])
    let y = x.exp()
    let expected = y.tanh() + (y.reshaped(8, 8).transposed() + 1.0).reshaped(64)
    #expect(sameBits(try CPUExecutor(graph)(x)[0], expected))
  }
}

extension Layout {
  /// Where each element lies, in elements from the start of the storage.
  fileprivate var elementPositions: [Int] {
    var positions = [offset]
    for axis in 0..<shape.rank {
      positions = positions.flatMap { start in (0..<shape[axis]).map { start + $0 * stride(axis) } }
    }
    return positions
  }
}
