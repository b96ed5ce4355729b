import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("What is cheap to have again is not kept for the backward walk")
struct RecomputedResidualTests {
  /// A function between a tensor that is kept and a product that reads it.
  enum Cheap: String, CaseIterable, Sendable, Codable {
    case gelu, layerNorm, addLayerNorm, rmsNorm

    /// What the product reads, and what the loss reads beside it.
    func callAsFunction(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> (output: Tensor, beside: Tensor?) {
      switch self {
      case .gelu: return ((x * weight + bias).gelu(), nil)
      case .layerNorm: return (x.layerNorm(weight: weight, bias: bias), nil)
      case .addLayerNorm:
        let (normalized, sum) = x.addLayerNorm(residual: x * 2, weight: weight, bias: bias)
        return (normalized, sum)
      case .rmsNorm: return (x.rmsNorm(weight: weight), nil)
      }
    }
  }

  private static let rows = 512, width = 512

  /// Gradients for input, weight, bias and the product's matrix, over pieces of so many rows.
  private func gradients(_ function: Cheap, pieces: Int) -> [Tensor] {
    RandomGenerator.withSeed(3) {
      let (rows, width) = (RecomputedResidualTests.rows, RecomputedResidualTests.width)
      let leaves = [[rows, width], [width], [width], [width, 8]].map {
        (Tensor.randomNormal(Shape($0), dtype: .float64) * 0.5 + 0.1).requiringGradient()
      }
      let step = rows / pieces
      let losses = (0..<pieces).map { piece in
        let x = leaves[0].sliced(0, piece * step..<(piece + 1) * step)
        let (output, beside) = function(x, leaves[1], leaves[2])
        let loss = output.matmul(leaves[3]).square().sum()
        return beside.map { loss + $0.square().sum() } ?? loss
      }
      let map = losses.dropFirst().reduce(losses[0]) { $0 + $1 }.backward()
      return leaves.compactMap { map[$0] }
    }
  }

  @Test("Gradients through an output that is computed again", arguments: Cheap.allCases)
  func gradients(_ function: Cheap) {
    // 2 MiB in one piece are computed again, 128 KiB in each of sixteen are kept.
    let (again, kept) = (gradients(function, pieces: 1), gradients(function, pieces: 16))
    #expect(again.count == (function == .rmsNorm ? 3 : 4) && kept.count == again.count)
    for (again, kept) in zip(again, kept) {
      #expect(largestDifference(again, kept) < 1e-9)
    }
  }

  @Test("The output is gone between the passes", arguments: [Cheap.layerNorm, .addLayerNorm, .rmsNorm])
  func memory(_ function: Cheap) async {
    await #expect(processExitsWith: .success) { [function] in
      let x = Tensor.randomNormal([2048, 1024]).requiringGradient()
      let (weight, bias) = (Tensor.ones([1024]), Tensor.zeros([1024]))
      let matrix = Tensor.ones([1024, 2]).requiringGradient()
      let before = Memory.statistics.inUse
      let y = function(x, weight, bias).output.matmul(matrix).sum()
      // The sum, which add_layer_norm has to keep, of 8 MiB, as much for the output itself if that were kept; beside them only the
      // rows' statistics and products of 16 KiB.
      #expect(Memory.statistics.inUse - before < (function == .addLayerNorm ? 9 << 20 : 1 << 20))
      #expect(y.backward()[x]!.shape == x.shape)
    }
  }

  @Test("An output that was had again cannot be had once its ingredients are released")
  func released() async {
    await #expect(processExitsWith: .failure) {
      let x = Tensor.randomNormal([1024, 1024]).requiringGradient()
      let matrix = Tensor.ones([1024, 2]).requiringGradient()
      let normalized = x.layerNorm()
      let (first, second) = (normalized.sum(), normalized.matmul(matrix).sum())
      _ = first.backward()
      // The product was not walked before, but what it reads is gone.
      _ = second.backward()
    }
    await #expect(processExitsWith: .success) {
      let x = Tensor.randomNormal([1024, 1024]).requiringGradient()
      let matrix = Tensor.ones([1024, 2]).requiringGradient()
      let normalized = x.layerNorm()
      let (first, second) = (normalized.sum(), normalized.matmul(matrix).sum())
      _ = first.backward(retainGraph: true)
      _ = second.backward()
    }
  }
}
