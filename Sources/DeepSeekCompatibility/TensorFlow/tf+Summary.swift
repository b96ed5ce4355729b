// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekRecords
public import DeepSeekStatic
public import DeepSeekTensor
import Synchronization

extension tf.summary {
  /// A number to be written down; `mergeAll` finds it.
  @available(*, deprecated, renamed: "Summary.scalar")
  public static func scalar(_ tag: String, _ tensor: Tensor) -> Summary { SummaryCollection.add(.scalar(tag, tensor)) }

  /// A spread of elements to be written down; `mergeAll` finds it.
  @available(*, deprecated, renamed: "Summary.histogram")
  public static func histogram(_ tag: String, _ tensor: some GraphOperand) -> Summary {
    SummaryCollection.add(.histogram(tag, tensor.tensorOperand))
  }

  /// Some summaries, to be fetched together.
  @available(*, deprecated, message: "give the summaries to run(_:updating:feeds:summaries:to:step:)")
  public static func merge(_ summaries: [Summary]) -> MergedSummaries { MergedSummaries(summaries: summaries) }

  /// All summaries of the current graph, to be fetched together.
  @available(*, deprecated, message: "give the summaries to run(_:updating:feeds:summaries:to:step:)")
  public static func mergeAll() -> MergedSummaries {
    MergedSummaries(summaries: SummaryCollection.summaries(of: .current))
  }

  /// A writer of event files.
  @available(*, deprecated, message: "use EventFileWriter")
  public typealias FileWriter = EventFileWriter
}

extension EventFileWriter {
  /// Writes down what a run gathered, for a step.
  @available(*, deprecated, message: "use run(_:updating:feeds:summaries:to:step:)")
  public func addSummary(_ gathered: GatheredSummaries, _ step: Int) throws {
    for (tag, value) in gathered.values { try write(value, tag: tag, step: step) }
  }

  /// Writes down what a run gathered, for a step.
  @available(*, deprecated, message: "use run(_:updating:feeds:summaries:to:step:)")
  public func add_summary(_ gathered: GatheredSummaries, _ step: Int) throws { try addSummary(gathered, step) }
}

/// Summaries that are fetched together.
public struct MergedSummaries: Sendable {
  /// The summaries.
  public let summaries: [Summary]
}

/// What a run gathered for summaries.
public final class GatheredSummaries: Sendable {
  private let state = Mutex<[(tag: String, value: SummaryValue)]>([])

  /// Tags and values, in the summaries' order.
  public var values: [(tag: String, value: SummaryValue)] { state.withLock { $0 } }

  func append(_ tag: String, _ value: SummaryValue) { state.withLock { $0.append((tag, value)) } }
}

/// The summaries that were made for each graph, as TensorFlow's collection has them; those of graphs that are gone are let go.
private enum SummaryCollection {
  private struct Entry {
    weak var graph: StaticGraph?
    var summaries: [Summary]
  }

  private static let entries = Mutex<[Entry]>([])

  static func add(_ summary: Summary) -> Summary {
    guard let graph = StaticGraph.graph(of: summary.tensor) else { return summary }
    entries.withLock { entries in
      entries.removeAll { $0.graph == nil }
      if let index = entries.firstIndex(where: { $0.graph === graph }) {
        entries[index].summaries.append(summary)
      } else {
        entries.append(Entry(graph: graph, summaries: [summary]))
      }
    }
    return summary
  }

  static func summaries(of graph: StaticGraph) -> [Summary] {
    entries.withLock { $0.first { $0.graph === graph }?.summaries ?? [] }
  }
}
