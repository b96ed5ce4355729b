import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// Attention as decoders write it out, whose masks hide the keys behind each query's own place.
@Suite("Fusion of masked attention")
struct MaskedAttentionTests {
  private static let (batch, length) = (2, 6)
  private let infinity = Tensor.full([], -Double.infinity)

  /// What is left of a graph that fusion was asked to take.
  private func fused(_ graph: Graph) throws -> Graph {
    try graph.optimized([
      .constantFolding, .simplification(), .commonSubexpressions, .fusion(), .attentionFusion, .deadCode,
    ])
  }

  /// Queries, keys and values, of a sequence as long as the ids, which come fourth; then a mask of padding.
  private func specs(_ sequence: Dimension, keyHeads: Int = 4) -> [TensorSpec] {
    let batch = Dimension.symbol("batch")
    func heads(_ count: Int) -> TensorSpec { TensorSpec(.float32, Shape([batch, Dimension(count), sequence, 8])) }
    let ids = TensorSpec(.int64, Shape([batch, sequence]))
    return [heads(4), heads(keyHeads), heads(keyHeads), ids, ids]
  }

  private func inputs(keyHeads: Int = 4) -> [Tensor] {
    let (batch, length) = (MaskedAttentionTests.batch, MaskedAttentionTests.length)
    let floats = [4, keyHeads, keyHeads].enumerated().map { pattern([batch, $1, length, 8], Double($0)) }
    let padding = Tensor([batch, length], (0..<batch * length).map { Int64($0 < 9 ? 1 : 0) })
    return floats + [Tensor.ones(like: padding) + 0, padding]
  }

  private struct Expected {
    var isCausal = true
    var hasMask = false
    var keyHeads = 4
  }

  /// Fuses what `body` writes out, for known and open lengths, and compares it with the same run as it was written.
  private func check(
    _ expected: Expected? = Expected(), keyHeads: Int = 4, open: [Bool] = [false, true], sourceLine: Int = #line,
    _ body: ([Tensor]) -> Tensor
  ) throws {
    for isOpen in open {
      let sequence = isOpen ? Dimension.symbol("sequence") : Dimension(MaskedAttentionTests.length)
      let graph = try capture(specs(sequence, keyHeads: keyHeads)) { [body($0)] }
      let fused = try fused(graph)
      let attention = fused.nodes.first { $0.operation is AttentionOperator }
      let inputs = inputs(keyHeads: keyHeads)
      let difference = largestDifference(
        try CPUExecutor(fused).run(inputs)[0], try CPUExecutor(graph).run(inputs)[0])
      #expect(difference < 1e-6, "line \(sourceLine), open \(isOpen): \(difference)")
      #expect((attention == nil) == (expected == nil), "line \(sourceLine), open \(isOpen)\n\(fused)")
      guard let expected, let attention, let operation = attention.operation as? AttentionOperator else { continue }
      #expect(operation.isCausal == expected.isCausal, "line \(sourceLine), open \(isOpen)\n\(fused)")
      #expect(operation.hasMask == expected.hasMask, "line \(sourceLine), open \(isOpen)\n\(fused)")
      #expect(!fused.nodes.contains { $0.operation is SoftmaxOperator }, "line \(sourceLine)")
      #expect(fused.spec(attention.inputs[1]).shape.dimension(1) == Dimension(expected.keyHeads), "line \(sourceLine)")
    }
  }

  private func scores(_ x: [Tensor]) -> Tensor { x[0].matmul(x[1].swappedAxes(2, 3)) * 0.35 }

  /// The places of the ids' tokens from 0, `[batch, sequence]`.
  private func places(_ x: [Tensor]) -> Tensor {
    Tensor.ones(like: x[3]).cumulativeSum(axis: 1) - Tensor.full([], 1, dtype: .int64)
  }

  @Test("a triangle that is added, put in the place of scores, or compared becomes the direction of attention")
  func triangles() throws {
    try check { x in
      let later = Tensor.ones(like: self.scores(x)) * -1e9
      return (self.scores(x) + later.triu(diagonal: 1)).softmax(axis: -1).matmul(x[2])
    }
    try check { x in
      let seen = Tensor.ones(like: self.scores(x)).tril().notEqual(to: 0)
      return Tensor.select(seen, self.scores(x), self.infinity).softmax(axis: -1).matmul(x[2])
    }
    try check { x in
      let hidden = Tensor.ones(like: self.scores(x)).tril().equal(to: 0)
      return Tensor.select(hidden, Tensor.full([], -1e4), self.scores(x)).softmax(axis: -1).matmul(x[2])
    }
    try check { x in
      let places = self.places(x)
      let seen = places.expanded(1).lessOrEqual(to: places.expanded(-1)).expanded(1)
      let mask = Tensor.select(seen, Tensor.zeros([]), Tensor.full([], -Double(Float.greatestFiniteMagnitude)))
      return (self.scores(x) + mask).softmax(axis: -1).matmul(x[2])
    }
    // A table that the model holds.
    let table = Tensor.ones([1, 1, 6, 6]).tril().notEqual(to: 0)
    try check(open: [false]) { x in
      Tensor.select(table, self.scores(x), self.infinity).softmax(axis: -1).matmul(x[2])
    }
    let numbers = Tensor.select(table, Tensor.zeros([]), infinity)
    try check(open: [false]) { x in (self.scores(x) + numbers).softmax(axis: -1).matmul(x[2]) }
  }

