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

  /// A run of the probe, and the numbers of the steps that it says.
  private final class Run {
    private let process = Process()
    private let output = Pipe()
    private var pending = Data()
    /// The first step that it made; `nil` before.
    private(set) var firstStep: Int?

    init(_ folder: String) throws {
      process.executableURL = KillTests.probe
      process.arguments = [folder]
      process.standardOutput = output
      try process.run()
    }

    /// The number of the next step; `nil` when the run has ended.
    func nextStep() -> Int? {
      while true {
        if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
          let step = Int(String(decoding: pending[..<end], as: UTF8.self).dropFirst(5))
          pending.removeSubrange(...end)
          firstStep = firstStep ?? step
          return step
        }
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { return nil }
        pending += data
      }
    }

    /// Reads what is left until the run has ended; its status.
    func finish() -> Int32 {
      while nextStep() != nil {}
      process.waitUntilExit()
      return process.terminationStatus
    }

    /// Sends SIGKILL; whether the run was still going.
    func kill() -> Bool {
      Foundation.kill(process.processIdentifier, SIGKILL)
      while nextStep() != nil {}
      process.waitUntilExit()
      return process.terminationReason == .uncaughtSignal
    }
  }

  /// Lets a run come to its end; the SHA-256 of each file of its last checkpoint, and the step that it began with.
  private func finish(_ folder: String) throws -> (digests: [String: String], firstStep: Int?) {
    let run = try Run(folder)
    #expect(run.finish() == 0)
    let last = try #require(try CheckpointSeries(folder).checkpoints().last)
    return (try CheckpointFolder.open(last.path).manifest.files.mapValues(\.digest), run.firstStep)
  }

  /// Steps after which a process's first checkpoint is surely on the disk: the second waits for it.
  private static let stepsBeforeCheckpoint = 10

  @Test("ends with the same weights, optimizer and average as one that was left alone")
  func kills() throws {
    let unbroken = try TemporaryFolder()
    let start = ContinuousClock.now
    let expected = try finish(unbroken.path).digests
    let microseconds = (ContinuousClock.now - start) / .microseconds(1)
    #expect(expected.keys.sorted() == ["average.safetensors", "model.safetensors", "optimizer.safetensors"])

    let folder = try TemporaryFolder()
    var generator = SplitMix(UInt64(Date().timeIntervalSince1970 * 1000))
    var (kills, resumed) = (0, 0)
    while kills < KillTests.killCount {
      let run = try Run(folder.path)
      if kills % 3 == 0 {
        // Somewhere between the program's start and its end.
        usleep(UInt32(Double.random(in: 0...microseconds, using: &generator)))
      } else {
        // In the midst of its steps, or of writing a checkpoint.
        var steps = Int.random(in: KillTests.stepsBeforeCheckpoint...24, using: &generator)
        while steps > 0, run.nextStep() != nil { steps -= 1 }
        usleep(UInt32.random(in: 0...8000, using: &generator))
      }
      let wasGoing = run.kill()
      if run.firstStep.map({ $0 > 1 }) == true { resumed += 1 }
      if wasGoing {
        kills += 1
      } else {
        // It was done before: begin anew.
        for name in folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
      }
    }
    let last = try finish(folder.path)
    #expect(last.digests == expected)
    if last.firstStep.map({ $0 > 1 }) == true { resumed += 1 }
    #expect(resumed > 0, "no run went on from a checkpoint")
  }
}
