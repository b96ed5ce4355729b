import ArgumentParser

/// `ds train`: training and fine-tuning.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train or fine-tune a model.",
    discussion: """
      EXAMPLES
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --epochs 3 --lr 2e-5 --output OUT
        ds train lm --model gpt2 --train train.txt --lora-rank 8 --output ADAPTER
      """,
    subcommands: [ClassifyCommand.self, GLUECommand.self, LanguageModelCommand.self, ImagesCommand.self])
}
