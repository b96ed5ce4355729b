import ArgumentParser

/// `ds train`: fine-tuning.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Fine-tune a model.",
    discussion: """
      EXAMPLE
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --epochs 3 --lr 2e-5 --output OUT
      """,
    subcommands: [ClassifyCommand.self])
}
