import ArgumentParser
import DeepSeekCompression
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// `ds quantize`: a model's weights in few bits.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Keep a model's weights, and what its layers are given, in few bits.",
    discussion: """
      MODEL is a model folder in Hugging Face's layout, of an encoder or a decoder, or a GGUF file, whose weights are rounded a \
      second time; every other command opens what is written. An output layer that is the table of tokens has that table's bits. With --activation static, \
      --method gptq or awq, and --smooth, the model is run on --calibration, a text on each line. With --max-loss, layers \
      that suffer most stay as they are until no more is lost: of the accuracy on --eval, or without it of the cosine \
      between outputs before and after.

      EXAMPLES
        ds quantize all-MiniLM-L6-v2 -o minilm-int8
        ds quantize all-MiniLM-L6-v2 -o minilm-static --activation static --calibration lines.txt --smooth 0.5
        ds quantize SmolLM2-135M -o smollm2-int4 --bits 4 --group 64 --activation none --method gptq --calibration lines.txt
        ds quantize SmolLM2-135M.Q8_0.gguf -o smollm2-awq --bits 4 --group 64 --activation none --method awq --calibration lines.txt
        ds quantize runs/reviews -o reviews-int8 --calibration lines.txt --max-loss 1% --eval eval.tsv
      """)

  @Argument(help: "The model folder, id or GGUF file.")
  var model: String

  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var output: String

  @Option(help: "Bits of a weight: 8 or 4.")
  var bits = 8

  @Option(help: "How layers' inputs are kept in few bits: dynamic, static, or none.")
  var activation = "dynamic"

  @Option(
    name: .customLong("activation-bits"),
    help: "Bits of layers' inputs: 8, or 7, which x86 processors without VNNI multiply a third faster.")
  var activationBits: Int?

  @Option(help: "Where the zero of weights lies: symmetric or asymmetric.")
  var scheme = "symmetric"

  @Option(help: "Inputs that share a scale, a multiple of 32; all of an output's without.")
  var group: Int?

  @Option(help: "How weights become integers: rtn (to the nearest), gptq or awq.")
  var method = "rtn"

  @Option(help: ArgumentHelp("Texts, one a line, to run the model on beforehand.", valueName: "file"))
  var calibration: String?

  @Option(help: "How static ranges are chosen: min-max, entropy, mse, or a percentile such as 99.9.")
  var range = "min-max"

  @Option(help: "How much of the inputs' unevenness is moved into the weights, from 0 to 1 (SmoothQuant).")
  var smooth: Double?

  @Option(name: .customLong("embedding-bits"), help: "Bits of tables of embeddings, 8 or 4; as they are without.")
  var embeddingBits: Int?

  @Option(
    name: .customLong("embedding-group"),
    help: "Numbers of a table's row that share a scale, where they divide it; with --embedding-bits.")
  var embeddingGroup: Int?

  @Option(name: .customLong("ignore"), help: "A layer that stays as it is, by name or the end of it; may be repeated.")
  var ignored: [String] = []

  @Flag(name: .customLong("clip"), help: "Narrow weights' ranges where that makes the squared error smaller.")
  var clips = false

  @Option(name: .customLong("max-loss"), help: "The most that may be lost, such as 1%.")
  var maximumLoss: Share?

  @Option(
    name: .customLong("eval"), help: ArgumentHelp("Labelled examples that --max-loss judges by.", valueName: "tsv"))
  var evaluation: String?

  @Option(name: .customLong("max-length"), help: "The longest sequence of calibration, in tokens.")
  var maximumLength = 128

  @OptionGroup var json: JSONOutput

  func validate() throws {
    do { try config().validate() } catch let error as QuantizationError { throw ValidationError(error.description) }
    if try config().needsCalibration && calibration == nil {
      throw ValidationError("Give --calibration FILE: a static activation, gptq, awq and smoothing need texts.")
    }
    if maximumLoss != nil && evaluation == nil && calibration == nil {
      throw ValidationError("Give --eval or --calibration: --max-loss judges by one of them.")
    }
    if maximumLength < 3 { throw ValidationError("--max-length must be at least 3.") }
  }

  func config() throws -> QuantizationConfig {
    guard let scheme = QuantizationConfig.Scheme(rawValue: scheme) else {
      throw ValidationError("--scheme must be symmetric or asymmetric.")
    }
    var config = QuantizationConfig(weightBits: bits, activationBits: activationBits ?? 8, scheme: scheme)
    switch activation {
    case "none":
      if activationBits != nil { throw ValidationError("--activation-bits has no meaning with --activation none.") }
      config.activationBits = nil
    case "dynamic": config.activation = .dynamic
    case "static": config.activation = .static
    default: throw ValidationError("--activation must be dynamic, static or none.")
    }
    switch method {
    case "rtn": config.method = .roundToNearest
    case "gptq": config.method = .gptq()
    case "awq": config.method = .awq
    default: throw ValidationError("--method must be rtn, gptq or awq.")
    }
    switch range {
    case "min-max": config.calibration = .minMax
    case "entropy": config.calibration = .entropy
    case "mse": config.calibration = .squaredError
    default:
      guard let percent = Double(range) else {
        throw ValidationError("--range must be min-max, entropy, mse or a percentile.")
      }
      config.calibration = .percentile(percent)
    }
    if let group { config.granularity = .group(group) }
    config.smoothing = smooth
    config.embeddingBits = embeddingBits
    config.embeddingGroupSize = embeddingGroup
    config.ignored = ignored
    config.clipsWeights = clips
    return config
  }

  func run() throws {
    let source = try TextModelSource(model)
    let opened = source.model
    let texts = try calibration.map { try CalibrationTexts(Lines.read($0), source, maximumLength) }
    let report = try opened.quantize(
      config(), budget: budget(source, texts), calibrating: texts.map { texts in { texts.run(opened) } })
    try opened.save(to: output)
    try source.addFiles(to: output)
    if !json.ownsStandardOutput {
      Console.result(report.description)
      if let before = report.scoreBefore, let after = report.scoreAfter {
        Console.result("score \(before) before, \(after) after")
      }
      Console.result(output)
    }
    try json.write(report.json(output: output))
  }

  private func budget(_ source: TextModelSource, _ texts: CalibrationTexts?) throws -> AccuracyBudget? {
    guard let maximumLoss else { return nil }
    let model = source.model
    if let evaluation {
      guard let classifier = model as? any SequenceClassifier else {
        throw CommandError("\(self.model): it is no classifier of texts, so --eval cannot judge it")
      }
      let judged = try LabelledTexts(contentsOfTSV: evaluation)
      let tokenizer = try source.tokenizer()
      var recipe = ClassificationRecipe()
      recipe.maximumLength = maximumLength
      let scorer = try ClassifierTraining(classifier, tokenizer, judged, recipe: recipe)
      return AccuracyBudget(maximumLoss: maximumLoss.value) { try scorer.evaluate(judged).accuracy }
    }
    guard let texts else { return nil }
    let before = texts.outputs(model)
    return AccuracyBudget(maximumLoss: maximumLoss.value) { texts.cosine(before, texts.outputs(model)) }
  }
}

extension QuantizationReport {
  /// The report's stable keys.
  func json(output: String) -> JSONValue {
    [
      "layers": .array(
        layers.map { layer in
          [
            "name": .string(layer.name), "bits": .integer(layer.format.bits),
            "signal_to_noise_db": layer.signalToNoise.map { .double($0) } ?? .null,
          ]
        }),
      "left_out": .array(leftOut.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
      "bytes_before": .integer(byteCountBefore), "bytes_after": .integer(byteCountAfter),
      "score_before": scoreBefore.map { .double($0) } ?? .null, "score_after": scoreAfter.map { .double($0) } ?? .null,
      "output": .string(output),
    ]
  }
}
