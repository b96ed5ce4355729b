extension GLUETask {
  /// All tasks: the nine, the diagnostic set `ax`, and MNLI's two evaluation sets as tasks of their own, as the hub has them.
  public static let all: [GLUETask] = [
    GLUETask(
      "ax", "AX", ["premise", "hypothesis"], entailment, .matthewsCorrelation,
      [
        Split(
          "test", .test,
          [
            GLUETable(file: "AX.tsv", texts: ["sentence1", "sentence2"]),
            GLUETable(file: "diagnostic.tsv", texts: ["sentence1", "sentence2"]),
          ])
      ]),
    GLUETask(
      "cola", "CoLA", ["sentence"], ["unacceptable", "acceptable"], .matthewsCorrelation,
      [
        Split("train", .train, [GLUETable(file: "train.tsv", texts: ["3"], label: "1", hasHeader: false)]),
        Split("validation", .validation, [GLUETable(file: "dev.tsv", texts: ["3"], label: "1", hasHeader: false)]),
        Split("test", .test, [GLUETable(file: "test.tsv", texts: ["sentence"])]),
      ]),
    GLUETask(
      "sst2", "SST-2", ["sentence"], ["negative", "positive"], .accuracy,
      usual(GLUETable(file: "", texts: ["sentence"], label: "label"))),
    GLUETask(
      "mrpc", "MRPC", ["sentence1", "sentence2"], ["not_equivalent", "equivalent"], .accuracyAndF1,
      [
        Split("train", .train, [paraphrases("train.tsv"), paraphrases("msr_paraphrase_train.txt", .listed(false))]),
        Split(
          "validation", .validation, [paraphrases("dev.tsv"), paraphrases("msr_paraphrase_train.txt", .listed(true))]),
        Split(
          "test", .test,
          [
            paraphrases("msr_paraphrase_test.txt"),
            GLUETable(file: "test.tsv", texts: ["#1 String", "#2 String"]),
          ]),
      ]),
    GLUETask(
      "qqp", "QQP", ["question1", "question2"], ["not_duplicate", "duplicate"], .accuracyAndF1,
      usual(
        GLUETable(file: "", texts: ["question1", "question2"], label: "is_duplicate", skipsBrokenRows: true))),
    GLUETask(
      "stsb", "STS-B", ["sentence1", "sentence2"], [], .correlation,
      usual(GLUETable(file: "", texts: ["sentence1", "sentence2"], label: "score"))),
    GLUETask(
      "mnli", "MNLI", ["premise", "hypothesis"], entailment, .accuracy,
      [Split("train", .train, [inference("train.tsv", label: "gold_label")])]
        + ["matched", "mismatched"].map {
          Split("validation_\($0)", .validation, [inference("dev_\($0).tsv", label: "gold_label")])
        }
        + ["matched", "mismatched"].map { Split("test_\($0)", .test, [inference("test_\($0).tsv", label: nil)]) }),
    multiGenre("matched"),
    multiGenre("mismatched"),
    GLUETask(
      "qnli", "QNLI", ["question", "sentence"], ["entailment", "not_entailment"], .accuracy,
      usual(GLUETable(file: "", texts: ["question", "sentence"], label: "label"))),
    GLUETask(
      "rte", "RTE", ["sentence1", "sentence2"], ["entailment", "not_entailment"], .accuracy,
      usual(GLUETable(file: "", texts: ["sentence1", "sentence2"], label: "label"))),
    GLUETask(
      "wnli", "WNLI", ["sentence1", "sentence2"], ["not_entailment", "entailment"], .accuracy,
      usual(GLUETable(file: "", texts: ["sentence1", "sentence2"], label: "label"))),
  ]

  private static let entailment = ["entailment", "neutral", "contradiction"]

  /// One evaluation set of MNLI, without a training set.
  private static func multiGenre(_ genres: String) -> GLUETask {
    GLUETask(
      "mnli_\(genres)", "MNLI", ["premise", "hypothesis"], entailment, .accuracy,
      [
        Split("validation", .validation, [inference("dev_\(genres).tsv", label: "gold_label")]),
        Split("test", .test, [inference("test_\(genres).tsv", label: nil)]),
      ])
  }

  private static func inference(_ file: String, label: String?) -> GLUETable {
    GLUETable(file: file, texts: ["sentence1", "sentence2"], label: label)
  }

  private static func paraphrases(_ file: String, _ selection: GLUETable.Selection = .all) -> GLUETable {
    GLUETable(file: file, texts: ["#1 String", "#2 String"], label: "Quality", selection: selection)
  }

  /// train.tsv, dev.tsv, and test.tsv without labels.
  private static func usual(_ table: GLUETable) -> [Split] {
    [("train", Role.train, "train.tsv"), ("validation", .validation, "dev.tsv"), ("test", .test, "test.tsv")].map {
      name, role, file in
      var named = table
      named.file = file
      if role == .test {
        named.label = nil
        // A row that is left out would have no prediction.
        named.skipsBrokenRows = false
      }
      return Split(name, role, [named])
    }
  }

  private init(
    _ name: String, _ originalName: String, _ textColumns: [String], _ labelNames: [String], _ metric: Metric,
    _ splits: [Split]
  ) {
    self.name = name
    self.originalName = originalName
    self.textColumns = textColumns
    self.labelNames = labelNames
    self.metric = metric
    self.splits = splits
  }
}

extension GLUETask.Split {
  fileprivate init(_ name: String, _ role: GLUETask.Role, _ tables: [GLUETable]) {
    self.name = name
    self.role = role
    self.tables = tables
  }
}
