import DeepSeekOperators
import DeepSeekTensor

/// Products whose weights lie packed. The rows take plain weights, which operators bring to the packed form, so that one row
/// serves every type and can be captured.
func addPackedSamples(to table: inout SampleTable) {
  // Forty columns: a whole panel, and one that zeros fill up. Five inputs: of two to a word, one is left.
  table.row("packed linear", [.plain(3, 5), .plain(40, 5), .plain(40)], tolerance: 8) { packedLinear($0) }
  let forms: [(name: String, operation: QuantizedLinearOperator)] = [
    ("8 bits/dynamic", QuantizedLinearOperator(input: .dynamic)),
    ("8 bits/gelu", QuantizedLinearOperator(hasZeroPoints: true, hasBias: true, activation: .gelu)),
    ("8 bits/groups", QuantizedLinearOperator(groupSize: 32, input: .fixed(scale: 0.0125, zeroPoint: 120))),
    ("4 bits", QuantizedLinearOperator(weightBits: 4)),
    (
      "4 bits/groups",
      QuantizedLinearOperator(weightBits: 4, groupSize: 32, input: .dynamic, hasZeroPoints: true, hasBias: true)
    ),
  ]
  for (name, operation) in forms {
    let isWide = operation.weightBits == 8
    let groups = operation.groupSize == nil ? [5] : [5, 2]
    let stored: DType = isWide ? .int8 : .uint8
    var inputs = [
      SampleInput([2, 3, 64]),
      SampleInput([5, operation.weightBits * 8], .integers(isWide ? -128..<128 : 0..<256), dtype: stored),
      SampleInput(groups, .fixed((0..<10).map { Double($0 % 7 + 3) / 256 }), dtype: .float32),
    ]
    if operation.hasZeroPoints {
      inputs.append(SampleInput(groups, .integers(isWide ? -9..<9 : 0..<16), dtype: stored))
    }
    if operation.hasBias { inputs.append(SampleInput([5], dtype: .float32)) }
    let isPlain = operation.input == .unquantized
    table.row(
      "packed quantized linear/\(name)", inputs, dtypes: isPlain ? SampleTable.floats : [.float64, .float32],
      derivatives: isPlain ? 1 : 0, tolerance: 8, stepError: operation.input == .dynamic ? 1e-2 : nil
    ) { packedQuantizedLinear(operation, $0) }
  }
}

/// x `[…, in]`, weight `[out, in]` and bias through the packed product.
func packedLinear(_ inputs: [Tensor]) -> Tensor {
  let weight = inputs[1]
  let packed = panels(weight, inWord: weight.dtype == .bfloat16 ? 2 : 1)
  return apply(PackedLinearOperator(outputSize: weight.shape[0], activation: .gelu), [inputs[0], packed, inputs[2]])[0]
}

/// The inputs of `operation` through the packed product.
func packedQuantizedLinear(_ operation: QuantizedLinearOperator, _ inputs: [Tensor]) -> Tensor {
  let weight = inputs[1]
  var packed = [inputs[0]]
  if operation.weightBits == 8 {
    packed.append(panels(weight, inWord: 4))
  } else {
    // Less eight, in two's complement: the highest of four bits is the other way round.
    let (high, low) = halves(weight.cast(to: .float32))
    packed.append(panels((flipped(high) * 16 + flipped(low)).cast(to: .uint8), inWord: 4))
  }
  func parameters(_ tensor: Tensor) -> Tensor { panels(tensor.rank == 1 ? tensor.expanded(1) : tensor, inWord: 1) }
  packed.append(parameters(inputs[2]))
  if operation.hasZeroPoints {
    packed.append(parameters(inputs[3].cast(to: .float32) - (operation.weightBits == 4 ? 8 : 0)))
  }
  if operation.weightBits == 8 && operation.groupSize == nil {
    packed.append(parameters(weight.cast(to: .int32).sum(axis: 1)).cast(to: .int32))
  }
  if operation.hasBias { packed.append(inputs[inputs.count - 1]) }
  return apply(PackedQuantizedLinearOperator(operation, outputSize: weight.shape[0]), packed)[0]
}

/// `[out, in]` as `[panels · steps, 32 · inWord]`, zeros where nothing is.
private func panels(_ tensor: Tensor, inWord: Int) -> Tensor {
  let (rows, columns) = (tensor.shape[0], tensor.shape[1])
  let (panels, steps) = ((rows + 31) / 32, (columns + inWord - 1) / inWord)
  let padded = tensor.padded([(0, panels * 32 - rows), (0, steps * inWord - columns)])
  return padded.reshaped([panels, 32, steps, inWord]).swappedAxes(1, 2).reshaped([panels * steps, 32 * inWord])
}

private func halves(_ bytes: Tensor) -> (high: Tensor, low: Tensor) {
  let high = (bytes / 16).floor()
  return (high, bytes - high * 16)
}

private func flipped(_ values: Tensor) -> Tensor { values + 8 - ((values + 8) / 16).floor() * 16 }
