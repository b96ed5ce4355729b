import DeepSeekOperators
import DeepSeekTensor
import Foundation

extension ONNXOperator {
  /// Spectra and what goes with them.
  static let signals: [ONNXOperator] = [
    window("HannWindow", [0.5, -0.5]), window("HammingWindow", [25.0 / 46, -21.0 / 46]),
    window("BlackmanWindow", [0.42, -0.5, 0.08]),
    ONNXOperator("MelWeightMatrix", 5...5, tensor: { try $0.melWeights() }),
    ONNXOperator(
      "DFT", 1...3,
      tensor: { node in
        let x = try node.tensor(0)
        let place = node.has(2) ? try node.integer(2) : try node.int("axis", default: node.version < 20 ? 1 : -2)
        let axis = try node.axis(place, rank: x.rank)
        guard axis < x.rank - 1 else { throw node.invalid("axis \(place) of \(x.spec), whose last holds two parts") }
        return try node.spectrum(
          x, axis, length: node.has(1) ? node.integer(1) : nil, isInverse: node.bool("inverse"),
          isOneSided: node.bool("onesided"))
      }),
    ONNXOperator("STFT", 2...4, tensor: { try $0.shortSpectra() }),
  ]

  /// A sum of cosines, periodic or symmetric.
  private static func window(_ name: String, _ coefficients: [Double]) -> ONNXOperator {
    ONNXOperator(
      name, 1...1,
      tensor: { node in
        let size = try node.integer(0)
        guard size >= 0 else { throw node.invalid("size \(size)") }
        try node.assembler.takeBudget(8 * min(size, 1 << 40))
        guard size <= 1 << 28 else { throw node.invalid("size \(size)") }
        let period = Double(try node.bool("periodic", default: true) ? size : size - 1)
        let values = (0..<size).map { index -> Double in
          let angle = period > 0 ? 2 * Double.pi * Double(index) / period : 0
          return coefficients.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset) * angle) }
        }
        return Tensor([size], values).converted(to: try node.dtype("output_datatype", default: .float32))
      })
  }
}

extension ONNXNode {
  /// Triangles evenly spaced on the mel scale, `[bins of the spectrum, bands]`.
  fileprivate func melWeights() throws -> Tensor {
    let (bands, length, rate) = (try integer(0), try integer(1), try integer(2))
    let (low, high) = (try number(3), try number(4))
    let limits = 0.0...1e9
    guard (1...1 << 16).contains(bands), (1...1 << 20).contains(length), rate > 0, limits.contains(low),
      limits.contains(high), high >= low
    else {
      throw invalid("\(bands) bands of \(length) samples at \(rate), from \(low) to \(high)")
    }
    let bins = length / 2 + 1
    try assembler.takeBudget(8 * bins * bands)
    func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
    let step = (mel(high) - mel(low)) / Double(bands + 2)
    let edges = (0..<bands + 2).map { index -> Int in
      let frequency = 700 * (pow(10, (Double(index) * step + mel(low)) / 2595) - 1)
      return Int((Double(length + 1) * frequency / Double(rate)).rounded(.down))
    }
    guard edges.allSatisfy({ (0...bins).contains($0) }) else { throw invalid("band edges beyond half the sample rate") }
    var weights = [Double](repeating: 0, count: bins * bands)
    for band in 0..<bands {
      let (first, middle, last) = (edges[band], edges[band + 1], edges[band + 2])
      if middle == first && middle < bins { weights[middle * bands + band] = 1 }
      for bin in first..<min(middle + 1, bins) where middle > first {
        weights[bin * bands + band] = Double(bin - first) / Double(middle - first)
      }
      for bin in middle..<min(last, bins) where last > middle {
        weights[bin * bands + band] = Double(last - bin) / Double(last - middle)
      }
    }
    return Tensor([bins, bands], weights).converted(to: try dtype("output_datatype", default: .float32))
  }

