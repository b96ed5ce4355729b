import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import Foundation

/// The three layers beside one another, and beside what the guides of old claimed for them: each figure from a process of its
/// own, so that none is helped or burdened by what another left behind.
struct VersionBenchmark {
  let batch: Int
  let sequence: Int
  let seconds: Double
  /// The classifier and the texts that accuracy is measured with; `nil` for classes of random texts.
  let accuracy: AccuracyBenchmark?

  /// The old guides' figures, on 8 A100: another machine, another number of them, and another model; they stand here to be seen.
  private static let claims: [(metric: String, unit: String, values: [Double])] = [
    ("training_throughput", "samples/s", [1200, 3800, 5200]), ("peak_memory", "%", [92, 78, 65]),
    ("startup", "s", [45, 12, 3.2]), ("time_to_first_step", "s", [180, 45, 8]),
  ]
  /// The accuracy that the guides say was kept.
  private static let claimedAccuracy = [99.7, 99.7, 99.7]

  private static let notes = [
    "training_throughput, peak_memory: BERT-base with a classifier, dropout and AdamW, float32, on this machine's cores.",
    "startup: a whole process, from its start to the first hidden states of one sequence: 1.x builds a graph over weights from "
      + "a folder, 2.x runs eagerly over them, 3.x opens a program.",
    "time_to_first_step: from SIGKILL to the next step of a training of 22 million weights, one sample: 1.x with a session and a "
      + "saver, 2.x with the trainer, 3.x with a compiled step and a saver.",
    "The guides' figures are for 8 A100, their memory a share of the GPU's: no column of theirs compares with ours.",
  ]

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deepseek-versions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let steps = 2 * FrameworkLayer.allCases.count + 2
    // First, so that a model or a table which cannot be read is known at once.
    progress.step(0, of: steps, accuracy == nil ? "comparing classes" : "judging labelled texts")
    let judged = try accuracy?.run() ?? agreement()
    var results: [BenchmarkResult] = []
    for (step, layer) in FrameworkLayer.allCases.enumerated() {
      progress.step(1 + step, of: steps, "\(layer.rawValue): training")
      results += try VersionBenchmark.results(
        of: [
          "--task", "nlp", "--version", layer.rawValue, "--part", "training", "--batch", "\(batch)", "--sequence",
          "\(sequence)", "--seconds", "\(seconds)",
        ]
      ).filter { $0.version == layer.rawValue }
    }
    for (step, layer) in FrameworkLayer.allCases.enumerated() {
      progress.step(1 + FrameworkLayer.allCases.count + step, of: steps, "\(layer.rawValue): SIGKILL, first new step")
      results += try VersionBenchmark.results(of: ["--task", "recovery", "--version", layer.rawValue, "--quick"])
    }
    progress.step(steps - 1, of: steps, "starting processes")
    results += try startUps(in: folder.path)
    progress.step(steps, of: steps, "done")
    return results + judged
  }

  /// The table in the shape of the old guides', and what is to be said about it.
  static func lines(_ results: [BenchmarkResult]) -> [String] {
    let layers = FrameworkLayer.allCases.map(\.rawValue)
    var rows = [["", "unit"] + layers + ["guide's unit"] + layers.map { "guide \($0)" }]
    func add(_ label: String, _ own: [BenchmarkResult], _ unit: String, _ claimed: [Double]) {
      let measured = layers.map { layer in
        own.first { $0.version == layer }.map { BenchmarkTable.number($0.value) } ?? ""
      }
      let figures = claimed.isEmpty ? layers.map { _ in "" } : claimed.map(BenchmarkTable.number)
      rows.append([label, own.first?.unit ?? ""] + measured + [unit] + figures)
    }
    for claim in claims {
      add(claim.metric, results.filter { $0.metric == claim.metric }, claim.unit, claim.values)
    }
    let judged = results.filter { $0.metric == "accuracy" }
    for type in judged.map(\.dtype).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
      add("accuracy (\(type))", judged.filter { $0.dtype == type }, "", [])
      let kept = results.filter { $0.metric == "accuracy_kept" && $0.dtype == type }
      add("accuracy kept (\(type))", kept, "%", claimedAccuracy)
    }
    if judged.isEmpty {
      add(
        "agreement (classes of random texts, no accuracy)", results.filter { $0.metric == "agreement" },
        "% accuracy kept", claimedAccuracy)
    }
    return BenchmarkTable.aligned(rows) { $0 <= 1 } + notes + [judged.first.map(accuracyNote) ?? agreementNote]
  }

  private static let agreementNote =
    "agreement: of random texts, those whose class 1.x and 3.x give as 2.x does, by a classifier with weights from a seed. It is no "
    + "accuracy; --model DIR --eval FILE measure that, on labelled texts."

  private static func accuracyNote(_ result: BenchmarkResult) -> String {
    "accuracy: of \(result.batch ?? 0) labelled texts, cut to \(result.sequence ?? 0) tokens, those whose class is right; kept: its share "
      + "of 2.x's in float32. int8: weights and inputs of layers in 8 bits, inputs as they come, no training for it."
  }

  // MARK: - Parts

  /// What another process of this program measured.
  private static func results(of arguments: [String]) throws -> [BenchmarkResult] {
    let process = Process()
    let output = Pipe()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["benchmark", "--json", "-"] + arguments
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CommandError("benchmark \(arguments.joined(separator: " ")) failed")
    }
    return try (JSONValue(parsing: Array(data))["results"]?.array ?? []).compactMap(BenchmarkResult.init(json:))
  }

  private func startUps(in folder: String) throws -> [BenchmarkResult] {
    let model = folder + "/bert"
    try StartUp.write(folder: model, program: folder + "/bert.dsprogram")
    return try FrameworkLayer.allCases.map { layer in
      let times = try (0..<3).map { _ in
        try Stopwatch.time {
          try OwnProcess.run([
            "benchmark", "--version", layer.rawValue, "--sequence", "\(sequence)", "--start-up-folder", folder,
          ])
        }
      }
      return BenchmarkResult(
        task: "nlp", version: layer.rawValue, metric: "startup", batch: 1, sequence: sequence, value: times.median,
        unit: "s", samples: times)
    }
  }

  /// How many of some texts' classes the layers agree on.
  private func agreement() throws -> [BenchmarkResult] {
    var configuration = BertConfiguration()
    configuration.layerCount = 4
    let model = RandomGenerator.withSeed(0) { BertForSequenceClassification(configuration) }
    model.eval()
    let length = min(sequence, 32)
    let ids = Tensor.randomIntegers(
      [64, length], 0..<configuration.vocabularySize, key: RandomGenerator.key(seed: 0, stream: 3))
    let eager = noGradient { model(ids) }
    let graph = StaticGraph()
    let input = graph.placeholder("ids", [nil, Dimension(length)], dtype: .int64)
    let logits = noGradient { graph.building { model(input) } }
    let session = try Session(graph).run(logits, feeds: [input: ids])
    let program = try model.compiled(sequence: length, hasMask: false).run([ids])[0]
    let expected = eager.argmax(axis: 1).array(of: Int64.self)
    return zip(FrameworkLayer.allCases, [session, eager, program]).map { layer, logits in
      let found = logits.argmax(axis: 1).array(of: Int64.self)
      let same = zip(found, expected).count { $0 == $1 }
      return BenchmarkResult(
        task: "nlp", version: layer.rawValue, metric: "agreement", batch: expected.count, sequence: length,
        value: 100 * Double(same) / Double(expected.count), unit: "%")
    }
  }
}

/// What a layer does from the start of a process to its first result.
enum StartUp {
  /// Writes BERT-base, with weights from a seed, as a folder and as a program.
  static func write(folder: String, program: String) throws {
    let encoder = RandomGenerator.withSeed(0) { BertModel(BertConfiguration()) }
    encoder.eval()
    try encoder.save(to: folder)
    try encoder.compiled(hasMask: false).write(to: program)
  }

  /// The whole of the process that is timed.
  static func run(_ layer: FrameworkLayer, in folder: String, sequence: Int) throws {
    let ids = Tensor.full([1, sequence], 1, dtype: .int64)
    if layer == .heterogeneous {
      _ = try Program(contentsOf: folder + "/bert.dsprogram").run([ids])
      return
    }
    let encoder = try AutoModel.fromPretrained(folder + "/bert")
    encoder.eval()
    if layer == .dynamic {
      _ = noGradient { encoder(ids) }
      return
    }
    let graph = StaticGraph()
    let input = graph.placeholder("ids", [nil, Dimension(sequence)], dtype: .int64)
    let states = noGradient { graph.building { encoder(input) } }
    _ = try Session(graph, passes: []).run(states, feeds: [input: ids])
  }
}
