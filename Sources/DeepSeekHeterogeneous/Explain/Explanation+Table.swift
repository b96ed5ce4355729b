import DeepSeekGraph
import DeepSeekTensor
import Foundation

extension Explanation: CustomStringConvertible {
  /// The table of operators.
  public var description: String { table().joined(separator: "\n") }

  /// What was fused and where the time goes, in lines of aligned columns: milliseconds and their share of all, billions of
  /// floating-point operations, megabytes moved, and the share of the machine's limit; then all together, and the memory.
  ///
  /// - Parameter bySteps: Whether there is a line for each step, with its outputs, instead of one for all alike.
  public func table(bySteps: Bool = false) -> [String] {
    let header = ["operator", bySteps ? "output" : "count", "ms", "%", "GFLOP", "MB", "of limit"]
    let rows =
      bySteps
      ? steps.map { step in
        [step.label + step.fusedSuffix, step.outputs.map(\.description).joined(separator: " ")]
          + cells(step.seconds, step.operations, step.bytes, step.shareOfLimit)
      }
      : byOperator.map { group in
        [group.label, "\(group.count)"] + cells(group.seconds, group.operations, group.bytes, group.shareOfLimit)
      }
    let table = [header] + rows
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    let summary = String(
      format: "%.3f ms; arena %.1f MB, results %.1f MB, weights %.1f MB", seconds * 1e3, Double(memory.arena) / 1e6,
      Double(memory.results) / 1e6, Double(constantBytes) / 1e6)
    return lines + [summary]
  }

  private func cells(_ seconds: Double, _ operations: Double, _ bytes: Double, _ share: Double?) -> [String] {
    [
      String(format: "%.3f", seconds * 1e3),
      String(format: "%.1f", 100 * seconds / Swift.max(self.seconds, 1e-12)),
      String(format: "%.3f", operations / 1e9), String(format: "%.2f", bytes / 1e6),
      share.map { String(format: "%.0f%%", $0 * 100) } ?? "",
    ]
  }
}
