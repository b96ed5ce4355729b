import DeepSeekCheckpoints
import Foundation
import TestSupport
import Testing

@Suite("A killed training")
struct KillTests {
  /// How often a run is killed: the environment's `DEEPSEEK_KILL_COUNT`, or what keeps the suite short.
  private static let killCount = ProcessInfo.processInfo.environment["DEEPSEEK_KILL_COUNT"].flatMap(Int.init) ?? 3

  /// The program beside the one that runs the tests.
  private static let probe: URL = {
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let beside = program.appendingPathComponent("TrainingProbe")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    // On macOS the tests are in a bundle beside the program.
    var folder = Bundle.module.bundleURL
    while folder.pathComponents.count > 1 {
      let program = folder.appendingPathComponent("TrainingProbe")
      if FileManager.default.isExecutableFile(atPath: program.path) { return program }
      folder.deleteLastPathComponent()
    }
    return beside
  }()

  private func start(_ folder: String) throws -> (process: Process, output: Pipe) {
    let process = Process()
    process.executableURL = KillTests.probe
    process.arguments = [folder]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    return (process, output)
  }

  /// Lets a run come to its end; the SHA-256 of each file of its last checkpoint.
  private func finish(_ folder: String) throws -> [String: String] {
    let (process, output) = try start(folder)
    _ = try output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let last = try #require(try CheckpointSeries(folder).checkpoints().last)
    return try CheckpointFolder.open(last.path).manifest.files.mapValues(\.digest)
  }

  @Test("ends with the same weights, optimizer and average as one that was left alone")
  func kills() throws {
    let unbroken = try TemporaryFolder()
    let expected = try finish(unbroken.path)
    #expect(expected.keys.sorted() == ["average.safetensors", "model.safetensors", "optimizer.safetensors"])

    let folder = try TemporaryFolder()
    var generator = SplitMix(UInt64(Date().timeIntervalSince1970 * 1000))
    var kills = 0
    while kills < KillTests.killCount {
      let (process, output) = try start(folder.path)
      // Somewhere between the program's start and its end.
      usleep(UInt32(Int.random(in: 1000...600_000, using: &generator)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      _ = try output.fileHandleForReading.readToEnd()
      if process.terminationReason == .uncaughtSignal {
        kills += 1
      } else {
        // It was done before: begin anew.
        for name in folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
      }
    }
    #expect(try finish(folder.path) == expected)
  }
}
