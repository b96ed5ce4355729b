import ArgumentParser
import DeepSeekTensor

/// The command line of DeepSeek.
@main
struct DS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ds",
    abstract: "Train, fine-tune, embed, measure: deep learning without leaving Swift.",
    discussion: """
      Results go to standard output, progress and warnings to standard error. Every subcommand takes --json FILE, or \
      --json - for standard output, and exits with 0 only when all was done.
      """,
    version: frameworkVersion,
    subcommands: [
      DoctorCommand.self, DownloadCommand.self, DataCommand.self, EmbedCommand.self, GenerateCommand.self,
      TrainCommand.self, BenchmarkCommand.self, GraphCommand.self, CompileCommand.self, ExplainCommand.self,
      QuantizeCommand.self, CompressCommand.self,
      InspectCommand.self, ConvertCommand.self, MigrateCommand.self,
    ])
}
