extension Event {
  /// The event as `tensorflow.Event` is written.
  func serialized(writer: String? = nil) -> [UInt8] {
    var message = WireWriter()
    message.double(EventFields.wallTime, wallTime)
    if step != 0 { message.integer(EventFields.step, step) }
    if let fileVersion { message.string(EventFields.fileVersion, fileVersion) }
    if let graph { message.bytes(EventFields.graph, graph) }
    if let writer {
      message.message(EventFields.sourceMetadata) { $0.string(EventFields.writer, writer) }
    }
    if !summaries.isEmpty {
      message.message(EventFields.summary) { inner in
        for summary in summaries { inner.message(EventFields.value) { summary.write(to: &$0) } }
      }
    }
    return message.bytes
  }

  /// Reads what ``serialized(writer:)`` and TensorFlow write. Throws ``WireReader/Failure``.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    self.init(wallTime: 0)
    var message = WireReader(bytes)
    while let (field, kind) = try message.field() {
      switch (field, kind) {
      case (EventFields.wallTime, .fixed64): wallTime = Double(bitPattern: try message.fixed64())
      case (EventFields.step, .varint): step = try message.integer()
      case (EventFields.fileVersion, .bytes): fileVersion = try message.string()
      case (EventFields.graph, .bytes): graph = Array(try message.bytes())
      case (EventFields.summary, .bytes):
        var inner = try message.message()
        while let (field, kind) = try inner.field() {
          guard field == EventFields.value, kind == .bytes else {
            try inner.skip(kind)
            continue
          }
          var value = try inner.message()
          summaries.append(try Summary(&value))
        }
      default: try message.skip(kind)
      }
    }
  }
}

extension Event.Summary {
  fileprivate func write(to message: inout WireWriter) {
    message.string(EventFields.tag, tag)
    switch content {
    case .scalar(let number): message.float(EventFields.simpleValue, number)
    case .histogram(let histogram): message.message(EventFields.histogram) { histogram.write(to: &$0) }
    case .text(let texts):
      message.message(EventFields.metadata) { metadata in
        metadata.message(EventFields.plugin) { $0.string(EventFields.pluginName, "text") }
      }
      message.message(EventFields.tensor) { tensor in
        tensor.integer(EventFields.dtype, EventFields.string)
        tensor.message(EventFields.shape) { shape in
          shape.message(EventFields.dimension) { $0.integer(EventFields.size, texts.count) }
        }
        for text in texts { tensor.string(EventFields.strings, text) }
      }
    case .other: break
    }
  }

  fileprivate init(_ message: inout WireReader) throws {
    self.init("", .other)
    while let (field, kind) = try message.field() {
      switch (field, kind) {
      case (EventFields.tag, .bytes): tag = try message.string()
      case (EventFields.simpleValue, .fixed32): content = .scalar(Float(bitPattern: try message.fixed32()))
      case (EventFields.histogram, .bytes):
        var inner = try message.message()
        content = .histogram(try Histogram(&inner))
      case (EventFields.tensor, .bytes):
        var inner = try message.message()
        if let found = try Event.Content(tensor: &inner) { content = found }
      default: try message.skip(kind)
      }
    }
  }
}

extension Event.Content {
  /// What TensorFlow 2 writes: a tensor of one number, or of texts; `nil` for others.
  fileprivate init?(tensor message: inout WireReader) throws {
    var dtype = 0
    var numbers: [Double] = []
    var texts: [String] = []
    while let (field, kind) = try message.field() {
      switch (field, kind) {
      case (EventFields.dtype, .varint): dtype = try message.integer()
      case (EventFields.floats, .fixed32): numbers.append(Double(Float(bitPattern: try message.fixed32())))
      case (EventFields.doubles, .fixed64): numbers.append(Double(bitPattern: try message.fixed64()))
      case (EventFields.floats, .bytes) where dtype == EventFields.float32,
        (EventFields.content, .bytes) where dtype == EventFields.float32:
        var inner = try message.message()
        while inner.remaining >= 4 { numbers.append(Double(Float(bitPattern: try inner.fixed32()))) }
      case (EventFields.doubles, .bytes) where dtype == EventFields.float64,
        (EventFields.content, .bytes) where dtype == EventFields.float64:
        var inner = try message.message()
        while inner.remaining >= 8 { numbers.append(Double(bitPattern: try inner.fixed64())) }
      case (EventFields.strings, .bytes): texts.append(try message.string())
      default: try message.skip(kind)
      }
    }
    if dtype == EventFields.string {
      self = .text(texts)
    } else if numbers.count == 1 {
      self = .scalar(Float(numbers[0]))
    } else {
      return nil
    }
  }
}

extension Histogram {
  fileprivate func write(to message: inout WireWriter) {
    message.double(EventFields.minimum, minimum)
    message.double(EventFields.maximum, maximum)
    message.double(EventFields.count, count)
    message.double(EventFields.sum, sum)
    message.double(EventFields.sumOfSquares, sumOfSquares)
    message.doubles(EventFields.limits, limits)
    message.doubles(EventFields.buckets, buckets)
  }

  fileprivate init(_ message: inout WireReader) throws {
    self.init(minimum: 0, maximum: 0, count: 0, sum: 0, sumOfSquares: 0, limits: [], buckets: [])
    while let (field, kind) = try message.field() {
      switch (field, kind) {
      case (EventFields.minimum, .fixed64): minimum = Double(bitPattern: try message.fixed64())
      case (EventFields.maximum, .fixed64): maximum = Double(bitPattern: try message.fixed64())
      case (EventFields.count, .fixed64): count = Double(bitPattern: try message.fixed64())
      case (EventFields.sum, .fixed64): sum = Double(bitPattern: try message.fixed64())
      case (EventFields.sumOfSquares, .fixed64): sumOfSquares = Double(bitPattern: try message.fixed64())
      case (EventFields.limits, _): try limits.append(contentsOf: Histogram.doubles(&message, kind))
      case (EventFields.buckets, _): try buckets.append(contentsOf: Histogram.doubles(&message, kind))
      default: try message.skip(kind)
      }
    }
  }

  /// One number, or many packed.
  private static func doubles(_ message: inout WireReader, _ kind: WireReader.Kind) throws -> [Double] {
    if kind == .fixed64 { return [Double(bitPattern: try message.fixed64())] }
    guard kind == .bytes else {
      try message.skip(kind)
      return []
    }
    var inner = try message.message()
    var numbers: [Double] = []
    while !inner.isAtEnd { numbers.append(Double(bitPattern: try inner.fixed64())) }
    return numbers
  }
}
