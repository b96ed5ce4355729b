import DeepSeekJSON
import DeepSeekTraining
import Foundation

/// Steps of compression in rows.
enum CompressionTable {
  /// Name, megabytes, share of the first step's size, milliseconds for one example, accuracy.
  static func row(_ step: CompressionStep, of first: CompressionStep) -> String {
    let name = step.name.padding(toLength: max(step.name.count, 28), withPad: " ", startingAt: 0)
    return name
      + String(
        format: "%9.2f MB  %5.1f %%  %8.2f ms  accuracy %.4f", Double(step.byteCount) / 1e6,
        100 * Double(step.byteCount) / Double(first.byteCount), step.latency * 1e3, step.accuracy)
  }

  /// The step's stable keys.
  static func json(_ step: CompressionStep, of first: CompressionStep) -> JSONValue {
    [
      "name": .string(step.name), "bytes": .integer(step.byteCount),
      "size": .double(Double(step.byteCount) / Double(first.byteCount)), "latency_seconds": .double(step.latency),
      "accuracy": .double(step.accuracy),
    ]
  }
}

/// Steps of compression as a picture: size to the right, accuracy upwards, the time beside each.
struct CompressionChart {
  private static let (width, height, margin) = (640.0, 400.0, 60.0)
  private let steps: [CompressionStep]

  init(_ steps: [CompressionStep]) { self.steps = steps }

  /// The picture.
  var svg: String {
    let (width, height, margin) = (CompressionChart.width, CompressionChart.height, CompressionChart.margin)
    let largest = Double(steps.map(\.byteCount).max() ?? 1)
    let accuracies = steps.map(\.accuracy)
    let spread = max((accuracies.max() ?? 1) - (accuracies.min() ?? 0), 0.01)
    let low = (accuracies.min() ?? 0) - spread / 4
    let high = (accuracies.max() ?? 1) + spread / 4
    func place(_ step: CompressionStep) -> (x: Double, y: Double) {
      (
        margin + Double(step.byteCount) / largest * (width - 3 * margin),
        height - margin - (step.accuracy - low) / (high - low) * (height - 2 * margin)
      )
    }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      "<path d=\"M\(margin) \(margin)V\(height - margin)H\(width - margin)\" fill=\"none\" stroke=\"black\"/>",
      "<text x=\"\(width / 2)\" y=\"\(height - 20)\" text-anchor=\"middle\">size, MB</text>",
      "<text x=\"20\" y=\"\(margin - 20)\">accuracy</text>",
      "<text x=\"\(margin - 8)\" y=\"\(height - margin)\" text-anchor=\"end\">\(text(low))</text>",
      "<text x=\"\(margin - 8)\" y=\"\(margin + 4)\" text-anchor=\"end\">\(text(high))</text>",
    ]
    let points = steps.map(place)
    lines.append(
      "<polyline points=\"\(points.map { "\(rounded($0.x)),\(rounded($0.y))" }.joined(separator: " "))\" fill=\"none\" stroke=\"steelblue\"/>"
    )
    for (step, point) in zip(steps, points) {
      lines.append("<circle cx=\"\(rounded(point.x))\" cy=\"\(rounded(point.y))\" r=\"4\" fill=\"steelblue\"/>")
      let label =
        step.name + String(format: ": %.2f MB, %.2f ms", Double(step.byteCount) / 1e6, step.latency * 1e3)
      lines.append("<text x=\"\(rounded(point.x) + 8)\" y=\"\(rounded(point.y) - 6)\">\(label)</text>")
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
  private func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
