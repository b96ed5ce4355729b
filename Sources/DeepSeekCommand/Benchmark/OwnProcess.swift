import Foundation

/// This program in a process of its own.
enum OwnProcess {
  /// Runs it to its end. Throws ``CommandError`` where that is not a success.
  ///
  /// The end is told of, rather than waited for with `waitUntilExit()`, which looks for it only twenty times a second.
  static func run(_ arguments: [String]) throws {
    let process = Process()
    let hasEnded = DispatchSemaphore(value: 0)
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    process.terminationHandler = { _ in hasEnded.signal() }
    try process.run()
    hasEnded.wait()
    guard process.terminationStatus == 0 else {
      throw CommandError("ds \(arguments.joined(separator: " ")): the process failed")
    }
  }
}
