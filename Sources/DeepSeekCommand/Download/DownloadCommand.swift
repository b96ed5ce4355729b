import ArgumentParser
import DeepSeekHub
import DeepSeekJSON
import DeepSeekTraining
import Foundation
import Synchronization

/// `ds download`: files of a hub's repository, into the cache that Hugging Face's tools use too.
struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Fetch a model or a data set from a hub.",
    discussion: """
      Files go to the cache of Hugging Face's tools (HF_HOME, HF_HUB_CACHE), and what is there already is not fetched again. \
      HF_ENDPOINT names another hub, HF_TOKEN shows who asks, HF_HUB_OFFLINE=1 forbids the network. The folder is printed, or \
      the path of each file named.

      EXAMPLES
        ds download bert-base-uncased config.json model.safetensors
        ds download nyu-mll/glue 'mrpc/*' --type dataset
      """)

  @Argument(help: "The repository: owner/name, or name.")
  var repository: String

  @Argument(help: "Names or patterns of files; all when none is given.")
  var files: [String] = []

  @Option(help: ArgumentHelp("What it holds: model, dataset or space.", valueName: "type"), transform: Self.type)
  var type = HubRepository.RepositoryType.model

  @Option(help: "A branch, tag or commit.")
  var revision = "main"

  @Option(name: .customLong("exclude"), help: ArgumentHelp("A pattern of files to leave out.", valueName: "pattern"))
  var excluded: [String] = []

  @Option(help: "How many files are fetched at a time.")
  var parallel = 8

  @Flag(help: "Use what was fetched before, and no network.")
  var offline = false

  @OptionGroup var json: JSONOutput

  private static func type(_ name: String) throws -> HubRepository.RepositoryType {
    guard let type = HubRepository.RepositoryType(rawValue: name) else {
      throw ValidationError("'\(name)' is no type; there are model, dataset and space.")
    }
    return type
  }

  func validate() throws {
    if !(1...64).contains(parallel) { throw ValidationError("--parallel must be from 1 to 64.") }
  }

  func run() throws {
    var settings = try HubSettings()
    settings.isOffline = settings.isOffline || offline
    let source = try HubRepository(repository, type: type, revision: revision)
    let bar = Mutex(ProgressBar())
    let snapshot = try Hub(settings).snapshotDownload(
      source, allow: files, ignore: excluded, parallelism: parallel
    ) { progress in
      bar.withLock {
        $0.show(
          progress.receivedByteCount, of: progress.totalByteCount,
          "bytes, \(progress.finishedFileCount) of \(progress.fileCount) files, \(progress.file)")
      }
    }
    bar.withLock { $0.finish() }
    for pattern in files where !snapshot.files.contains(where: { FilePattern(pattern).fits($0) }) {
      throw CommandError("\(repository): no file is called, or fits, '\(pattern)'")
    }
    if !json.ownsStandardOutput {
      if files.isEmpty {
        Console.result(snapshot.folder)
      } else {
        for name in snapshot.files { Console.result(snapshot.folder + "/" + name) }
      }
    }
    try json.write([
      "repository": .string(repository), "type": .string(type.rawValue), "revision": .string(revision),
      "commit": .string(snapshot.commit), "folder": .string(snapshot.folder),
      "files": .array(
        try snapshot.files.map { name in
          let path = snapshot.folder + "/" + name
          let size = try FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)[.size]
          return ["file": .string(name), "path": .string(path), "bytes": .integer((size as? NSNumber)?.intValue ?? 0)]
        }),
    ])
  }
}
