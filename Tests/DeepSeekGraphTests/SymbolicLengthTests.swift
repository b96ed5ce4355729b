import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A computation captured with batch and lengths left open.
private struct OpenCase: Sendable {
  let name: String
  /// The input's shape for a batch and two lengths.
  let shape: @Sendable (Dimension, Dimension, Dimension) -> Shape
  let body: @Sendable (Tensor) -> Tensor

  static func image(_ name: String, _ body: @escaping @Sendable (Tensor) -> Tensor) -> OpenCase {
    OpenCase(name: name, shape: { Shape([$0, 4, $1, $2]) }, body: body)
  }

  static func line(_ name: String, _ body: @escaping @Sendable (Tensor) -> Tensor) -> OpenCase {
    OpenCase(name: name, shape: { batch, length, _ in Shape([batch, 4, length]) }, body: body)
  }

  static func sequence(_ name: String, _ body: @escaping @Sendable (Tensor) -> Tensor) -> OpenCase {
    OpenCase(name: name, shape: { batch, length, _ in Shape([length, batch, 3]) }, body: body)
  }
}

private let convolutions: [OpenCase] = [
  .line("convolution, stride and dilation") {
    $0.convolution(pattern([5, 4, 3]), bias: pattern([5]), stride: 2, padding: 2, dilation: 2)
  },
  .image("convolution, uneven padding") {
    $0.convolution(pattern([6, 4, 3, 2]), padding: .ends(before: [1, 0], after: [0, 2]))
  },
  .image("convolution, same length") { $0.convolution(pattern([6, 4, 3, 4]), padding: .same) },
  .image("convolution, groups") { $0.convolution(pattern([8, 2, 3, 3]), stride: [2, 1], padding: 1, groups: 2) },
  .image("transposed convolution") {
    $0.convolutionTransposed(pattern([4, 3, 3, 3]), bias: pattern([3]), stride: 2, padding: 1, outputPadding: 1)
  },
  .image("two convolutions") {
    $0.convolution(pattern([3, 4, 3, 3]), stride: 2, padding: 1).relu().convolution(pattern([2, 3, 2, 2]), padding: 1)
  },
  .image("unfold") { $0.unfolded(kernel: [2, 3], stride: 2, padding: 1) },
]

private let poolings: [OpenCase] = [
  .image("max pooling") { $0.maxPool(kernel: 3, stride: 2, padding: 1) },
  .image("max pooling, rounded up") { $0.maxPool(kernel: [2, 3], stride: 1, ceiling: true) },
  .image("average pooling") {
    $0.averagePool(kernel: [2, 3], stride: [1, 2], padding: [1, 1], includesPadding: false)
  },
  .image("adaptive average pooling") { $0.adaptiveAveragePool([2, 3]) },
  .image("adaptive max pooling") { $0.adaptiveMaxPool(2) },
  .line("norm pooling") { $0.lpPool(power: 2, kernel: 2) },
  .image("mean over all places") { $0.mean(axes: [2, 3]) },
]

private let shapes: [OpenCase] = [
  .image("resize, twice as large") { $0.resized(to: [$0.dimension(2) * 2, $0.dimension(3) * 2]) },
  .image("resize, to the nearest") {
    $0.resized(to: [$0.dimension(2) * 3, $0.dimension(3)], mode: .nearestFloor, coordinates: .asymmetric)
  },
  .image("resize, to known lengths") { $0.resized(to: [5, 3] as [Int], coordinates: .alignCorners) },
  .image("constant padding and cropping") { $0.padded([(2, 1), (-1, 3)], value: 0.5) },
  .image("reflecting padding") { $0.padded([(2, 1), (1, 3)], mode: .reflect) },
  .image("replicating padding") { $0.padded([(2, 1), (1, 3)], mode: .replicate) },
  .image("circular padding") { $0.padded([(2, 1), (1, 3)], mode: .circular) },
  .image("pixel shuffle") { $0.pixelShuffled(2) },
  .image("pixel unshuffle") { $0.pixelUnshuffled(2) },
  .image("reversal") { $0.flipped([2, 3]) },
  .image("the last line") { $0.selected(2, -1) },
  .image("a part of open length") { $0.sliced(3, start: 1, count: $0.dimension(3) - 2) },
]

private func recurrentWeights(_ gates: Int) -> RecurrentWeights {
  RecurrentWeights(
    input: pattern([gates * 5, 3]), hidden: pattern([gates * 5, 5]) * 0.1, inputBias: pattern([gates * 5]),
    hiddenBias: pattern([gates * 5]))
}

private let recurrences: [OpenCase] = [
  .sequence("lstm") { $0.lstm(recurrentWeights(4)).output },
  .sequence("lstm, reversed, with its last states") {
    let result = $0.lstm(recurrentWeights(4), isReversed: true)
    return Tensor.concatenate([result.hidden + result.cell, result.output.sum(axis: 0)], axis: 0)
  },
  .sequence("gru") { $0.gru(recurrentWeights(3)).output },
  .sequence("gru, both ways") { x in
    let ways = [false, true].map { way in x.gru(recurrentWeights(3), isReversed: way) }
    return Tensor.concatenate(ways.map(\.output), axis: -1)
  },
  .sequence("simple recurrence") { $0.simpleRecurrent(.tanh, recurrentWeights(1)).output },
]

@Suite("Lengths left open")
struct SymbolicLengthTests {
  @Test("what an expression costs is known without writing it out")
  func complexity() {
    var length = Dimension.symbol("n")
    #expect(length.complexity == 1 && Dimension(3).complexity == 1 && (length * 2 + 1).complexity == 3)
    for _ in 0..<40 { length = length + length }
    #expect(length.complexity == Dimension.complexityLimit)
  }

  private static let cases = convolutions + poolings + shapes + recurrences

  /// The result, and the gradient of its elements' squares with respect to the input.
  private static func results(_ subject: OpenCase, _ input: Tensor) -> [Tensor] {
    let x = input.requiringGradient()
    let y = subject.body(x)
    let slope = gradients(of: [y.square().sum()], withRespectTo: [x])[0]!
    return [y.detached(), slope]
  }

  @Test("one graph serves every batch and length, forwards and backwards", arguments: cases.map(\.name))
  func everyLength(name: String) throws {
    let subject = try #require(Self.cases.first { $0.name == name })
    let open = subject.shape(.symbol("batch"), .symbol("height"), .symbol("width"))
    let graph = try capture([TensorSpec(.float32, open)]) { Self.results(subject, $0[0]) }
    for (kind, graph) in [("as captured", graph), ("optimized", try graph.optimized())] {
      let executor = try CPUExecutor(graph)
      for (batch, height, width) in [(1, 8, 6), (2, 6, 10), (3, 12, 8)] {
        let shape = subject.shape(Dimension(batch), Dimension(height), Dimension(width))
        let x = pattern(shape, Double(height))
        let expected = Self.results(subject, x)
        let results = try executor.run([x])
        for (result, eager) in zip(results, expected) {
          #expect(sameBits(result, eager.contiguous()), "\(kind), \(shape): \(result.spec) and \(eager.spec)")
        }
      }
    }
  }
}
