import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("Operators: everyday forms")
struct EverydayTests {
  @Test("a number is put at places, and changes them in place, in the tensor's type")
  func numbersAtPlaces() {
    var x = Tensor.zeros([2, 3])
    let before = x
    x[0] = 1
    x[1, 1...] = 2.5
    x[x .< 1] = -1
    x[1, 0] += 4
    x[.ellipsis, 2] *= 2
    #expect(x.array(of: Double.self) == [1, 1, 2, 3, 2.5, 5])
    #expect(before.array(of: Double.self) == [0, 0, 0, 0, 0, 0])
    let one: Double = x[1, 1]
    #expect(one == 2.5)
    var whole = Tensor([1, 2, 3])
    whole[0] = 7.9
    whole += 1
    whole *= 2
    whole -= 4
    #expect(whole.dtype == .int64 && whole.array(of: Int.self) == [12, 2, 4])
    whole /= 2
    #expect(whole.dtype == .float64 && whole.array(of: Double.self) == [6, 1, 2])
  }

  @Test("a gradient flows around a number that was put into a tensor")
  func gradientAroundNumber() {
    let x = Tensor([1.0, 2.0, 3.0]).requiringGradient()
    var y = x
    y[1] = 0
    y *= 3
    #expect(gradients(of: [y.sum()], withRespectTo: [x])[0]?.array(of: Double.self) == [3, 0, 3])
  }

  @Test("comparisons and logic have Swift's operators for vectors")
  func pointwise() {
    let x = Tensor([-1.0, 0.0, 1.0, 2.0])
    #expect((x .> 0 .& x .< 2).array(of: Bool.self) == [false, false, true, false])
    #expect((x .<= 0 .| x .>= 2).array(of: Bool.self) == [true, true, false, true])
    #expect((x .== x .^ x .!= 1).array(of: Bool.self) == [false, false, true, false])
    #expect((.!(x .== 0)).array(of: Bool.self) == [true, false, true, true])
    #expect((x .> Tensor([0.0])).array(of: Bool.self) == (x .>= Tensor([1.0])).array(of: Bool.self))
  }

  @Test("a scalar's value needs no type, and takes the one that is asked for")
  func item() {
    let x = Tensor([1.5]).sum()
    #expect(x.item() == 1.5)
    let single: Float = x.item()
    #expect(single == 1.5)
  }

  @Test("tensors are close as NumPy has it")
  func closeness() {
    let x = Tensor([1.0, 100.0, .nan])
    #expect(!x.allClose(to: x) && x.allClose(to: x, equalNaN: true))
    #expect(Tensor([1.0, 100.0]).allClose(to: Tensor([1.000001, 100.0005])))
    #expect(!Tensor([1.0, 100.0]).allClose(to: Tensor([1.0001, 100.0])))
    #expect(Tensor([1, 2]).allClose(to: Tensor([1.0, 2.0])) && !Tensor([1, 2]).allClose(to: Tensor([1, 3])))
    #expect(!Tensor([Double.infinity]).allClose(to: Tensor([-Double.infinity])))
    #expect(Tensor([Float16(2), 3]).nanToNum().dtype == .float16)
    #expect((Tensor([Double.infinity], dtype: .bfloat16).nanToNum().item() as Double).isFinite)
  }

  @Test("whole numbers are counted, numbers by the parts they lie in")
  func counting() {
    #expect(Tensor([1, 3, 1, 0]).binCount().array(of: Int.self) == [1, 2, 0, 1])
    #expect(Tensor([1, 0]).binCount(minimumLength: 4).array(of: Int.self) == [1, 1, 0, 0])
    #expect(Tensor([1, 1]).binCount(weights: Tensor([0.5, 0.25])).array(of: Double.self) == [0, 0.75])
    #expect(Tensor.zeros([0], dtype: .int64).binCount().shape == [0])
    let (counts, edges) = Tensor([0.0, 0.4, 0.5, 1.0, .nan]).histogram(bins: 2)
    #expect(counts.array(of: Int.self) == [2, 2] && edges.array(of: Double.self) == [0, 0.5, 1])
    #expect(Tensor([-1, 2, 3, 9]).histogram(bins: 3, range: 0...3).counts.array(of: Int.self) == [0, 0, 2])
    #expect(Tensor([5.0, 5.0]).histogram(bins: 1).edges.array(of: Double.self) == [4.5, 5.5])
  }

  @Test("a quantile of NaN is NaN, a median of whole numbers lies between them")
  func quantiles() {
    #expect(Tensor([1.0, .nan, 2.0]).median().item().isNaN)
    #expect(Tensor([4, 1, 3, 2]).median().item() == 2.5)
    #expect(Tensor([[3.0, 1.0], [5.0, 7.0]]).median(axis: 1, keepAxes: true).shape == [2, 1])
    #expect(Tensor([[1.0, 3.0]]).standardDeviation(axis: 1, correction: 0).item() == 1)
  }

  @Test("an index outside is told with how far the indices reach")
  func indexMessage() {
    do {
      _ = try applyChecked(EmbeddingOperator(), [Tensor.ones([10, 4]), Tensor([3, 11, -1])])
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".contains("reach from -1 to 11") && "\(error)".contains("float32[10, 4]"))
    }
  }
}
