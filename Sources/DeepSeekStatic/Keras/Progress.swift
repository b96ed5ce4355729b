import Foundation

/// A line on a terminal that shows how far an epoch is; quiet when standard error is not a terminal.
struct Progress {
  /// Seconds between two drawings.
  private static let interval = 0.1
  private let isShown: Bool
  private let title: String
  private var last = Date.distantPast

  init(_ isWanted: Bool, _ title: String) {
    isShown = isWanted && isatty(FileHandle.standardError.fileDescriptor) == 1
    self.title = title
  }

  mutating func show(_ done: Int, of total: Int, _ loss: Double) {
    guard isShown, done == total || Date().timeIntervalSince(last) >= Progress.interval else { return }
    last = Date()
    FileHandle.standardError.write(
      Data("\r\u{1B}[K\(title)  \(done)/\(total)  loss \(String(format: "%.4f", loss))".utf8))
  }

  func finish() {
    if isShown { FileHandle.standardError.write(Data("\n".utf8)) }
  }
}
