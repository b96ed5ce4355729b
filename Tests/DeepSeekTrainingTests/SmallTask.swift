import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import TestSupport

/// A small classifier on made data, quick enough for every test.
struct SmallTask {
  /// An input of 8 numbers and its class.
  struct Example: Sendable {
    let input: [Float]
    let label: Int64
  }

  static let classCount = 4
  let examples: [Example]

  /// So many examples, whose class follows from the input by a fixed rule.
  init(count: Int = 96) {
    var generator = SplitMix(11)
    let rule = (0..<8 * SmallTask.classCount).map { _ in Float.random(in: -1...1, using: &generator) }
    examples = (0..<count).map { _ in
      let input = (0..<8).map { _ in Float.random(in: -1...1, using: &generator) }
      let scores = (0..<SmallTask.classCount).map { label in
        (0..<8).reduce(Float(0)) { $0 + input[$1] * rule[label * 8 + $1] }
      }
      return Example(input: input, label: Int64(scores.indices.max { scores[$0] < scores[$1] }!))
    }
  }

  /// The model of a seed, the same each time.
  static func model(dropout: Double = 0) -> Sequential {
    RandomGenerator.withSeed(5) {
      Sequential {
        Linear(8, 16)
        Tanh()
        Dropout(dropout)
        Linear(16, SmallTask.classCount)
      }
    }
  }

  /// Batches in an order of their own in each epoch.
  func batches(_ size: Int) -> Dataset<[Example]> { Dataset(examples).shuffle(buffer: 40, seed: 3).batch(size) }

  /// Batches in the examples' order, of these sizes one after another.
  func batches(sizes: [Int]) -> Dataset<[Example]> {
    var start = 0
    return Dataset(
      sizes.map { size in
        defer { start += size }
        return Array(examples[start..<start + size])
      })
  }

  static func tensors(_ batch: [Example]) -> (inputs: Tensor, targets: Tensor) {
    (Tensor([batch.count, 8], batch.flatMap(\.input)), Tensor([batch.count], batch.map(\.label)))
  }

  /// Cross-entropy of the model's logits.
  static func objective(_ model: Sequential) -> Objective<[Example]> {
    .crossEntropy { batch in
      let (inputs, targets) = tensors(batch)
      return (model(inputs), targets)
    }
  }
}

/// Arguments without log on a terminal, small steps apart.
func quietArguments(learningRate: Double = 1e-2, _ change: (inout TrainingArguments) -> Void = { _ in })
  -> TrainingArguments
{
  var arguments = TrainingArguments(learningRate: learningRate)
  arguments.logging.showsProgress = false
  arguments.evaluation = .never
  change(&arguments)
  return arguments
}

/// Whether two models have the same weights, bit for bit.
func sameWeights(_ left: any Module, _ right: any Module) -> Bool {
  let (a, b) = (left.stateDictionary(), right.stateDictionary())
  return a.keys == b.keys && a.keys.allSatisfy { sameBits(a[$0]!, b[$0]!) }
}

/// The largest difference between the weights of two models.
func largestDifference(_ left: any Module, _ right: any Module) -> Double {
  zip(left.parameters(), right.parameters()).map { a, b in
    (a.value - b.value).abs().max().item(as: Double.self)
  }.max() ?? 0
}
