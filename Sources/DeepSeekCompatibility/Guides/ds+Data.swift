// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekData
public import DeepSeekModels
public import DeepSeekRecords
public import DeepSeekStatic
public import DeepSeekTokenizers

extension ds {
  /// The rows of a file; see `DeepSeekData.loadData`.
  @available(*, deprecated, renamed: "ds.loadData")
  public static func load_data(
    _ path: String, format: DataFormat? = nil, columns: [String]? = nil
  ) throws(DataError) -> Dataset<Record> {
    try loadData(path, format: format, columns: columns)
  }

  /// Models in Hugging Face's layout.
  @available(*, deprecated, message: "use AutoModel")
  public typealias AutoModel = DeepSeekModels.AutoModel

  /// Tokenizers in Hugging Face's layout.
  @available(*, deprecated, message: "use AutoTokenizer")
  public typealias AutoTokenizer = DeepSeekModels.AutoTokenizer
}

extension DeepSeekModels.AutoModel {
  /// The encoder in a folder.
  @available(*, deprecated, renamed: "fromPretrained")
  public static func from_pretrained(_ path: String) throws -> any TextEncoder { try fromPretrained(path) }
}

extension DeepSeekModels.AutoTokenizer {
  /// The tokenizer in a folder.
  @available(*, deprecated, renamed: "fromPretrained")
  public static func from_pretrained(_ path: String) throws -> Tokenizer { try fromPretrained(path) }
}

extension Dataset where Example == Record {
  /// The rows of a Parquet file.
  @available(*, deprecated, renamed: "fromParquet")
  public static func from_parquet(_ path: String, columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    try fromParquet(path, columns: columns)
  }

  /// The rows of a table of comma-separated values.
  @available(*, deprecated, renamed: "fromCSV")
  public static func from_csv(_ path: String) throws(DataError) -> Dataset<Record> { try fromCSV(path) }

  /// The examples of a TFRecord file.
  @available(*, deprecated, renamed: "fromTFRecord")
  public static func from_tfrecord(
    _ path: String, features: [String: FeatureSpecification]? = nil
  ) throws(DataError) -> Dataset<Record> {
    try fromTFRecord(path, features: features)
  }

  /// The rows of a file of JSON lines.
  @available(*, deprecated, renamed: "fromJSONL")
  public static func from_jsonl(_ path: String, columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    try fromJSONL(path, columns: columns)
  }
}
