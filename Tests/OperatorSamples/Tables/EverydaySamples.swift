import DeepSeekOperators
import DeepSeekTensor

/// Methods made of other operators, as they are called every day.
func addEverydaySamples(to table: inout SampleTable) {
  addEverydayReductions(to: &table)
  addEverydayShapes(to: &table)
  addEverydayVectors(to: &table)
  addEverydayElementwise(to: &table)
}

private func addEverydayReductions(to table: inout SampleTable) {
  table.row("quantile", [.distinct(4, 5)], torch: "torch.quantile(a, 0.3, 1)", tolerance: 4) {
    $0[0].quantile(0.3, axis: 1)
  }
  table.row("quantile/largest, axis kept", [.distinct(4, 5)], torch: "torch.quantile(a, 1.0, 0, keepdim=True)") {
    $0[0].quantile(1, axis: 0, keepAxes: true)
  }
  table.row("median", [.distinct(3, 4)], torch: "torch.quantile(a, 0.5)", tolerance: 4) { $0[0].median() }
  table.row("count_nonzero", [.integers(0..<3, 4, 5)], torch: "torch.count_nonzero(a)", derivatives: 0) {
    $0[0].countNonzero()
  }
}

private func addEverydayShapes(to table: inout SampleTable) {
  table.row("move_axis", [.plain(2, 3, 4)], torch: "torch.movedim(a, 0, -1)") { $0[0].movedAxis(0, to: -1) }
  table.rows("unstack", [.plain(3, 4)], torch: "torch.unbind(a, 1)") { $0[0].unstacked(axis: 1) }
  table.rows("chunk/uneven", [.plain(7, 2)], torch: "torch.chunk(a, 3)") { $0[0].chunked(3) }
  table.rows("mesh_grid", [.plain(2), .plain(3)], torch: "torch.meshgrid(a, b, indexing='ij')") { Tensor.meshGrid($0) }
  table.row("difference", [.plain(3, 5)], torch: "torch.diff(a)") { $0[0].difference() }
  table.row("flatten/from an axis", [.plain(2, 3, 4)], torch: "torch.flatten(a, 1)") { $0[0].flattened(1...) }
}

private func addEverydayVectors(to table: inout SampleTable) {
  table.row("normalize", [.plain(3, 4)], torch: "F.normalize(a, dim=1)", tolerance: 8) { $0[0].normalized(axis: 1) }
  table.row(
    "pairwise_distances", [.plain(3, 4), .distinct(5, 4)],
    torch: "torch.cdist(a, b, compute_mode='donot_use_mm_for_euclid_dist')", derivatives: 1, tolerance: 8
  ) { $0[0].pairwiseDistances(to: $0[1]) }
  table.row(
    "pairwise_distances/order 1", [.plain(3, 4), .distinct(5, 4)], torch: "torch.cdist(a, b, 1)", derivatives: 1,
    tolerance: 8
  ) {
    $0[0].pairwiseDistances(to: $0[1], order: 1)
  }
  table.row("kronecker_product", [.plain(2, 3), .plain(4, 2)], torch: "torch.kron(a, b)") {
    $0[0].kroneckerProduct($0[1])
  }
  table.row("cross_product", [.plain(4, 3), .plain(4, 3)], torch: "torch.linalg.cross(a, b)", tolerance: 4) {
    $0[0].crossProduct($0[1])
  }
}

private func addEverydayElementwise(to table: inout SampleTable) {
  table.row("lerp", [.plain(3, 4), .plain(3, 4), .unit(4)], torch: "torch.lerp(a, b, c)", tolerance: 4) {
    $0[0].lerp($0[1], $0[2])
  }
  table.row(
    "nan_to_num", [SampleInput([4], .fixed([.nan, .infinity, -.infinity, 1.5]))],
    torch: "torch.nan_to_num(a, 7, 8, -9)", derivatives: 0
  ) { $0[0].nanToNum(nan: 7, positiveInfinity: 8, negativeInfinity: -9) }
  table.row(
    "is_close",
    [SampleInput([4], .fixed([1, 2, .infinity, .nan])), SampleInput([4], .fixed([1.0078125, 2, .infinity, .nan]))],
    torch: "torch.isclose(a, b, rtol=0.001)", derivatives: 0
  ) { $0[0].isClose(to: $0[1], relative: 1e-3) }
  table.row("where/number", [.mask(3, 4), .plain(3, 4)], torch: "torch.where(a, b, 0.5)") {
    Tensor.select($0[0], $0[1], 0.5)
  }
  let pair: [SampleInput] = [.plain(3, 4), .distinct(3, 4)]
  table.row("gaussian_nll_loss", pair + [.positive(3, 4)], torch: "F.gaussian_nll_loss(a, b, c)", tolerance: 8) {
    $0[0].gaussianNegativeLogLikelihood($0[1], variance: $0[2])
  }
  table.row("poisson_nll_loss", [.plain(3, 4), .positive(3, 4)], torch: "F.poisson_nll_loss(a, b)", tolerance: 8) {
    $0[0].poissonNegativeLogLikelihood($0[1])
  }
}
