import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// What was seen of one layer's inputs.
struct InputObservation: Sendable {
  /// What is looked at beside the numbers themselves.
  struct Needs: OptionSet, Sendable {
    let rawValue: Int
    /// Sums of products of inputs: XᵀX.
    static let products = Needs(rawValue: 1 << 0)
    /// How numbers are distributed.
    static let histogram = Needs(rawValue: 1 << 1)
  }

  /// Rows kept to compare outputs by.
  static let sampleLimit = 256

  var rowCount = 0
  /// The largest size of each input, `[inputs]`.
  var largest: Tensor?
  /// The mean size of each input times the rows, `[inputs]`.
  var total: Tensor?
  /// XᵀX in `float32`, `[inputs, inputs]`.
  var products: Tensor?
  var histogram = ActivationHistogram()
  private(set) var samples: [Tensor] = []
  private var sampleCount = 0

  /// Adds the rows of an input `[…, inputs]`.
  mutating func add(_ input: Tensor, _ needs: Needs) {
    let width = input.shape[input.rank - 1]
    if input.elementCount == 0 { return }
    let rows = input.detached().cast(to: .float32).reshaped([input.elementCount / width, width])
    rowCount += rows.shape[0]
    let sizes = rows.abs()
    let most = sizes.max(axis: 0)
    largest = largest.map { $0.maximum(most) } ?? most
    let sum = sizes.sum(axis: 0)
    total = total.map { $0 + sum } ?? sum
    if needs.contains(.products) {
      let square = rows.transposed().matmul(rows)
      products = products.map { $0 + square } ?? square
    }
    if needs.contains(.histogram) { histogram.add(rows) }
    let wanted = Swift.min(InputObservation.sampleLimit - sampleCount, rows.shape[0])
    if wanted > 0 {
      // A view would keep all of the input alive.
      samples.append(rows.sliced(0, 0..<wanted) + 0)
      sampleCount += wanted
    }
  }

  mutating func replaceSamples(_ rows: Tensor) { samples = [rows] }

  /// Some of the rows, `[rows, inputs]`; `nil` when none came.
  var sample: Tensor? { samples.isEmpty ? nil : .concatenate(samples) }
}

extension Double {
  var logarithm: Double { Foundation.log(self) }
}