  /// The discrete Fourier transform along an axis of `[…, 1]` or `[…, 2]`, as a product with the matrix of its angles.
  fileprivate func spectrum(_ given: Tensor, _ axis: Int, length: Int?, isInverse: Bool, isOneSided: Bool) throws
    -> Tensor
  {
    var x = given
    guard x.dtype.isFloatingPoint, let parts = x.dimension(x.rank - 1).known, parts == 1 || parts == 2,
      var count = x.dimension(axis).known
    else { throw unsupported("\(x.spec); real or complex numbers along an axis of known length are expected") }
    if let length, length != count {
      guard (1...1 << 16).contains(length) else { throw unsupported("a transform of \(length) samples") }
      if length < count {
        x = try sliced(x, axis, from: 0, count: length)
      } else {
        var after = Array(repeating: 0, count: x.rank)
        after[axis] = length - count
        x = try apply(PadOperator(Array(repeating: 0, count: x.rank), after), x)
      }
      count = length
    }
    guard (1...1 << 14).contains(count) else { throw unsupported("a transform of \(count) samples") }
    let bins = isOneSided ? count / 2 + 1 : count
    try assembler.takeBudget(32 * count * bins)
    let scale = isInverse ? 1 / Double(count) : 1
    var (cosines, sines) = ([Double](), [Double]())
    for row in 0..<count {
      for bin in 0..<bins {
        let angle = 2 * Double.pi * Double(row * bin % count) / Double(count)
        cosines.append(cos(angle) * scale)
        sines.append((isInverse ? -sin(angle) : sin(angle)) * scale)
      }
    }
    let matrices = [cosines, sines].map { Tensor([count, bins], $0).converted(to: x.dtype) }
    var order = (0..<x.rank - 1).filter { $0 != axis }
    order.insert(x.rank - 1, at: 0)
    order.append(axis)
    let turned = try transposed(x, order)
    let rest = Array(turned.shape.dimensions[1..<x.rank - 1])
    func part(_ index: Int, _ matrix: Int) throws -> Tensor {
      let one = try reshaped(
        sliced(turned, 0, from: index, count: 1), [turned.shape.product(1..<x.rank - 1), Dimension(count)])
      return try apply(MatmulOperator(), one, matrices[matrix])
    }
    var (real, imaginary) = (try part(0, 0), try unary(.negate, part(0, 1)))
    if parts == 2 {
      real = try binary(.add, real, part(1, 1))
      imaginary = try binary(.add, imaginary, part(1, 0))
    }
    let shape = rest + [Dimension(bins)]
    let both = try stacked([reshaped(real, shape), reshaped(imaginary, shape)], shape.count)
    var back = Array(0..<x.rank - 2)
    back.insert(x.rank - 2, at: axis)
    return try transposed(both, back + [x.rank - 1])
  }

  /// The spectra of frames of a signal `[batch, samples, 1 or 2]`: `[batch, frames, bins, 2]`.
  fileprivate func shortSpectra() throws -> Tensor {
    let x = try tensor(0)
    let step = try integer(1)
    let window = optional(2)
    guard x.rank == 3, let samples = x.dimension(1).known, step > 0 else { throw invalid("\(x.spec) by \(step)") }
    if let window, window.rank != 1 { throw invalid("window \(window.spec)") }
    let given = has(3) ? try integer(3) : window?.dimension(0).known
    guard let length = given, (1...1 << 14).contains(length), length <= samples else {
      throw invalid("frames of \(given ?? 0) samples of \(x.spec)")
    }
    let frames = (samples - length) / step + 1
    try assembler.takeBudget(8 * frames * length)
    let places = (0..<frames).flatMap { frame in (0..<length).map { Int64(frame * step + $0) } }
    let picked = try apply(IndexSelectOperator(1), x, Tensor([places.count], places))
    var framed = try reshaped(picked, [x.dimension(0), Dimension(frames), Dimension(length), x.dimension(2)])
    if let window {
      guard window.shape == [length] else { throw invalid("window \(window.spec) of \(length) samples") }
      framed = try binary(.multiply, framed, reshaped(cast(window, to: x.dtype), [Dimension(length), 1]))
    }
    return try spectrum(framed, 2, length: nil, isInverse: false, isOneSided: bool("onesided", default: true))
  }
}
