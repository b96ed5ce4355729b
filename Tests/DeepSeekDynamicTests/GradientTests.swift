import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Synchronization
import TestSupport
import Testing

@Suite("Gradients of functions are what calculus says")
struct GradientTests {
  @Test("Value and gradient at a point")
  func atPoint() {
    let x = Tensor([1.0, -2.0, 3.0], dtype: .float64)
    let (value, slope) = valueAndGradient(at: x) { ($0 * $0 * $0).sum() }
    #expect(value.item(as: Double.self) == 20)
    #expect(slope.array(of: Double.self) == [3, 12, 27])
    #expect(gradient(at: x) { _ in Tensor([2.0]).sum() }.array(of: Double.self) == [0, 0, 0])
  }

  @Test("A gradient can be differentiated again, and again")
  func thirdDerivative() {
    let x = Tensor([2.0], dtype: .float64)
    let third = gradient(at: x) { x in
      gradient(at: x, createGraph: true) { x in
        gradient(at: x, createGraph: true) { ($0 * $0 * $0 * $0).sum() }.sum()
      }.sum()
    }
    #expect(third.array(of: Double.self) == [48])
  }

  @Test("Jacobian, its products, Hessian and its product agree")
  func higher() {
    let x = Tensor([0.3, -0.7], dtype: .float64)
    let matrix = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype: .float64)
    func f(_ x: Tensor) -> Tensor { matrix.matmul(x).tanh() }
    let whole = jacobian(at: x, of: f)
    #expect(whole.shape == [3, 2])
    let slopes = 1 - f(x).square()
    #expect(largestDifference(whole, slopes.expanded(1) * matrix) < 1e-14)
    let tangent = Tensor([0.5, 2.0], dtype: .float64)
    #expect(largestDifference(jacobianVectorProduct(at: x, tangent, of: f).product, whole.matmul(tangent)) < 1e-14)
    let cotangent = Tensor([1.0, -1.0, 0.5], dtype: .float64)
    #expect(largestDifference(vectorJacobianProduct(at: x, cotangent, of: f).product, cotangent.matmul(whole)) < 1e-14)
    func g(_ x: Tensor) -> Tensor { (x.exp() * x.sum()).sum() }
    let second = hessian(at: x, of: g)
    #expect(largestDifference(second, second.matrixTransposed) < 1e-14)
    let expected = [2 * 0.3.e, 0.3.e + (-0.7).e, 0.3.e + (-0.7).e, 2 * (-0.7).e]
    let diagonal = [(0.3 - 0.7) * 0.3.e, 0, 0, (0.3 - 0.7) * (-0.7).e]
    #expect(largestDifference(second, Tensor([2, 2], zip(expected, diagonal).map { $0 + $1 })) < 1e-13)
    #expect(largestDifference(hessianVectorProduct(at: x, tangent, of: g).product, second.matmul(tangent)) < 1e-13)
  }

  @Test("Parameters gather gradients over walks; a walk by value leaves them alone")
  func accumulation() {
    let parameter = Parameter(Tensor([2.0]))
    for _ in 0..<3 { (parameter.tensor * parameter.tensor).sum().backward() }
    #expect(parameter.gradient?.array(of: Float.self) == [12])
    let (value, gradients) = valueAndGradient { (parameter.tensor * 5).sum() }
    #expect(value.item(as: Float.self) == 10)
    #expect(gradients[parameter]?.array(of: Float.self) == [5])
    #expect(parameter.gradient?.array(of: Float.self) == [12])
  }

  @Test("A graph that is kept can be walked twice")
  func retained() {
    let parameter = Parameter(Tensor([3.0]))
    let loss = parameter.tensor.square().sum()
    loss.backward(retainGraph: true)
    loss.backward()
    #expect(parameter.gradient?.array(of: Float.self) == [12])
  }

  @Test("A hook runs once a walk, when the gradient is whole")
  func hooks() {
    let parameter = Parameter(Tensor([3.0]))
    let seen = Mutex<[Float]>([])
    parameter.gradientHook = { parameter in
      seen.withLock { $0.append(parameter.gradient!.item(as: Float.self)) }
    }
    let x = parameter.tensor
    (x * 2 + x.square() + x).sum().backward()
    #expect(seen.withLock { $0 } == [9])
  }

  @Test("A chain of a million operators is walked and released without deep recursion")
  func millionLinks() {
    let parameter = Parameter(Tensor([1.0], dtype: .float64))
    do {
      var x = parameter.tensor
      for _ in 0..<1_000_000 { x = x + 1e-6 }
      x.sum().backward()
      #expect(parameter.gradient?.array(of: Double.self) == [1])
    }
    do {
      var x = parameter.tensor
      for _ in 0..<1_000_000 { x = -x }
      #expect(x.item(as: Double.self) == 1)
      // Released here without having been walked.
    }
  }
}

extension Double {
  fileprivate var e: Double { Tensor([self], dtype: .float64).exp().item(as: Double.self) }
}

@Suite("A checkpointed function has the same gradients")
struct CheckpointTests {
  @Test("Parameters inside, dropout and a nested checkpoint", arguments: [false, true])
  func equality(nested: Bool) {
    func run(_ isCheckpointed: Bool) -> [[Float]] {
      RandomGenerator.withSeed(11) {
        let layers = (0..<3).map { _ in Sequential(Linear(6, 6), Tanh(), Dropout(0.3), Linear(6, 6)) }
        let input = Tensor.randomNormal([5, 6]).requiringGradient()
        var x = input
        for layer in layers {
          guard isCheckpointed else {
            x = layer(x)
            continue
          }
          x = checkpoint(x) { value in nested ? checkpoint(value) { layer($0) } : layer(value) }
        }
        // Random numbers drawn after are the same too: the replay draws none.
        let map = x.dropout(0.5).square().sum().backward()
        let gradients = layers.flatMap { $0.parameters() }.map { $0.gradient!.array(of: Float.self) }
        return gradients + [map[input]!.array(of: Float.self), x.array(of: Float.self)]
      }
    }
    #expect(run(true) == run(false))
  }

  @Test("A second derivative passes through")
  func secondDerivative() {
    let x = Tensor([0.5, -1.5], dtype: .float64)
    @Sendable func f(_ x: Tensor) -> Tensor { (x * x * x).sum() }
    let plain = hessian(at: x, of: f)
    #expect(largestDifference(hessian(at: x) { checkpoint($0) { f($0) } }, plain) < 1e-14)
  }

  @Test("Only inputs are kept alive between the passes")
  func memory() {
    func kept(_ isCheckpointed: Bool) -> Int {
      let x = Tensor.ones([2048, 1024]).requiringGradient()
      let before = Memory.statistics.inUse
      @Sendable func f(_ x: Tensor) -> Tensor { (0..<8).reduce(x) { value, _ in value.tanh() } }
      let y = isCheckpointed ? checkpoint(x) { f($0) } : f(x)
      return withExtendedLifetime(y) { Memory.statistics.inUse - before }
    }
    // Eight outputs of 8 MiB against one. Other tests allocate at the same time, but by far not the difference.
    #expect(kept(true) + (24 << 20) < kept(false))
  }
}
