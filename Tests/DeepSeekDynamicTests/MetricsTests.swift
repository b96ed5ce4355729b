import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Metrics are what their definitions say")
struct MetricsTests {
  /// Worked by hand from the table [[3, 1, 0], [1, 2, 2], [0, 0, 4]].
  @Test("Scores of a three-class table")
  func confusion() {
    var scores = ConfusionMatrix(classCount: 3)
    scores.add(
      predictions: [0, 0, 0, 1, 0, 1, 1, 2, 2, 2, 2, 2, 2, 1], targets: [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, -100])
    #expect(scores.counts == [[3, 1, 0], [1, 2, 2], [0, 0, 4]])
    #expect(scores.accuracy == 9.0 / 13)
    #expect(scores.precision(.only(0)) == 0.75)
    #expect(scores.recall(.only(1)) == 0.4)
    #expect(scores.f1(.only(2)) == 0.8)
    #expect(abs(scores.f1() - (0.75 + 0.5 + 0.8) / 3) < 1e-15)
    #expect(abs(scores.f1(.weighted) - (0.75 * 4 + 0.5 * 5 + 0.8 * 4) / 13) < 1e-15)
    #expect(scores.f1(.micro) == scores.accuracy)
    // (9 * 13 - (16 + 15 + 24)) / √((169 - 57) (169 - 61))
    #expect(abs(scores.matthewsCorrelation - 62 / (Double(112 * 108).squareRoot())) < 1e-15)
    #expect(ConfusionMatrix(classCount: 2).f1() == 0)
  }

  @Test("Accuracy reads logits, and of equal ones takes the first")
  func logits() {
    let logits = Tensor([[0.1, 0.9, 0.3], [2.0, 2.0, 1.0], [0.0, 0.2, 0.1], [5.0, 0.0, 0.0]])
    let targets = Tensor([Int64(1), 1, 2, -100])
    #expect(accuracy(of: logits, targets) == 1.0 / 3)
    #expect(topAccuracy(of: logits, targets, count: 2) == 1)
    var scores = ConfusionMatrix(classCount: 3)
    scores.add(logits: logits, targets: targets)
    #expect(scores.accuracy == 1.0 / 3)
  }

  private struct StoredMetrics: Decodable {
    struct Classes: Decodable {
      let count: Int
      let labels: [Int]
      let predictions: [Int]
      let accuracy: Double
      let f1: Double
      let matthews: Double
    }
    struct Scores: Decodable {
      let labels: [Double]
      let predictions: [Double]
      let pearson: Double
      let spearman: Double
    }
    let classes: [Classes]
    let scores: [Scores]
  }

  @Test("Scores equal scikit-learn's and SciPy's to 1e-12")
  func peers() throws {
    let stored = try fixture("metrics", as: StoredMetrics.self)
    for (index, item) in stored.classes.enumerated() {
      var scores = ConfusionMatrix(classCount: item.count)
      scores.add(predictions: item.predictions, targets: item.labels)
      #expect(abs(scores.accuracy - item.accuracy) <= 1e-12, "case \(index)")
      #expect(abs(scores.f1(item.count == 2 ? .only(1) : .macro) - item.f1) <= 1e-12, "case \(index)")
      #expect(abs(scores.matthewsCorrelation - item.matthews) <= 1e-12, "case \(index)")
    }
    for (index, item) in stored.scores.enumerated() {
      #expect(abs(pearsonCorrelation(item.predictions, item.labels) - item.pearson) <= 1e-12, "case \(index)")
      #expect(abs(spearmanCorrelation(item.predictions, item.labels) - item.spearman) <= 1e-12, "case \(index)")
    }
  }

  @Test("Correlations see lines and ranks")
  func correlations() {
    #expect(abs(pearsonCorrelation([1, 2, 3], [2, 4, 6]) - 1) < 1e-15)
    #expect(abs(pearsonCorrelation([1, 2, 3, 4], [1, 3, 2, 4]) - 0.8) < 1e-15)
    #expect(pearsonCorrelation([1, 1], [1, 2]) == 0)
    #expect(abs(spearmanCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]) - 1) < 1e-15)
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / √(4.5 · 5).
    #expect(abs(spearmanCorrelation([1, 2, 2, 4], [1, 2, 3, 4]) - 4.5 / 22.5.squareRoot()) < 1e-15)
    #expect(perplexity(meanCrossEntropy: 0) == 1)
    #expect(meanSquaredError([1, 2], [3, 2]) == 2)
    #expect(meanAbsoluteError([1, 2], [3, 2]) == 1)
    #expect(explainedVariance([1, 2, 3], [1, 2, 3]) == 1)
    #expect(explainedVariance([2, 2, 2], [1, 2, 3]) == 0)
  }
}

