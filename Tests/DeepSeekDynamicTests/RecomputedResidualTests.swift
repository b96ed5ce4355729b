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

    func callAsFunction(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> Tensor {
      switch self {
      case .gelu: return (x * weight + bias).gelu()
      case .layerNorm: return x.layerNorm(weight: weight, bias: bias)
      case .addLayerNorm:
        let (normalized, sum) = x.addLayerNorm(residual: x * 2, weight: weight, bias: bias)
        return normalized + sum * 0.1
      case .rmsNorm: return x.rmsNorm(weight: weight) + bias
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
        return function(x, leaves[1], leaves[2]).matmul(leaves[3]).square().sum()
      }
      let map = losses.dropFirst().reduce(losses[0]) { $0 + $1 }.backward()
      return leaves.map { map[$0]! }
    }
  }

  @Test("Gradients through an output that is computed again", arguments: Cheap.allCases)
  func gradients(_ function: Cheap) {
    // 2 MiB in one piece are computed again, 128 KiB in each of sixteen are kept.
    for (again, kept) in zip(gradients(function, pieces: 1), gradients(function, pieces: 16)) {
      #expect(largestDifference(again, kept) < 1e-9)
    }
  }

  @Test("The output is gone between the passes", arguments: [Cheap.layerNorm, .rmsNorm])
  func memory(_ function: Cheap) async {
    await #expect(processExitsWith: .success) { [function] in
      let x = Tensor.randomNormal([2048, 1024]).requiringGradient()
      let weight = Tensor.ones([1024]), matrix = Tensor.ones([1024, 2]).requiringGradient()
      let before = Memory.statistics.inUse
      let normalized = function == .layerNorm ? x.layerNorm(weight: weight) : x.rmsNorm(weight: weight)
      let y = { normalized in normalized.matmul(matrix).sum() }(consume normalized)
      // Only the rows' statistics and products of 16 KiB; the output would be 8 MiB.
      #expect(Memory.statistics.inUse - before < 1 << 20)
      #expect(y.backward()[x]!.shape == x.shape)
    }
  }

  @Test("An output that was had again cannot be had once its ingredients are released")
  func released() async {
    await #expect(processExitsWith: .failure) {
      let x = Tensor.randomNormal([1024, 1024]).requiringGradient()
      let y = x.layerNorm().matmul(Tensor.ones([1024, 2]).requiringGradient()).sum()
      _ = y.backward()
      _ = y.backward()
    }
  }
}
