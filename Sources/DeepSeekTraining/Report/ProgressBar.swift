import Foundation

/// A line on a terminal that shows how far the work is; quiet when standard error is not a terminal.
package struct ProgressBar {
  private static let width = 28
  /// Seconds between two drawings.
  private static let interval = 0.1
  private let isShown = ProgressBar.isTerminal
  /// Whether standard error is a terminal that a person watches.
  package static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
  private var lastDrawing = Date.distantPast

  /// A bar that has drawn nothing yet.
  package init() {}

  /// Shows `done` of `total` steps and a word about them.
  package mutating func show(_ done: Int, of total: Int, _ text: String) {
    guard isShown else { return }
    let now = Date()
    guard done == total || now.timeIntervalSince(lastDrawing) >= ProgressBar.interval else { return }
    lastDrawing = now
    let filled = total > 0 ? ProgressBar.width * min(done, total) / total : 0
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: ProgressBar.width - filled)
    FileHandle.standardError.write(Data("\r\u{1B}[K\(bar) \(done)/\(total)  \(text)".utf8))
  }

  /// Clears the line.
  package func finish() {
    guard isShown else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
  }
}
