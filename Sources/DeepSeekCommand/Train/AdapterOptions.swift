import ArgumentParser
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekTensor
import Foundation

/// An adapter to train in place of the weights.
struct AdapterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Train a low-rank adapter (LoRA) of this rank in place of the weights.", valueName: "count"))
  var loraRank: Int?

  @Option(
    help: ArgumentHelp(
      "What the adapter's product is multiplied by, times the rank; twice the rank when left out.", valueName: "number")
  )
  var loraAlpha: Double?

  @Option(
    help: ArgumentHelp(
      "The names of the layers that get an adapter, with commas between them, or all-linear; queries and values when "
        + "left out.", valueName: "names"))
  var loraTargets: String?

  @Option(help: ArgumentHelp("The probability of dropping an element of an adapter's input.", valueName: "part"))
  var loraDropout: Double?

  func validate() throws {
    if loraRank == nil && (loraAlpha != nil || loraTargets != nil || loraDropout != nil) {
      throw ValidationError("--lora-alpha, --lora-targets and --lora-dropout go with --lora-rank.")
    }
  }

  /// Puts the adapter on a model; `nil` when none is asked for. Its random start follows from the seed.
  func adapters(on model: any PretrainedModel, seed: UInt64) throws -> Adapters? {
    guard let loraRank else { return nil }
    var lora = LoRAConfiguration(rank: loraRank, alpha: loraAlpha, targets: model.usualAdapterTargets)
    switch loraTargets {
    case nil: break
    case "all-linear": lora.targets = .allLinear
    case let names?: lora.targets = .names(names.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    }
    lora.dropout = loraDropout ?? 0
    lora.modulesToSave = model.usualModulesToSave
    let chosen = lora
    let adapters = try RandomGenerator.withSeed(seed) { try Adapters(model, chosen) }
    let (trained, all) = (model.parameterCount(trainableOnly: true), model.parameterCount())
    Console.note("an adapter of rank \(loraRank): \(trained) of \(all) weights are trained")
    return adapters
  }

  /// Where the checkpoint goes: an adapter's folder is for the adapter, and has the checkpoint in a folder of its own.
  func checkpoints(_ output: String) -> String { loraRank == nil ? output : output + "/checkpoint" }
}

extension Adapters {
  /// Writes what `ds train` trained for `peft` and `--adapter` to read.
  func save(trainedFrom model: String, to output: String, _ task: AdapterTask) throws {
    try save(to: URL(fileURLWithPath: output, isDirectory: true), baseModel: model, task: task)
  }
}
