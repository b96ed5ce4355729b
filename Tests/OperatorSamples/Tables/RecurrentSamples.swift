import DeepSeekOperators
import DeepSeekTensor

/// Recurrent layers over whole sequences.
func addRecurrentSamples(to table: inout SampleTable) {
  table.rows(
    "lstm",
    [.plain(3, 2, 4), .unit(2, 3), .unit(2, 3), .unit(12, 4), .unit(12, 3), .unit(12), .unit(12)],
    torch:
      "(lambda r: [r[0], r[1][0], r[2][0]])(torch.lstm(a, (b[None], c[None]), (d, e, f, g), True, 1, 0.0, False, False, False))",
    tolerance: 8
  ) {
    let weights = RecurrentWeights(input: $0[3], hidden: $0[4], inputBias: $0[5], hiddenBias: $0[6])
    let result = $0[0].lstm(weights, hidden: $0[1], cell: $0[2])
    return [result.output, result.hidden, result.cell]
  }
  table.row(
    "lstm/reversed, without biases and states", [.plain(3, 2, 4), .unit(12, 4), .unit(12, 3)],
    torch:
      "torch.lstm(a.flip(0), (torch.zeros(1, 2, 3).double(),) * 2, (b, c), False, 1, 0.0, False, False, False)[0].flip(0)",
    tolerance: 8
  ) { $0[0].lstm(RecurrentWeights(input: $0[1], hidden: $0[2]), isReversed: true).output }
  table.rows(
    "gru", [.plain(3, 2, 4), .unit(2, 3), .unit(9, 4), .unit(9, 3), .unit(9), .unit(9)],
    torch: "(lambda r: [r[0], r[1][0]])(torch.gru(a, b[None], (c, d, e, f), True, 1, 0.0, False, False, False))",
    tolerance: 8
  ) {
    let weights = RecurrentWeights(input: $0[2], hidden: $0[3], inputBias: $0[4], hiddenBias: $0[5])
    let result = $0[0].gru(weights, hidden: $0[1])
    return [result.output, result.hidden]
  }
  for (cell, name) in [(RecurrentCell.tanh, "tanh"), (.relu, "relu")] {
    table.row(
      "rnn_\(name)", [.plain(3, 2, 4), .unit(2, 3), .unit(3, 4), .unit(3, 3), .unit(3), .unit(3)],
      torch: "torch.rnn_\(name)(a, b[None], (c, d, e, f), True, 1, 0.0, False, False, False)[0]", tolerance: 8
    ) {
      let weights = RecurrentWeights(input: $0[2], hidden: $0[3], inputBias: $0[4], hiddenBias: $0[5])
      return $0[0].simpleRecurrent(cell, weights, hidden: $0[1]).output
    }
  }
}
