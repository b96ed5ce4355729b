import ArgumentParser
import DeepSeekData
import DeepSeekJSON

/// `ds data`: what is in a file of rows.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Look into a file of rows: its columns and its first rows.",
    discussion: """
      Formats: \(DataFormat.allCases.map(\.rawValue).joined(separator: ", ")); by the file's name unless --format is given. \
      Rows are printed as JSON, one a line.

      EXAMPLES
        ds data train.parquet --head 3
        ds data reviews.tsv --columns sentence,label --json -
      """)

  @Argument(help: "The file.")
  var file: String

  @Option(help: "How many rows are shown.")
  var head = 5

  @Option(help: ArgumentHelp("Only these columns, in this order, separated by commas.", valueName: "names"))
  var columns: String?

  @Option(help: "The file's format, where its name does not say it.", transform: DataCommand.format)
  var format: DataFormat?

  @OptionGroup var json: JSONOutput

  private static func format(_ name: String) throws -> DataFormat {
    guard let format = DataFormat(rawValue: name) else {
      throw ValidationError(
        "'\(name)' is no format; there are \(DataFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return format
  }

  func validate() throws {
    if head < 0 { throw ValidationError("--head must not be negative.") }
  }

  func run() throws {
    let shown = format ?? DataFormat(path: file)
    let names = columns?.split(separator: ",").map(String.init)
    let rows = try loadData(file, format: format, columns: names).take(head).elements()
    let description = try FileDescription(file, shown, rows, only: names)
    if !json.ownsStandardOutput {
      Console.result(description.line)
      for field in description.fields {
        Console.result("  \(field.name): \(field.type)\(field.isNullable ? "?" : "")")
      }
      for row in rows { Console.result(try row.json.jsonText()) }
    }
    try json.write([
      "file": .string(file), "format": shown.map { .string($0.rawValue) } ?? .null,
      "row_count": description.rowCount.map { .integer($0) } ?? .null,
      "columns": .array(
        description.fields.map {
          ["name": .string($0.name), "type": .string($0.type), "nullable": .bool($0.isNullable)]
        }),
      "rows": .array(rows.map(\.json)),
    ])
  }
}

/// A file's columns, from the file where it says them, else from the rows that were read.
private struct FileDescription {
  let rowCount: Int?
  let fields: [(name: String, type: String, isNullable: Bool)]
  let line: String

  init(_ file: String, _ format: DataFormat?, _ rows: [Record], only names: [String]?) throws {
    var fields: [ColumnField]?
    switch format {
    case .parquet:
      let parquet = try ParquetFile(path: file)
      (rowCount, fields) = (parquet.rowCount, parquet.fields)
      line = "\(file): Parquet, \(parquet.rowCount) rows in \(parquet.rowGroupSizes.count) row groups"
    case .arrow:
      let arrow = try ArrowFile(path: file)
      (rowCount, fields) = (arrow.rowCount, arrow.fields)
      line = "\(file): Arrow, \(arrow.rowCount) rows in \(arrow.batchSizes.count) batches"
    default:
      rowCount = nil
      line = "\(file): \(format?.rawValue ?? "rows"); columns as in the rows shown"
    }
    if let fields {
      let described = fields.map { (name: $0.name, type: "\($0.type)", isNullable: $0.isNullable) }
      self.fields = names.map { names in names.compactMap { name in described.first { $0.name == name } } } ?? described
    } else {
      let columns = rows.first?.names.all ?? []
      self.fields = columns.map { name in
        let values = rows.compactMap { $0[name] }
        let kind = values.first { !$0.isNull }?.kind ?? "null"
        let noun = kind.split(separator: " ").last.map(String.init) ?? kind
        return (name, noun, values.contains(where: \.isNull))
      }
    }
  }
}