  @Test("padding stays a mask beside the direction; a number that leaves rows without keys a mean keeps its meaning")
  func padding() throws {
    func seen(_ x: [Tensor]) -> Tensor {
      let places = places(x)
      let order = places.expanded(-1).greaterOrEqual(to: places.expanded(1)).expanded(1)
      return x[4].notEqual(to: 0).expanded(1).expanded(1).logicalAnd(order)
    }
    try check(Expected(hasMask: true)) { x in
      let mask = Tensor.select(seen(x), Tensor.zeros([]), self.infinity)
      let weights = (self.scores(x) + mask).softmax(axis: -1)
      return Tensor.select(weights.isNaN(), Tensor.zeros([]), weights).matmul(x[2])
    }
    try check(Expected(isCausal: false, hasMask: true)) { x in
      let mask = Tensor.select(seen(x), Tensor.zeros([]), Tensor.full([], -3e38))
      return (self.scores(x) + mask).softmax(axis: -1).matmul(x[2])
    }
    try check(Expected(isCausal: false, hasMask: true)) { x in
      Tensor.select(seen(x), self.scores(x), Tensor.full([], -3e38)).softmax(axis: -1).matmul(x[2])
    }
    // The order first, then padding added.
    try check(Expected(hasMask: true)) { x in
      let order = Tensor.ones(like: self.scores(x)).tril().notEqual(to: 0)
      let padding = (x[4].cast(to: .float32) - Tensor.ones([])) * 1e4
      let ordered = Tensor.select(order, self.scores(x), self.infinity)
      return (ordered + padding.expanded(1).expanded(1)).softmax(axis: -1).matmul(x[2])
    }
  }

  @Test("heads that are copied for groups of queries are read where they are")
  func groups() throws {
    func repeated(_ x: Tensor) -> Tensor {
      let (batch, heads, length, width) = (x.dimension(0), x.dimension(1), x.dimension(2), x.dimension(3))
      return x.expanded(2).broadcast(to: Shape([batch, heads, 2, length, width]))
        .reshaped([batch, heads * 2, length, width])
    }
    try check(Expected(keyHeads: 2), keyHeads: 2) { x in
      // The scale on both sides, as it is exported.
      let scores = (x[0] * 0.6).matmul(repeated(x[1]).swappedAxes(2, 3) * 0.6)
      let hidden = Tensor.ones(like: scores).triu(diagonal: 1).notEqual(to: 0)
      return Tensor.select(hidden, self.infinity, scores).softmax(axis: -1).matmul(repeated(x[2]))
    }
  }

  @Test("what only looks like the order of tokens stays a mask, or stays as it is")
  func others() throws {
    for diagonal in [-1, 1] {
      try check(Expected(isCausal: false, hasMask: true)) { x in
        let seen = Tensor.ones(like: self.scores(x)).tril(diagonal: diagonal).notEqual(to: 0)
        let mask = Tensor.select(seen, self.scores(x), self.infinity)
        let weights = mask.softmax(axis: -1)
        return Tensor.select(weights.isNaN(), Tensor.zeros([]), weights).matmul(x[2])
      }
    }
    // Earlier keys hidden instead of later ones.
    try check(Expected(isCausal: false, hasMask: true)) { x in
      let places = self.places(x)
      let seen = places.expanded(1).greaterOrEqual(to: places.expanded(-1)).expanded(1)
      return Tensor.select(seen, self.scores(x), self.infinity).softmax(axis: -1).matmul(x[2])
    }
    // Scores in whose place a number is put that others may reach.
    try check(nil) { x in
      let seen = x[4].notEqual(to: 0).expanded(1).expanded(1)
      return Tensor.select(seen, self.scores(x), Tensor.full([], -2)).softmax(axis: -1).matmul(x[2])
    }
    // A mask that is multiplied too.
    try check(nil) { x in
      let later = Tensor.ones(like: self.scores(x)) * -3
      return ((self.scores(x) + later.triu(diagonal: 1)) * 0.5).softmax(axis: -1).matmul(x[2])
    }
  }
}
