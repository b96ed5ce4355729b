public import DeepSeekRecords
public import DeepSeekTensor

/// Numbers of a run that are written down to be watched: what TensorBoard shows.
public enum SummaryValue: Sendable, Hashable {
  /// One number.
  case scalar(Double)
  /// How the elements of a tensor are spread.
  case histogram(Histogram)
}

/// Where summaries go: a writer of event files, a log.
public protocol SummarySink: Sendable {
  /// Writes a value down under a tag, for a step.
  func write(_ value: SummaryValue, tag: String, step: Int) throws
}

/// A function as a ``SummarySink``.
public struct SummaryFunction: SummarySink {
  private let function: @Sendable (_ tag: String, _ value: SummaryValue, _ step: Int) throws -> Void

  /// A sink that calls `function`.
  public init(_ function: @escaping @Sendable (_ tag: String, _ value: SummaryValue, _ step: Int) throws -> Void) {
    self.function = function
  }

  /// Calls the function.
  public func write(_ value: SummaryValue, tag: String, step: Int) throws { try function(tag, value, step) }
}

/// A tensor of a static graph that is to be written down in runs that are asked to.
public struct Summary: Sendable {
  /// What of the tensor is written.
  public enum Kind: Sendable, Hashable {
    /// The number that it is.
    case scalar
    /// The spread of its elements.
    case histogram
  }

  /// The name that the values stand under: `loss`, `encoder/weight`.
  public let tag: String
  /// What is fetched for it.
  public let tensor: Tensor
  /// What of it is written.
  public let kind: Kind

  /// A number to be written down; the mean of a tensor that holds several.
  public static func scalar(_ tag: String, _ tensor: Tensor) -> Summary { Summary(tag, tensor, .scalar) }

  /// A spread of elements to be written down.
  public static func histogram(_ tag: String, _ tensor: Tensor) -> Summary { Summary(tag, tensor, .histogram) }

  private init(_ tag: String, _ tensor: Tensor, _ kind: Kind) {
    self.tag = tag
    self.tensor = tensor
    self.kind = kind
  }

  func value(_ tensor: Tensor) -> SummaryValue {
    let elements = tensor.converted(to: .float64).array(of: Double.self)
    switch kind {
    case .scalar: return .scalar(elements.reduce(0, +) / Double(Swift.max(elements.count, 1)))
    case .histogram: return .histogram(Histogram(elements))
    }
  }
}

extension Session {
  /// As ``run(_:updating:feeds:)-(_,_,KeyValuePairs)``; what summaries need is fetched in the same run, and written to `sink`
  /// under this step.
  public func run(
    _ fetches: [Tensor], updating operations: [StaticOperation] = [], feeds: KeyValuePairs<Tensor, Tensor> = [:],
    summaries: [Summary], to sink: any SummarySink, step: Int
  ) throws -> [Tensor] {
    let results = try run(fetches + summaries.map(\.tensor), updating: operations, feeds: feeds)
    for (summary, tensor) in zip(summaries, results.dropFirst(fetches.count)) {
      try sink.write(summary.value(tensor), tag: summary.tag, step: step)
    }
    return Array(results.prefix(fetches.count))
  }
}
