import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Testing

/// Two interleaved spirals: not separable by a line, so that a network which learns them has learned something.
private func spirals(_ count: Int) -> (points: Tensor, labels: Tensor) {
  let noise = Tensor.randomNormal([count, 2], standardDeviation: 0.02)
  let turn = Tensor.randomUniform([count], 0.5, 6)
  let label = Tensor.randomIntegers([count], 0..<2)
  let angle = turn + label.cast(to: .float32) * Double.pi
  let points = Tensor.stack([turn * angle.cos() / 6, turn * angle.sin() / 6], axis: 1) + noise
  return (points, label)
}

@Suite("Small networks learn")
struct TrainingTests {
  @Test("An MLP separates two spirals it has not seen, and does so the same way twice")
  func spiralsAreLearned() {
    func train() -> (losses: [Float], accuracy: Double) {
      RandomGenerator.withSeed(42) {
        let model = Sequential {
          Linear(2, 64)
          Tanh()
          Linear(64, 64)
          Tanh()
          Linear(64, 2)
        }
        let optimizer = Optimizer(model, AdamW(learningRate: 1e-2), schedule: .cosine(warmupSteps: 20, totalSteps: 400))
        let losses = (0..<400).map { _ in
          let (x, y) = spirals(128)
          let loss = model(x).crossEntropy(y)
          loss.backward()
          optimizer.step(clippingNorm: 5)
          optimizer.zeroGradients()
          return loss.item(as: Float.self)
        }
        model.eval()
        let (x, y) = spirals(1000)
        return (losses, accuracy(of: noGradient { model(x) }, y))
      }
    }
    let run = train()
    #expect(run.losses[0] > 0.6)
    #expect(run.losses.suffix(20).allSatisfy { $0 < 0.15 })
    #expect(run.accuracy > 0.97)
    #expect(train().losses == run.losses)
  }

  @Test("A recurrent network learns to tell which sign came first", arguments: ["lstm", "gru"])
  func memoryIsLearned(kind: String) {
    RandomGenerator.withSeed(7) {
      let network: any Layer = kind == "lstm" ? LSTM(1, 16) : GRU(1, 16)
      let head = Linear(16, 1)
      let model = Sequential(network, Lambda { $0.selected(1, -1) }, head)
      let optimizer = Optimizer(model, Adam(learningRate: 2e-2))
      var last = 1.0
      for _ in 0..<120 {
        let x = Tensor.randomNormal([64, 8, 1])
        let target = x.selected(1, 0).greater(than: 0).cast(to: .float32)
        let loss = BCEWithLogitsLoss()(model(x), target)
        loss.backward()
        optimizer.step()
        optimizer.zeroGradients()
        last = loss.item(as: Double.self)
      }
      #expect(last < 0.3)
    }
  }
}
