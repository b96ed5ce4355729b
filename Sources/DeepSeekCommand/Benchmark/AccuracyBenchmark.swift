import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor
import DeepSeekTraining

/// How right a classifier is about labelled texts in each layer and in each type that the layer computes in, and how much that
/// is of what it is at once in `float32`.
struct AccuracyBenchmark {
  /// A model folder or id.
  let model: String
  /// A table of texts and their classes.
  let evaluation: String
  /// The longest sequence, in tokens.
  let maximumLength: Int
  /// How many of the texts are judged; all without.
  let textCount: Int?

  /// A layer, what its products compute in, and what it says of a batch.
  private typealias Form = (layer: FrameworkLayer, type: String, logits: (TokenBatch) throws -> Tensor)

  func run() throws -> [BenchmarkResult] {
    let source = try TextModelSource(model)
    guard let classifier = source.model as? any SequenceClassifier else {
      throw CommandError("\(model): it is no classifier of texts, so --eval cannot judge it")
    }
    classifier.eval()
    let all = try LabelledTexts(contentsOfTSV: evaluation)
    let texts = LabelledTexts(Array(all.examples.prefix(textCount ?? all.examples.count)))
    if texts.examples.isEmpty { throw CommandError("\(evaluation): it holds no text, so there is nothing to judge by") }
    let scorer = try ClassifierScorer(texts, source.tokenizer(), for: classifier, maximumLength: maximumLength)
    var found: [(form: Form, accuracy: Double)] = []
    for form in try forms(classifier) {
      found.append((form, try noGradient { try scorer.scores(form.logits).accuracy }))
    }
    let whole = found.first { $0.form.layer == .dynamic && $0.form.type == DType.float32.description }!.accuracy
    return found.flatMap { form, accuracy in
      func result(_ metric: String, _ share: Double) -> BenchmarkResult {
        BenchmarkResult(
          task: "nlp", version: form.layer.rawValue, metric: metric, dtype: form.type, batch: texts.examples.count,
          sequence: maximumLength, value: 100 * share, unit: "%")
      }
      // Of a model that is never right, everything is kept that there was.
      return [result("accuracy", accuracy), result("accuracy_kept", whole > 0 ? accuracy / whole : 1)]
    }
  }

  /// Every layer in every type. The last quantizes the model, whose weights are other ones then.
  private func forms(_ model: any SequenceClassifier) throws -> [Form] {
    let (full, half) = (DType.float32.description, DType.bfloat16.description)
    let session = session(model)
    let (program, low) = (try model.compiled(), try model.compiled(options: CompileOptions(precision: .bfloat16)))
    func run(_ program: Program, _ batch: TokenBatch) throws -> Tensor {
      try program.run([batch.ids, batch.attentionMask])[0]
    }
    let eager = { (batch: TokenBatch) in model(batch.ids, attentionMask: batch.attentionMask, typeIDs: nil) }
    var quantized: Program?
    return [
      (.symbolic, full, session), (.dynamic, full, eager),
      (.dynamic, half, { batch in autocast(.bfloat16) { eager(batch) } }),
      (.heterogeneous, full, { try run(program, $0) }), (.heterogeneous, half, { try run(low, $0) }),
      (
        .heterogeneous, "int8",
        { batch in
          if quantized == nil {
            try model.quantize()
            quantized = try model.compiled()
          }
          return try run(quantized!, batch)
        }
      ),
    ]
  }

  private func session(_ model: any SequenceClassifier) -> (TokenBatch) throws -> Tensor {
    let graph = StaticGraph()
    let lengths: [Dimension?] = [nil, .symbol("sequence")]
    let ids = graph.placeholder("ids", lengths, dtype: .int64)
    let mask = graph.placeholder("mask", lengths, dtype: .int64)
    let logits = noGradient { graph.building { model(ids, attentionMask: mask, typeIDs: nil) } }
    let session = Session(graph)
    return { try session.run(logits, feeds: [ids: $0.ids, mask: $0.attentionMask]) }
  }
}
