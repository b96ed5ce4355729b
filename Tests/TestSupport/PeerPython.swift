import Foundation

/// Python, with the libraries that read what we write.
public enum PeerPython {
  /// The interpreter in `DEEPSEEK_PYTHON`; `nil` when none is named.
  public static let interpreter = ProcessInfo.processInfo.environment["DEEPSEEK_PYTHON"]

  /// Runs the interpreter, which must be there.
  /// - Returns: Its exit status, and what it wrote to both streams.
  public static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter!)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