@Suite("Losses are what their formulas say")
struct LossTests {
  let a = Tensor([0.5, -2.0, 3.0], dtype: .float64)
  let b = Tensor([0.0, 1.0, 1.0], dtype: .float64)

  @Test("Differences, squared, absolute and Huber's")
  func differences() {
    #expect(abs(MSELoss()(a, b).item(as: Double.self) - 13.25 / 3) < 1e-15)
    #expect(MSELoss(reduction: .none)(a, b).array(of: Double.self) == [0.25, 9, 4])
    #expect(L1Loss(reduction: .sum)(a, b).item(as: Double.self) == 5.5)
    #expect(HuberLoss(reduction: .none)(a, b).array(of: Double.self) == [0.125, 2.5, 1.5])
    let slope = gradient(at: a) { HuberLoss(reduction: .sum)($0, b) }
    #expect(slope.array(of: Double.self) == [0.5, -1, 1])
  }

  @Test("Huber's loss by its width, probabilities' cross-entropy, and cosines")
  func others() {
    #expect(SmoothL1Loss(beta: 2, reduction: .none)(a, b).array(of: Double.self) == [0.0625, 2, 1])
    #expect(SmoothL1Loss(beta: 0, reduction: .sum)(a, b).item(as: Double.self) == 5.5)
    let sure = BCELoss(reduction: .none)(Tensor([0.5, 0.0, 1.0]), Tensor([1.0, 0.0, 0.0])).array(of: Double.self)
    #expect(abs(sure[0] - 0.6931472) < 1e-6 && sure[1] == 0 && sure[2] == 100)
    let (first, second) = (Tensor([[3.0, 4.0], [1.0, 0.0]]), Tensor([[3.0, 4.0], [4.0, 3.0]]))
    let loss = CosineEmbeddingLoss(margin: 0.5, reduction: .none)
    #expect(largestDifference(loss(first, second, Tensor([1.0, -1.0])), Tensor([0.0, 0.3])) < 1e-6)
    #expect(largestDifference(loss(first, second, Tensor([-1.0, 1.0])), Tensor([0.5, 0.2])) < 1e-6)
  }

  @Test("A target of another shape is a mistake, not something to broadcast")
  func shapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MSELoss()(Tensor.ones([4, 1]), Tensor.ones([4]))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("mse_loss: prediction [4, 1], target [4]; one shape is expected"), "\(text.suffix(300))")
  }

  @Test("Binary cross-entropy does not overflow, and weighs positives")
  func binary() {
    let logits = Tensor([1000.0, -1000, 0], dtype: .float64)
    let loss = BCEWithLogitsLoss(reduction: .none)(logits, Tensor([0.0, 1, 1], dtype: .float64))
    #expect(loss.array(of: Double.self).map { ($0 * 1e9).rounded() / 1e9 } == [1000, 1000, 0.693147181])
    let weighed = BCEWithLogitsLoss(positiveWeight: Tensor([3.0], dtype: .float64), reduction: .none)
    #expect(weighed(logits, Tensor([1.0, 1, 0], dtype: .float64)).array(of: Double.self)[1] == 3000)
  }

  @Test("Divergence of a distribution from itself is zero, and zeros do not hurt")
  func divergence() {
    let p = Tensor([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], dtype: .float64)
    let q = Tensor([[0.25, 0.5, 0.25], [0.2, 0.3, 0.5]], dtype: .float64)
    let value = KLDivergenceLoss()(q.log(), p).item(as: Double.self)
    #expect(abs(value - 0.5 * 0.6931471805599453 / 2) < 1e-15)
  }

  @Test("Cross-entropy of a sure answer, smoothed and with an ignored target")
  func crossEntropy() {
    let logits = Tensor([[2.0, 0.0], [0.0, 2.0], [9.0, 9.0]], dtype: .float64)
    let targets = Tensor([Int64(0), 0, -100])
    let sure = 0.12692801104297249
    #expect(abs(CrossEntropyLoss()(logits, targets).item(as: Double.self) - (sure + sure + 2) / 2) < 1e-14)
    let smooth = CrossEntropyLoss(labelSmoothing: 0.1, reduction: .none)(logits, targets).array(of: Double.self)
    #expect(abs(smooth[0] - (0.95 * sure + 0.05 * (sure + 2))) < 1e-14)
    #expect(smooth[2] == 0)
  }
}
