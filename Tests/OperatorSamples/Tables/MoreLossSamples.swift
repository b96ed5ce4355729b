import DeepSeekOperators
import DeepSeekTensor

/// Losses with class weights and probabilities, of regression, of scores and of distances.
func addMoreLossSamples(to table: inout SampleTable) {
  addClassLossSamples(to: &table)
  addRegressionLossSamples(to: &table)
  addScoreLossSamples(to: &table)
}

private func addClassLossSamples(to table: inout SampleTable) {
  let targets = SampleInput([4], .fixed([2, 0, -100, 4]), dtype: .int64)
  let weights = SampleInput([5], .positive, isDifferentiable: false)
  table.row(
    "cross_entropy/class weights", [.plain(4, 5), targets, weights], torch: "F.cross_entropy(a, b, c)", tolerance: 4,
    widensHalves: true
  ) { $0[0].crossEntropy($0[1], weight: $0[2]) }
  table.row(
    "cross_entropy/class weights, smoothed", [.plain(4, 5), targets, weights],
    torch: "F.cross_entropy(a, b, c, label_smoothing=0.25)", tolerance: 4, widensHalves: true
  ) { $0[0].crossEntropy($0[1], weight: $0[2], labelSmoothing: 0.25) }
  table.row(
    "cross_entropy/probabilities", [.plain(4, 5), .positive(4, 5), weights],
    torch: "F.cross_entropy(a, b, c, label_smoothing=0.25)", tolerance: 8
  ) { $0[0].crossEntropy(probabilities: $0[1], weight: $0[2], labelSmoothing: 0.25) }
  table.row("nll_loss", [.plain(4, 5), targets, weights], torch: "F.nll_loss(a, b, c)", tolerance: 4) {
    $0[0].negativeLogLikelihood($0[1], weight: $0[2])
  }
  table.row("nll_loss/each", [.plain(4, 5), targets], torch: "F.nll_loss(a, b, reduction='none')") {
    $0[0].negativeLogLikelihood($0[1], reduction: .none)
  }
  table.row("kl_divergence", [.plain(3, 4), .positive(3, 4)], torch: "F.kl_div(a, b)", tolerance: 4) {
    $0[0].klDivergence($0[1])
  }
  table.row(
    "kl_divergence/logarithms", [.plain(3, 4), .plain(3, 4)],
    torch: "F.kl_div(a, b, reduction='batchmean', log_target=True)",
    tolerance: 8
  ) { $0[0].klDivergence($0[1], isLogarithm: true, overBatch: true) }
}

private func addRegressionLossSamples(to table: inout SampleTable) {
  let pair: [SampleInput] = [.plain(3, 4), .distinct(3, 4)]
  table.row("mse_loss", pair, torch: "F.mse_loss(a, b)", tolerance: 4) { $0[0].meanSquaredError($0[1]) }
  table.row("mse_loss/empty", [.plain(0, 4), .plain(0, 4)], torch: "F.mse_loss(a, b, reduction='sum')") {
    $0[0].meanSquaredError($0[1], reduction: .sum)
  }
  table.row("l1_loss", pair, torch: "F.l1_loss(a, b, reduction='sum')", tolerance: 4) {
    $0[0].meanAbsoluteError($0[1], reduction: .sum)
  }
  table.row("huber_loss", pair, torch: "F.huber_loss(a, b, delta=0.7)", tolerance: 4) {
    $0[0].huberLoss($0[1], delta: 0.7)
  }
  table.row(
    "smooth_l1_loss", pair, torch: "F.smooth_l1_loss(a, b, reduction='none', beta=0.7)", tolerance: 4
  ) { $0[0].smoothL1Loss($0[1], beta: 0.7, reduction: .none) }
}

private func addScoreLossSamples(to table: inout SampleTable) {
  let probabilities = SampleInput([3, 4], .fixed((0..<12).map { (Double($0) * 5 + 3) / 64 }))
  let targets = SampleInput([3, 4], .fixed((0..<12).map { Double($0 * 7 % 12) / 16 }))
  let signs = SampleInput([5], .fixed([1, -1, -1, 1, 1]), isDifferentiable: false)
  table.row(
    "binary_cross_entropy", [probabilities, targets], torch: "F.binary_cross_entropy(a, b)", tolerance: 4
  ) { $0[0].binaryCrossEntropy($0[1]) }
  table.row(
    "binary_cross_entropy/certain", [SampleInput([2], .fixed([0, 1])), SampleInput([2], .fixed([1, 0]))],
    torch: "F.binary_cross_entropy(a, b)", derivatives: 0
  ) { $0[0].binaryCrossEntropy($0[1]) }
  table.row(
    "binary_cross_entropy_with_logits", [.plain(3, 4), targets], torch: "F.binary_cross_entropy_with_logits(a, b)",
    tolerance: 4
  ) { $0[0].binaryCrossEntropyWithLogits($0[1]) }
  table.row(
    "binary_cross_entropy_with_logits/weights",
    [
      .plain(3, 4), targets, SampleInput([4], .positive, isDifferentiable: false),
      SampleInput([3, 1], .positive, isDifferentiable: false),
    ],
    torch: "F.binary_cross_entropy_with_logits(a, b, pos_weight=c, weight=d)", tolerance: 4
  ) { $0[0].binaryCrossEntropyWithLogits($0[1], weight: $0[3], positiveWeight: $0[2]) }
  table.row("hinge_loss", [.distinct(5), signs], torch: "(1 - a * b).clamp(min=0).mean()", tolerance: 4) {
    $0[0].hingeLoss($0[1])
  }
  table.row("soft_margin_loss", [.plain(5), signs], torch: "F.soft_margin_loss(a, b)", tolerance: 4) {
    $0[0].softMarginLoss($0[1])
  }
  table.row("hinge_embedding_loss", [.distinct(5), signs], torch: "F.hinge_embedding_loss(a, b)", tolerance: 4) {
    $0[0].hingeEmbeddingLoss($0[1])
  }
  table.row(
    "cosine_similarity", [.plain(3, 4), .plain(3, 4)], torch: "F.cosine_similarity(a, b, dim=-1)", tolerance: 8
  ) {
    $0[0].cosineSimilarity($0[1])
  }
  table.row(
    "cosine_embedding_loss", [.plain(5, 4), .plain(5, 4), signs],
    torch: "F.cosine_embedding_loss(a, b, c, margin=-0.5)",
    tolerance: 16
  ) { $0[0].cosineEmbeddingLoss($0[1], $0[2], margin: -0.5) }
  table.row(
    "margin_ranking_loss", [.plain(5), .distinct(5), signs], torch: "F.margin_ranking_loss(a, b, c, margin=0.3)",
    tolerance: 4
  ) { $0[0].marginRankingLoss($0[1], $0[2], margin: 0.3) }
  table.row(
    "triplet_margin_loss", [.plain(3, 4), .plain(3, 4), .plain(3, 4)],
    torch: "F.triplet_margin_loss(a, b, c, margin=4.0)",
    tolerance: 8
  ) { $0[0].tripletMarginLoss(positive: $0[1], negative: $0[2], margin: 4) }
  table.row(
    "triplet_margin_loss/power 3", [.plain(3, 4), .plain(3, 4), .plain(3, 4)],
    torch: "F.triplet_margin_loss(a, b, c, margin=4.0, p=3)", tolerance: 16
  ) { $0[0].tripletMarginLoss(positive: $0[1], negative: $0[2], margin: 4, power: 3) }
}
