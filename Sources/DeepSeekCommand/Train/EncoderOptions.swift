import ArgumentParser
import DeepSeekModels
import Foundation

/// The encoder that a text classifier begins with.
struct EncoderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model to start from: its folder or id.", valueName: "model"))
  var model: String

  @Option(name: .customLong("max-length"), help: "The longest sequence, in tokens.")
  var maximumLength = 128

  func validate() throws {
    if maximumLength < 3 { throw ValidationError("--max-length must be at least 3.") }
  }

  /// The model's folder, fetched when it is not on this machine.
  var folder: URL { get throws { try ModelSource(model).folder() } }
}
