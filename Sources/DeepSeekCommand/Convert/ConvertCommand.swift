import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekInterchange
import DeepSeekJSON
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// `ds convert`: a checkpoint of another framework or an older version, taken forward.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a checkpoint of another framework into today's format.",
    discussion: """
      The output is a folder with model.safetensors, deepseek.json and the configuration and tokenizer that stand beside the \
      source, or one file when it ends in .safetensors or .npz. Every tensor of the source must go somewhere, and every one \
      that a map asks for must be there, or the conversion fails and lists them all. The output appears when it is whole.

      Architectures: \(ArchitectureMap.names.joined(separator: ", ")).

      EXAMPLES
        ds convert pytorch_model.bin -o model
        ds convert bert_model.ckpt -o bert --architecture bert --dtype bf16
        ds convert old.npz -o new.safetensors --map map.json --dry-run --json report.json
      """)

  @Argument(help: "A file, a folder, or what the names of a checkpoint's files begin with.")
  var source: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("A folder, or a file that ends in .safetensors or .npz.", valueName: "path"))
  var output: String

  @Option(help: ArgumentHelp("New names, and what is done to the tensors; see Docs/Converting.md.", valueName: "file"))
  var map: String?

  @Option(
    help: ArgumentHelp("The type that floating-point tensors are cast to.", valueName: "type"),
    transform: ConvertCommand.dtype)
  var dtype: DType?

  @Option(help: ArgumentHelp("The architecture whose names the source has.", valueName: "name"))
  var architecture: String?

  @Flag(help: "Go on when tensors that the map asks for are missing.")
  var allowMissing = false

  @Flag(help: "Leave out tensors of the source that nothing uses.")
  var allowUnused = false

  @Flag(help: "Write nothing; say what would be done.")
  var dryRun = false

  @OptionGroup var json: JSONOutput

  private static func dtype(_ name: String) throws -> DType {
    guard let dtype = DType(alias: name), dtype.isFloatingPoint else {
      throw ValidationError("'\(name)' is no floating-point type; there are float32, float16, bfloat16 and float64.")
    }
    return dtype
  }

  func validate() throws {
    if let architecture, ArchitectureMap.named(architecture) == nil {
      throw ValidationError(
        "There is no architecture '\(architecture)'; there are \(ArchitectureMap.names.joined(separator: ", ")).")
    }
  }

  func run() throws {
    let options = ConversionOptions(
      map: try map.map { try NameMap(contentsOf: $0) }, architecture: architecture, dtype: dtype,
      allowMissing: allowMissing, allowUnused: allowUnused)
    let converter = try CheckpointConverter(source, options: options)
    var bar = ProgressBar()
    defer { bar.finish() }
    let report =
      dryRun
      ? try converter.plan(to: output)
      : try converter.convert(to: output) { progress in
        // In megabytes, so that the numbers stay readable.
        bar.show(progress.doneByteCount / 1_000_000, of: progress.byteCount / 1_000_000, "MB  \(progress.name)")
      }
    bar.finish()
    if !json.ownsStandardOutput {
      for line in ConversionSummary.lines(report) { Console.result(line) }
    }
    try json.write(report.json)
  }
}

/// A conversion's report, as people read it.
enum ConversionSummary {
  /// What changed, tensor by tensor, and the counts.
  static func lines(_ report: ConversionReport) -> [String] {
    var lines: [String] = []
    for tensor in report.tensors where tensor.outcomes != [.mapped] || tensor.note != nil {
      let outcomes = tensor.outcomes.map(\.rawValue).joined(separator: ", ").replacing("_", with: " ")
      let target = tensor.targets.isEmpty ? "" : " -> \(tensor.targets.joined(separator: ", "))"
      lines.append("\(tensor.name)\(target): \(outcomes)\(tensor.note.map { " (\($0))" } ?? "")")
    }
    for name in report.missing { lines.append("missing: \(name)") }
    for (name, source) in report.files.sorted(by: { $0.key < $1.key }) { lines.append("\(name): from \(source)") }
    for name in report.removed { lines.append("removed what was left of a conversion that was killed: \(name)") }
    let counts = ConversionReport.Outcome.allCases.map { outcome in
      "\(report.count(outcome)) \(outcome.rawValue.replacing("_", with: " "))"
    }
    lines.append("\(report.source) (\(report.format)): \(counts.joined(separator: ", "))")
    let verb = report.isDryRun ? "would be written" : "written"
    lines.append("\(report.output): \(report.tensorCount) tensors, \(ByteCount.text(report.byteCount)) \(verb)")
    return lines
  }
}
