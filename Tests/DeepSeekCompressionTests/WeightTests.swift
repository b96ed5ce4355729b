import DeepSeekCompression
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Weights in few bits")
struct WeightTests {
  static let formats = [8, 4].flatMap { bits in
    [nil, 32].flatMap { group in
      [false, true].map { WeightFormat(bits: bits, groupSize: group, hasZeroPoints: $0) }
    }
  }

  @Test("each weight is off by half a step at most, and zero stays zero", arguments: formats)
  func nearest(_ format: WeightFormat) {
    var weight = RandomGenerator.withSeed(1) { Tensor.randomNormal([6, 64]) + 0.5 }
    weight[2, 5] = Tensor(0.0)
    let quantized = QuantizedWeight(rounding: weight, format)
    let size = format.groupSize ?? 64
    let steps = quantized.scales.reshaped([6, 64 / size, 1]).broadcast(to: [6, 64 / size, size]).reshaped([6, 64])
    let error = (quantized.dequantized - weight).abs() / steps
    #expect(error.max().item(as: Double.self) <= 0.5001)
    #expect(quantized.dequantized[2, 5].item(as: Float.self) == 0)
    #expect(quantized.values.shape == [6, format.bits == 8 ? 64 : 32])
    #expect(quantized.values.dtype == (format.bits == 8 ? .int8 : .uint8))
  }

  @Test("8 bits for each channel give PyTorch's numbers")
  func pytorch() {
    let weight = Tensor([[0.3, -1.0, 0.55, 0.2], [2.0, 0.1, -0.4, 0.7]])
    let expected = Tensor([
      [0.29921260476112366, -1.0, 0.5511810779571533, 0.19685038924217224],
      [2.0, 0.09448818862438202, -0.3937007784843445, 0.6929134130477905],
    ])
    #expect(largestDifference(QuantizedWeight(rounding: weight, WeightFormat(bits: 8)).dequantized, expected) < 1e-6)
  }

  @Test("the first of two 4-bit weights lies in the low half of their byte")
  func nibbles() {
    let weight = Tensor([[7.0, -7.0, 1.0, 0.0]])
    let quantized = QuantizedWeight(rounding: weight, WeightFormat(bits: 4))
    #expect(quantized.values.array(of: UInt8.self) == [15 | 1 << 4, 9 | 8 << 4])
    #expect(quantized.dequantized.array(of: Float.self) == [7, -7, 1, 0])
  }

  @Test("narrowing a range never makes the squared error larger")
  func clipping() {
    var weight = RandomGenerator.withSeed(2) { Tensor.randomNormal([4, 128]) }
    weight[0, 0] = Tensor(9.0)
    for format in WeightTests.formats {
      func error(_ clips: Bool) -> Double {
        (QuantizedWeight(rounding: weight, format, clips: clips).dequantized - weight).sumSquares().item(
          as: Double.self)
      }
      #expect(error(true) <= error(false) * 1.0001, "\(format)")
      if format.bits == 4 && format.groupSize == nil { #expect(error(true) < error(false)) }
    }
  }
}

@Suite("Ranges of inputs")
struct RangeTests {
  private func histogram(_ tensors: [Tensor]) -> ActivationHistogram {
    var histogram = ActivationHistogram()
    for tensor in tensors { histogram.add(tensor) }
    return histogram
  }

  @Test("the whole range is exact, whatever came first")
  func wholeRange() {
    let range = histogram([Tensor([0.1]), Tensor([-3.0, 7.5]), Tensor([Double.nan, 1.0])]).range(.minMax)
    #expect(range == -3...7.5)
    #expect(histogram([Tensor.zeros([3])]).range(.minMax) == 0...0)
    #expect(histogram([Tensor([2.0, 3.0])]).range(.minMax) == 0...3)
  }

  @Test("percentiles and entropy leave out a lone outlier, the squared error cuts off no more than pays")
  func outlier() {
    let bulk = RandomGenerator.withSeed(3) { Tensor.randomNormal([20000]) }
    let seen = histogram([bulk, Tensor([60.0])])
    #expect(seen.range(.minMax).upperBound == 60)
    for calibration in [QuantizationConfig.Calibration.percentile(99.9), .entropy] {
      let range = seen.range(calibration)
      #expect(range.upperBound < 45 && range.upperBound > 2 && range.lowerBound < -1, "\(calibration): \(range)")
    }
    let paying = seen.range(.squaredError)
    #expect(paying.upperBound > 50 && paying.upperBound <= 60, "\(paying)")
    let tight = seen.range(.percentile(99.9))
    #expect(abs(tight.upperBound - 3.1) < 0.3 && abs(tight.lowerBound + 3.1) < 0.3, "\(tight)")
  }
}
