import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekInterchange
import DeepSeekJSON
import DeepSeekTensor
import Foundation

/// `ds inspect`: what a file of tensors holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List the tensors of a checkpoint: names, shapes, types, sizes, metadata.",
    discussion: """
      Reads what describes the tensors, not their elements. The format is found out from the contents. Known are: \
      \(TensorArchives.formats.map(\.name).joined(separator: ", ")).

      EXAMPLES
        ds inspect model.safetensors
        ds inspect uncased_L-12_H-768_A-12/bert_model.ckpt --json -
      """)

  @Argument(help: "A file, a folder, or what the names of a checkpoint's files begin with.")
  var file: String

  @OptionGroup var json: JSONOutput

  /// How much of a metadata string is shown on a line.
  private static let shownCharacters = 100

  func run() throws {
    let archive = try TensorArchives.open(file)
    let entries = archive.archiveEntries
    let listing = ArchiveListing(entries)
    if !json.ownsStandardOutput {
      for line in listing.lines { Console.result(line) }
      for (key, value) in archive.metadata.sorted(by: { $0.key < $1.key }) {
        let text = value.replacing("\n", with: " ")
        let shown = text.prefix(InspectCommand.shownCharacters)
        Console.result("metadata \(key): \(shown)\(shown.count < text.count ? "…" : "")")
      }
      Console.result("\(archive.path): \(archive.format), \(listing.summary)")
    }
    var metadata = JSONObject()
    for (key, value) in archive.metadata.sorted(by: { $0.key < $1.key }) { metadata[key] = .string(value) }
    try json.write([
      "file": .string(archive.path), "format": .string(archive.format), "tensor_count": .integer(entries.count),
      "parameter_count": .integer(listing.parameterCount), "byte_count": .integer(listing.byteCount),
      "tensors": .array(
        entries.map { entry in
          [
            "name": .string(entry.name), "dtype": .string(entry.storedType),
            "shape": .array(entry.lengths.map { .integer($0) }), "byte_count": .integer(entry.byteCount),
            "readable": .bool(entry.dtype != nil), "shared_with": entry.sharedWith.map { .string($0) } ?? .null,
          ]
        }),
      "metadata": .object(metadata),
    ])
  }
}

/// The tensors of an archive as a table.
struct ArchiveListing {
  /// Characters to which a column is widened for its longest cell.
  private static let widestColumn = 64
  private let entries: [ArchiveEntry]
  /// Bytes of all elements, shared ones once.
  let byteCount: Int
  /// All elements, shared ones once.
  let parameterCount: Int

  init(_ entries: [ArchiveEntry]) {
    self.entries = entries
    let own = entries.filter { $0.sharedWith == nil }
    byteCount = own.reduce(0) { $0 &+ $1.byteCount }
    parameterCount = own.reduce(0) { $0 &+ $1.lengths.reduce(1, &*) }
  }

  /// A line for each tensor.
  var lines: [String] {
    let rows = entries.map { entry in
      [
        entry.name, entry.storedType, "[\(entry.lengths.map(String.init).joined(separator: ", "))]",
        ByteCount.text(entry.byteCount), entry.sharedWith.map { "shares \($0)" } ?? "",
      ]
    }
    // One very long name must not push all others' types off the line.
    let widths = (0..<4).map { column in
      min(rows.map { $0[column].count }.max() ?? 0, ArchiveListing.widestColumn)
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: max(0, (column < 4 ? widths[column] : 0) - cell.count))
        line += column == 3 ? padding + cell : cell + padding
        if column < row.count - 1 { line += "  " }
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// `37 tensors, 7300 elements, 29.2 kB`.
  var summary: String { "\(entries.count) tensors, \(parameterCount) elements, \(ByteCount.text(byteCount))" }
}

/// Sizes as people read them.
enum ByteCount {
  /// `90.9 MB`, in powers of a thousand.
  static func text(_ count: Int) -> String {
    var (value, unit) = (Double(count), 0)
    let units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.95 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
  }
}
