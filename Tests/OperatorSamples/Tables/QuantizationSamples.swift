import DeepSeekOperators
import DeepSeekTensor

/// Numbers as they come back from few bits. None lies half-way between two steps.
func addQuantizationSamples(to table: inout SampleTable) {
  let scale = SampleInput([1], .fixed([0.25]))
  let zero = SampleInput([1], .fixed([1]))
  table.row("fake_quantize", [.plain(3, 4), scale, zero], derivatives: 1, hasTrueGradient: false) {
    $0[0].fakeQuantized(scale: $0[1], zeroPoint: $0[2], -4, 3)
  }
  let scales = SampleInput([3, 1], .fixed([0.25, 0.5, 0.125]))
  table.row("fake_quantize/channels", [.plain(3, 4), scales, zero], derivatives: 1, hasTrueGradient: false) {
    $0[0].fakeQuantized(scale: $0[1], zeroPoint: $0[2], -8, 7, scaleGradientFactor: 0.5)
  }
}
