extension LegacyName {
  /// Names under which the guides of 1.x and 2.x have the framework.
  static let guides: [LegacyName] = [
    LegacyName("ds.Sequential", "ds.Sequential", line: "1.x", .exact, .rename, hasAlias: false),
    LegacyName("ds.Model", "ds.Model", line: "1.x", .exact, .rename, hasAlias: false),
    LegacyName("ds.Session", "ds.Session", line: "1.x", .exact, .rename, hasAlias: false),
    LegacyName("ds.Saver", "ds.Saver", line: "1.x", .exact, .rename, hasAlias: false),
    LegacyName(
      "ds.load_data", "ds.loadData", line: "1.x", .exact, .rename,
      note: "Any file of rows; the format follows from the name when it is not given."),
    LegacyName(
      "ds.device_placement", "ds.device", line: "1.x", .exact, .rename,
      note: "The old name also reports what the automatic placer would do."),
    LegacyName(
      "ds.devicePlacement", "ds.device", line: "1.x", .exact, .rename,
      note: "The old name also reports what the automatic placer would do."),
    LegacyName("ds.name_scope", "ds.nameScope", line: "1.x", .exact, .rename),
    LegacyName(
      "ds.legacy.convert_checkpoint", "ds.legacy.convertCheckpoint", line: "1.x", .adapted, .rename,
      note: "The output is named to:; the source's format is found out, not given.", hasAlias: false),
    LegacyName(
      "ds.Transformer", "ds.Transformer", line: "1.x", .adapted, .rename,
      note: "Sizes and switches stand in a configuration.", hasAlias: false),
    LegacyName("ds.AutoModel", "AutoModel", line: "2.x", .exact, .rename),
    LegacyName("ds.AutoTokenizer", "AutoTokenizer", line: "2.x", .exact, .rename),
    LegacyName(
      "ds.AutoModel.from_pretrained", "AutoModel.fromPretrained", line: "2.x", .adapted, .rename,
      note: "A folder, or a model's name on the hub. It throws: write try."),
    LegacyName(
      "ds.AutoTokenizer.from_pretrained", "AutoTokenizer.fromPretrained", line: "2.x", .adapted, .rename,
      note: "A folder, or a model's name on the hub. It throws: write try."),
    LegacyName("ds.Dataset.from_parquet", "ds.Dataset.fromParquet", line: "2.x", .exact, .rename),
    LegacyName("ds.Dataset.from_csv", "ds.Dataset.fromCSV", line: "2.x", .exact, .rename),
    LegacyName("ds.Dataset.from_tfrecord", "ds.Dataset.fromTFRecord", line: "2.x", .exact, .rename),
    LegacyName("ds.Dataset.from_jsonl", "ds.Dataset.fromJSONL", line: "2.x", .exact, .rename),
    LegacyName(
      "ds.load_glue", "ds.datasets.loadGLUE", line: "2.x", .adapted, .byHand,
      note: "By the task's name, from a folder or from the hub. It throws: write try.", hasAlias: false),
    LegacyName(
      "ds.cuda_graph", "ds.cudaGraph", line: "2.x", .exact, .rename,
      note: "On the CPU a planned arena is run through again.", hasAlias: false),
    LegacyName(
      "ds.DynamicBatchModel", "ds.DynamicBatchModel", line: "2.x", .exact, .rename,
      note: "An actor: answers are awaited.", hasAlias: false),
    LegacyName(
      "ds.QuantizationConfig", "ds.QuantizationConfig", line: "2.x", .exact, .rename, hasAlias: false),
    LegacyName(
      "model.quantize", "model.quantize", line: "2.x", .adapted, .rename,
      note: "It throws: write try. Its report says what was left out.", hasAlias: false),
    LegacyName(
      "ds.Trainer", "ds.Trainer", line: "2.x", .adapted, .rename,
      note: "It throws: write try. A GLUE task is opened by ds.datasets.loadGLUE.", hasAlias: false),
    LegacyName(
      "ds.benchmark", "ds benchmark", line: "2.x", .different, .byHand,
      note: "A command of the command line, not a function.", hasAlias: false),
    LegacyName(
      "ds.pipeline_parallel", "graph.device", line: "1.x", .different, .byHand,
      note: "Stages are placed by hand, and the step made of micro-batches, in one process; Migration shows how.",
      hasAlias: false),
  ]
}
