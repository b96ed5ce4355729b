import Foundation

/// A curve as SVG: steps to the right, values upwards, lines at round numbers.
struct CurveDrawing {
  private let points: [TrainingHistory.Point]
  private static let (width, height) = (820.0, 260.0)
  private static let (left, right, top, bottom) = (70.0, 12.0, 10.0, 26.0)
  /// More points than this are not told apart on a screen.
  private static let pointLimit = 2000
  private static let tickCount = 5

  init(_ points: [TrainingHistory.Point]) {
    let stride = Swift.max(1, (points.count + CurveDrawing.pointLimit - 1) / CurveDrawing.pointLimit)
    self.points = points.enumerated().filter { $0.offset % stride == 0 || $0.offset == points.count - 1 }.map(\.element)
  }

  /// The drawing.
  var svg: String {
    guard let first = points.first, let last = points.last else { return "" }
    let steps = CurveDrawing.widened(Double(first.step), Double(last.step))
    let values = CurveDrawing.widened(points.map(\.value).min()!, points.map(\.value).max()!)
    func x(_ step: Double) -> Double {
      let share = (step - steps.lowerBound) / (steps.upperBound - steps.lowerBound)
      return CurveDrawing.left + share * (CurveDrawing.width - CurveDrawing.left - CurveDrawing.right)
    }
    func y(_ value: Double) -> Double {
      let share = (value - values.lowerBound) / (values.upperBound - values.lowerBound)
      return CurveDrawing.height - CurveDrawing.bottom - share
        * (CurveDrawing.height - CurveDrawing.top - CurveDrawing.bottom)
    }
    let (right, floor) = (CurveDrawing.width - CurveDrawing.right, CurveDrawing.height - CurveDrawing.bottom)
    var text = "<svg viewBox=\"0 0 \(Int(CurveDrawing.width)) \(Int(CurveDrawing.height))\" role=\"img\">"
    for value in CurveDrawing.ticks(values) {
      let place = CurveDrawing.number(y(value))
      text +=
        "<line class=\"grid\" x1=\"\(Int(CurveDrawing.left))\" x2=\"\(Int(right))\" y1=\"\(place)\" y2=\"\(place)\"/>"
      text += "<text class=\"tick\" text-anchor=\"end\" x=\"\(Int(CurveDrawing.left) - 6)\" y=\"\(place)\" "
      text += "dy=\"4\">\(CurveDrawing.label(value))</text>"
    }
    for step in CurveDrawing.ticks(steps) {
      text += "<text class=\"tick\" text-anchor=\"middle\" x=\"\(CurveDrawing.number(x(step)))\" "
      text += "y=\"\(Int(floor) + 17)\">\(CurveDrawing.label(step))</text>"
    }
    let path = points.map { "\(CurveDrawing.number(x(Double($0.step)))),\(CurveDrawing.number(y($0.value)))" }
    text += "<polyline class=\"curve\" points=\"\(path.joined(separator: " "))\"/>"
    if points.count == 1 {
      text +=
        "<circle cx=\"\(CurveDrawing.number(x(Double(first.step))))\" cy=\"\(CurveDrawing.number(y(first.value)))\" r=\"3\"/>"
    }
    return text + "</svg>"
  }

  /// A range that is not empty.
  private static func widened(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    if high > low { return low...high }
    let margin = low == 0 ? 1 : Swift.abs(low) * 0.1
    return low - margin...low + margin
  }

  /// Round numbers in a range: multiples of 1, 2 or 5 times a power of ten.
  static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / Double(tickCount)
    let power = pow(10, Foundation.log10(rough).rounded(.down))
    let unit = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    let start = (range.lowerBound / unit).rounded(.up)
    let end = (range.upperBound / unit).rounded(.down)
    guard end >= start, end - start < 100 else { return [] }
    return (0...Int(end - start)).map { (start + Double($0)) * unit }
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
  private static func label(_ value: Double) -> String { String(format: "%.4g", value) }
}
