/// One entry of a TensorBoard event file: what was noted at one moment of a training run.
public struct Event: Sendable, Hashable {
  /// When, in seconds since 1 January 1970 UTC.
  public var wallTime: Double
  /// The step of the training; 0 when it is not about one.
  public var step: Int
  /// The version of the file's format, in a file's first event: `brain.Event:2`.
  public var fileVersion: String?
  /// A serialized TensorFlow `GraphDef`.
  public var graph: [UInt8]?
  /// What was noted.
  public var summaries: [Summary]

  /// An event.
  public init(
    wallTime: Double, step: Int = 0, fileVersion: String? = nil, graph: [UInt8]? = nil, summaries: [Summary] = []
  ) {
    self.wallTime = wallTime
    self.step = step
    self.fileVersion = fileVersion
    self.graph = graph
    self.summaries = summaries
  }

  /// Something noted under a tag.
  public struct Summary: Sendable, Hashable {
    /// The name it is shown under: `loss`, `train/accuracy`.
    public var tag: String
    /// What was noted.
    public var content: Content

    /// `content` under `tag`.
    public init(_ tag: String, _ content: Content) {
      self.tag = tag
      self.content = content
    }
  }

  /// What can be noted.
  public enum Content: Sendable, Hashable {
    /// A number, in single precision as TensorBoard keeps it.
    case scalar(Float)
    /// How many numbers fell where.
    case histogram(Histogram)
    /// Texts in Markdown.
    case text([String])
    /// Something else, which is not read: an image, audio, a plugin's tensor.
    case other
  }
}

/// The wire format of `tensorflow.Event` and what hangs on it (tensorflow/core/util/event.proto and
/// tensorflow/core/framework/summary.proto): field numbers.
enum EventFields {
  static let wallTime = 1
  static let step = 2
  static let fileVersion = 3
  static let graph = 4
  static let summary = 5
  static let sourceMetadata = 10

  /// The writer's name in `SourceMetadata`.
  static let writer = 1
  /// The values in `Summary`.
  static let value = 1

  /// In `Summary.Value`.
  static let tag = 1
  static let simpleValue = 2
  static let histogram = 5
  static let tensor = 8
  static let metadata = 9

  /// In `SummaryMetadata`, and the name in its `PluginData`.
  static let plugin = 1
  static let pluginName = 1

  /// In `TensorProto`.
  static let dtype = 1
  static let shape = 2
  static let content = 4
  static let floats = 5
  static let doubles = 6
  static let strings = 8
  /// In `TensorShapeProto`, and the size in its `Dim`.
  static let dimension = 2
  static let size = 1
  /// Values of `DataType`.
  static let float32 = 1
  static let float64 = 2
  static let string = 7

  /// In `HistogramProto`.
  static let minimum = 1
  static let maximum = 2
  static let count = 3
  static let sum = 4
  static let sumOfSquares = 5
  static let limits = 6
  static let buckets = 7
}
