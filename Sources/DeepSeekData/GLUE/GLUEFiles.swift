import DeepSeekCheckpoints

/// The files of a split.
enum GLUEFiles: Sendable {
  /// Parquet files with the hub's columns, in order.
  case parquet([String])
  /// A table of the original distribution.
  case table(path: String, GLUETable)

  /// MRPC's list of the rows that make the development set.
  private static let listName = "mrpc_dev_ids.tsv"

  /// The files of each split that is there; one at least.
  static func find(_ task: GLUETask, in folder: String) throws(DataError) -> [String: GLUEFiles] {
    guard Folder.exists(folder) else {
      throw DataError(.missingFile, file: folder, "there is no such folder", advice: "check the path")
    }
    var found: [String: GLUEFiles] = [:]
    // Once a folder has files of the task, the others are not looked at: they would be another copy.
    for place in [folder + "/" + task.name, folder + "/" + task.originalName, folder] + diagnostic(task, folder) {
      guard found.isEmpty, Folder.exists(place) else { continue }
      let names = try list(place)
      for split in task.splits {
        if let shards = try shards(split.name, names, place) {
          found[split.name] = .parquet(shards)
        } else if let table = split.tables.first(where: { names.contains($0.file) && fits($0, names) }) {
          found[split.name] = .table(path: place + "/" + table.file, table)
        }
      }
    }
    guard !found.isEmpty else {
      let table = task.splits[0].tables[0].file
      throw DataError(
        .missingFile, file: folder, item: task.name, "the folder has no files of this task",
        advice:
          "expected are \(task.name)/\(task.splits[0].name)-00000-of-00001.parquet or \(task.originalName)/\(table)")
    }
    return found
  }

  /// Where the original distribution has the diagnostic set.
  private static func diagnostic(_ task: GLUETask, _ folder: String) -> [String] {
    task.name == "ax" ? [folder + "/diagnostic"] : []
  }

  private static func list(_ folder: String) throws(DataError) -> [String] {
    do {
      return try Folder.names(folder)
    } catch let error as CheckpointError {
      throw DataError(error)
    } catch {
      throw DataError(.unreadable, file: folder, "\(error)")
    }
  }

  private static func fits(_ table: GLUETable, _ names: [String]) -> Bool {
    table.selection == .all || names.contains(listName)
  }

  /// The files `split-00000-of-00002.parquet`, all of them; `nil` when there is none.
  private static func shards(_ split: String, _ names: [String], _ folder: String) throws(DataError) -> [String]? {
    let present = names.filter { $0.hasPrefix(split + "-") && $0.hasSuffix(".parquet") }
    guard let first = present.first else { return nil }
    let parts = first.dropFirst(split.utf8.count + 1).dropLast(8).split(separator: "-")
    guard parts.count >= 3, parts[1] == "of", let count = Int(parts[2]), count > 0 else { return nil }
    guard present.count == count else {
      throw DataError(
        .missingFile, file: folder, item: split, "\(present.count) of the split's \(count) files are there",
        advice: "download the others")
    }
    return present.map { folder + "/" + $0 }
  }

  /// The examples, read as they are asked for.
  func examples(_ task: GLUETask) throws(DataError) -> Dataset<GLUEExample> {
    switch self {
    case .parquet(let paths):
      let rows = try Dataset.fromParquet(paths, columns: task.textColumns + ["label", "idx"])
      return rows.map(parallelism: 1) { row in try GLUEExample(row, of: task) }
    case .table(let path, let table):
      let reader = try GLUETableReader(path, table, task)
      let listed = try GLUEFiles.list(besides: path, table)
      return Dataset<DelimitedRow>.delimitedRows(reader.start).enumerated().map(parallelism: 1) { number, row in
        if let listed, case .listed(let isWanted) = table.selection,
          try listed.contains(reader.identifiers(row)) != isWanted
        {
          return nil
        }
        return try reader.example(row, number)
      }.filter { $0 != nil }.map(parallelism: 1) { $0! }
    }
  }

  /// The pairs of identifiers in MRPC's list, where the table needs it.
  private static func list(besides path: String, _ table: GLUETable) throws(DataError) -> Set<[String]>? {
    guard table.selection != .all else { return nil }
    let folder = path.dropLast(table.file.utf8.count)
    let format = DelimitedFormat(delimiter: UInt8(ascii: "\t"), quote: nil, hasHeader: false)
    var reader = DelimitedReader(try DataFile(path: folder + listName), format)
    var pairs: Set<[String]> = []
    while let row = try reader.next() { pairs.insert(Array(row.fields.prefix(2))) }
    return pairs
  }
}
