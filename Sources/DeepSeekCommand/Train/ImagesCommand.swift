import ArgumentParser
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTraining

/// `ds train images`: trains a small convolutional network on labelled images.
struct ImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Train a small convolutional network to tell classes of images apart.",
    discussion: """
      The images, all of one size, are in a folder of IDX files as MNIST and Fashion-MNIST have them, of which --train reads \
      train-… and --eval t10k-… or test-…; in a folder with a folder of PNG or JPEG files for each class; or in a Parquet \
      file with columns 'image' and 'label'. Left out, --lr is 1e-3 and --batch 64.

      EXAMPLES
        ds train images --train fashion-mnist --eval fashion-mnist --epochs 5 --output OUT
        ds train images --train photos/train --eval photos/test --widths 32,64,128 --output OUT
      """)

  @Option(help: ArgumentHelp("The images to learn from.", valueName: "path"))
  var train: String

  @Option(name: .customLong("eval"), help: ArgumentHelp("The images to judge by.", valueName: "path"))
  var evaluation: String

  @Option(help: ArgumentHelp("The output channels of each convolution, with commas between them.", valueName: "counts"))
  var widths = "32,64"

  @Option(name: .customLong("hidden"), help: ArgumentHelp("Width of the hidden layer.", valueName: "count"))
  var hiddenSize = 128

  @Option(help: "The probability of dropping an element before and behind the hidden layer.")
  var dropout = 0.25

  @OptionGroup var options: TrainingOptions
  @OptionGroup var json: JSONOutput

  func run() throws {
    let widths = try widths.split(separator: ",").map { text in
      guard let width = Int(text), width > 0 else { throw CommandError("--widths: '\(text)' is no number of channels") }
      return width
    }
    let training = try ImageClassifierTraining(
      LabelledImages(contentsOf: train, part: .train),
      evaluatingOn: LabelledImages(contentsOf: evaluation, part: .test), batchSize: options.batchSize ?? 64,
      arguments: options.arguments(learningRate: 1e-3, checkpoints: options.output)
    ) { configuration in
      configuration.widths = widths
      configuration.hiddenSize = hiddenSize
      configuration.dropout = dropout
    }
    let record = try options.train(training.trainer, unit: "examples", json: json)
    try json.write(.object(record.result(output: options.output)))
  }
}
