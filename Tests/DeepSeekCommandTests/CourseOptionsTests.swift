import ArgumentParser
import DeepSeekDynamic
import DeepSeekTraining
import Testing

@testable import DeepSeekCommand

@Suite("The course of ds train")
struct CourseOptionsTests {
  private func arguments(_ line: String) throws -> TrainingArguments {
    var arguments = TrainingArguments()
    try CourseOptions.parse(Subcommands.words("ds " + line)).apply(to: &arguments)
    return arguments
  }

  @Test("without options it is the trainer's own")
  func usual() throws {
    let (ours, usual) = (try arguments(""), TrainingArguments())
    #expect(ours.accumulation == usual.accumulation && ours.clippingNorm == usual.clippingNorm)
    #expect(ours.averagingDecay == nil && ours.earlyStopping == nil && !ours.keepsBest)
    for step in [0, 40, 99] { #expect(factor(ours, step) == factor(usual, step)) }
  }

  @Test("each option sets what it says")
  func options() throws {
    let all = try arguments("--schedule cosine --accumulate 4 --clip 0.5 --ema 0.99 --patience 2 --keep-best")
    #expect(all.accumulation == .batches(4) && all.clippingNorm == 0.5 && all.averagingDecay == 0.99)
    #expect(all.earlyStopping == EarlyStopping(patience: 2) && all.keepsBest)
    #expect(abs(factor(all, 50) - 0.5) < 0.02 && factor(all, 25) > 0.8)
    #expect(try arguments("--clip 0").clippingNorm == nil)
    #expect(try factor(arguments("--schedule constant"), 99) == 1)
    #expect(try factor(arguments("--schedule inverse_sqrt"), 99) < 1)
  }

  @Test(
    "what cannot be is refused by its name",
    arguments: ["--accumulate 0", "--clip -1", "--clip nan", "--ema 1", "--patience 0", "--schedule fast"])
  func refusals(_ line: String) {
    let error = #expect(throws: (any Error).self) { try CourseOptions.parse(Subcommands.words("ds " + line)) }
    if let error { #expect(CourseOptions.fullMessage(for: error).contains(line.split(separator: " ")[0]), "\(line)") }
  }

  /// What the learning rate is multiplied by in a step of a hundred.
  private func factor(_ arguments: TrainingArguments, _ step: Int) -> Double {
    arguments.schedule.schedule(warmupSteps: 0, totalSteps: 100)(step)
  }
}
