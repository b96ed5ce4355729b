import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// A training run that may be killed at any moment: it goes on from the newest checkpoint in the folder that it is given,
/// and says `step N` for each step.
@main
enum TrainingProbe {
  static func main() throws {
    let folder = CommandLine.arguments[1]
    let model = RandomGenerator.withSeed(1) {
      Sequential {
        Linear(16, 64)
        GELU()
        Dropout(0.1)
        Linear(64, 4)
      }
    }
    let batches = Dataset(count: 320) { index in index }.shuffle(buffer: 64, seed: 2).batch(8)
    var arguments = TrainingArguments(learningRate: 1e-3)
    arguments.epochs = 3
    arguments.warmup = .ratio(0.1)
    arguments.averagingDecay = 0.95
    arguments.accumulation = .weight(12)
    arguments.precision = .float16
    arguments.logging.showsProgress = false
    arguments.checkpoints = CheckpointSettings(folder, layout: .series(keeping: 2), moment: .steps(3))
    let trainer = Trainer(
      model, batches,
      objective: .crossEntropy { indices in
        let inputs = Tensor([indices.count, 16], indices.flatMap(input))
        return (model(inputs), Tensor([indices.count], indices.map(label)))
      }, arguments: arguments, callbacks: [Voice()])
    try trainer.resume()
    try trainer.train()
  }

  private static func input(_ index: Int) -> [Float] {
    (0..<16).map { place in
      let number = (index * 31 + place * 17) % 23
      return Float(number) / 23 - 0.5
    }
  }

  private static func label(_ index: Int) -> Int64 { Int64(index * 7 % 13 % 4) }

  /// Says each step at once, and takes its time over it: a kill is to find the run in its midst.
  private final class Voice: TrainingCallback {
    func stepEnds(_ report: StepReport, _ run: TrainingRun) {
      FileHandle.standardOutput.write(Data("step \(report.step)\n".utf8))
      usleep(4000)
    }
  }
}
