import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("Operators: behaviour beyond values")
struct BehaviourTests {
  private static func message(_ operation: any Operator, _ inputs: [Tensor]) -> String {
    do {
      _ = try applyChecked(operation, inputs)
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test("setting a part changes one tensor and none of its copies")
  func valueSemantics() {
    let original = Tensor.range(6).reshaped(2, 3)
    var changed = original
    changed[0, 1...] = Tensor(9)
    #expect(changed.array(of: Int.self) == [0, 9, 9, 3, 4, 5])
    #expect(original.array(of: Int.self) == [0, 1, 2, 3, 4, 5])
    #expect(original[1].storage === original.storage, "reading a row copies nothing")
  }

  @Test("what does not fit is named")
  func messages() {
    let x = Tensor.ones([2, 3])
    let index = Tensor([0, 5])
    #expect(Self.message(IndexSelectOperator(0), [x, index]).contains("index_select: an index is out of range"))
    #expect(Self.message(GatherNDOperator(), [x, Tensor([[0, 9]])]).contains("gather_nd: an index is out of range"))
    let singular = Tensor.ones([2, 2])
    #expect(Self.message(SolveOperator(), [singular, singular]) == "solve: matrix 0 is singular")
    #expect(Self.message(CholeskyOperator(), [-singular]).contains("matrix 0 is not positive definite"))
    #expect(Self.message(PadOperator([2], [0], mode: .reflect), [Tensor.ones([2])]).contains("does not fit axis 0"))
    #expect(Self.message(TopKOperator(4, 1), [x]).contains("4 elements of axis 1 of [2, 3]"))
    #expect(Self.message(SVDOperator(), [x.cast(to: .float16)]).contains("float32 or float64 matrices"))
  }

  @Test("draws without replacement never repeat, and frequencies follow the weights")
  func draws() {
    let key = RandomGenerator.key(seed: 7, stream: 1)
    let weights = Tensor([1.0, 2.0, 5.0, 0.0]).broadcast(to: [20000, 4])
    let pairs = weights.multinomial(2, key: key)
    #expect(!pairs[.all, 0].equal(to: pairs[.all, 1]).any().item(as: Bool.self))
    #expect(pairs.max().item(as: Int.self) < 3, "what has no weight is not drawn")
    for first in [pairs[.all, 0], weights.log().randomCategorical(key: key)] {
      let shares = first.oneHot(4, dtype: .float64).mean(axis: 0).array(of: Double.self)
      // Five standard deviations of a share of 20,000 draws.
      for (share, expected) in zip(shares, [0.125, 0.25, 0.625, 0]) {
        #expect(abs(share - expected) < 0.018, "\(shares)")
      }
    }
  }

  @Test("a factorization multiplies back to the matrices, for a stack large enough for several threads")
  func factorizations() {
    let key = RandomGenerator.key(seed: 3, stream: 0)
    let x = Tensor.randomNormal([70, 20, 20], dtype: .float64, key: key)
    let (q, r) = x.qr()
    let (u, s, vt) = x.svd()
    let (values, vectors) = (x + x.matrixTransposed).eigh()
    let results = [
      (q.matmul(r), x), ((u * s.expanded(-2)).matmul(vt), x), (x.matmul(x.inverse()), Tensor.eye(20, dtype: .float64)),
      ((vectors * values.expanded(-2)).matmul(vectors.matrixTransposed), x + x.matrixTransposed),
    ]
    for (index, (result, expected)) in results.enumerated() {
      #expect((result - expected).abs().max().item(as: Double.self) < 1e-9, "factorization \(index)")
    }
  }
}
