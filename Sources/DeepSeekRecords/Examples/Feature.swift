/// A feature of a `tf.train.Example`: a list of one of three kinds.
public enum Feature: Sendable, Hashable {
  /// Strings of bytes.
  case bytes([[UInt8]])
  /// Single-precision numbers.
  case floats([Float])
  /// Integers.
  case integers([Int64])

  /// How many elements there are.
  public var count: Int {
    switch self {
    case .bytes(let list): list.count
    case .floats(let list): list.count
    case .integers(let list): list.count
    }
  }
}

/// A `tf.train.Example`: named features, as TFRecord files usually hold them.
///
/// To read many of them into tensors, ``ExampleParser`` is the faster way.
public struct Example: Sendable, Hashable {
  /// The features by name.
  public var features: [String: Feature]

  /// An example of these features.
  public init(_ features: [String: Feature] = [:]) { self.features = features }

  /// Reads a serialized example. Throws ``ExampleError``.
  public init(_ record: [UInt8]) throws {
    self.init()
    try ExampleError.reading(record: 0) {
      try record.withUnsafeBytes { bytes in
        var message = WireReader(bytes)
        while let (field, kind) = try message.field() {
          if field == ExampleFields.features && kind == .bytes {
            features.merge(try Feature.map(try message.message())) { _, new in new }
          } else {
            try message.skip(kind)
          }
        }
      }
    }
  }

  /// The example as TensorFlow writes it, features in the order of their names.
  public func serialized() -> [UInt8] {
    var message = WireWriter()
    message.message(ExampleFields.features) { Feature.write(features, to: &$0) }
    return message.bytes
  }
}

/// A `tf.train.SequenceExample`: features that hold for the whole, and lists with a feature for each step.
public struct SequenceExample: Sendable, Hashable {
  /// What holds for the whole.
  public var context: [String: Feature]
  /// One feature for each step, by name.
  public var featureLists: [String: [Feature]]

  /// A sequence of these.
  public init(context: [String: Feature] = [:], featureLists: [String: [Feature]] = [:]) {
    self.context = context
    self.featureLists = featureLists
  }

  /// Reads a serialized sequence example. Throws ``ExampleError``.
  public init(_ record: [UInt8]) throws {
    self.init()
    try ExampleError.reading(record: 0) {
      try record.withUnsafeBytes { bytes in
        var message = WireReader(bytes)
        while let (field, kind) = try message.field() {
          switch (field, kind) {
          case (ExampleFields.context, .bytes):
            context.merge(try Feature.map(try message.message())) { _, new in new }
          case (ExampleFields.featureLists, .bytes): try readLists(try message.message())
          default: try message.skip(kind)
          }
        }
      }
    }
  }

  private mutating func readLists(_ message: WireReader) throws {
    try ExampleFields.eachEntry(message) { name, value in
      var list: [Feature] = []
      var steps = value
      while let (field, kind) = try steps.field() {
        if field == ExampleFields.step && kind == .bytes {
          list.append(try Feature(try steps.message()) ?? .bytes([]))
        } else {
          try steps.skip(kind)
        }
      }
      featureLists[String(decoding: name, as: UTF8.self)] = list
    }
  }

  /// The sequence as TensorFlow writes it, names in order.
  public func serialized() -> [UInt8] {
    var message = WireWriter()
    message.message(ExampleFields.context) { Feature.write(context, to: &$0) }
    message.message(ExampleFields.featureLists) { lists in
      for (name, steps) in featureLists.sorted(by: { $0.key < $1.key }) {
        lists.message(ExampleFields.entry) { entry in
          entry.string(ExampleFields.key, name)
          entry.message(ExampleFields.value) { list in
            for step in steps { list.message(ExampleFields.step) { step.write(to: &$0) } }
          }
        }
      }
    }
    return message.bytes
  }
}

/// The wire format of tensorflow/core/example/example.proto and feature.proto: field numbers.
enum ExampleFields {
  /// In `Example`.
  static let features = 1
  /// In `SequenceExample`.
  static let context = 1
  static let featureLists = 2
  /// In `FeatureList`.
  static let step = 1
  /// The entries of `Features` and `FeatureLists`, which are maps.
  static let entry = 1
  static let key = 1
  static let value = 2
  /// In `Feature`.
  static let bytes = 1
  static let floats = 2
  static let integers = 3
  /// In each kind of list.
  static let element = 1

  /// Calls `body` with each key of a map and a reader of its value.
  static func eachEntry(_ map: WireReader, _ body: (UnsafeRawBufferPointer, WireReader) throws -> Void) throws {
    var map = map
    while let (field, kind) = try map.field() {
      guard field == entry, kind == .bytes else {
        try map.skip(kind)
        continue
      }
      var pair = try map.message()
      var name = UnsafeRawBufferPointer(start: nil, count: 0)
      var content = WireReader(name)
      while let (field, kind) = try pair.field() {
        switch (field, kind) {
        case (key, .bytes): name = try pair.bytes()
        case (value, .bytes): content = try pair.message()
        default: try pair.skip(kind)
        }
      }
      try body(name, content)
    }
  }
}

extension Feature {
  /// `nil` for a feature without a list.
  init?(_ message: WireReader) throws {
    var message = message
    var result: Feature?
    while let (field, kind) = try message.field() {
      guard kind == .bytes, (ExampleFields.bytes...ExampleFields.integers).contains(field) else {
        try message.skip(kind)
        continue
      }
      var elements = FeatureElements(field, try message.message())
      switch field {
      case ExampleFields.bytes:
        var list: [[UInt8]] = []
        while let element = try elements.nextBytes() { list.append(Array(element)) }
        result = .bytes(list)
      case ExampleFields.floats:
        var list: [Float] = []
        while let element = try elements.nextFloat() { list.append(element) }
        result = .floats(list)
      default:
        var list: [Int64] = []
        while let element = try elements.nextInteger() { list.append(element) }
        result = .integers(list)
      }
    }
    guard let result else { return nil }
    self = result
  }

  static func map(_ message: WireReader) throws -> [String: Feature] {
    var features: [String: Feature] = [:]
    try ExampleFields.eachEntry(message) { name, value in
      features[String(decoding: name, as: UTF8.self)] = try Feature(value) ?? .bytes([])
    }
    return features
  }

  fileprivate func write(to message: inout WireWriter) {
    switch self {
    case .bytes(let list):
      message.message(ExampleFields.bytes) { inner in
        for element in list { inner.bytes(ExampleFields.element, element) }
      }
    case .floats(let list):
      message.message(ExampleFields.floats) { inner in
        inner.message(ExampleFields.element) { packed in
          for element in list { packed.fixed(element.bitPattern) }
        }
      }
    case .integers(let list):
      message.message(ExampleFields.integers) { inner in
        inner.message(ExampleFields.element) { packed in
          for element in list { packed.varint(UInt64(bitPattern: element)) }
        }
      }
    }
  }

  static func write(_ features: [String: Feature], to message: inout WireWriter) {
    for (name, feature) in features.sorted(by: { $0.key < $1.key }) {
      message.message(ExampleFields.entry) { entry in
        entry.string(ExampleFields.key, name)
        entry.message(ExampleFields.value) { feature.write(to: &$0) }
      }
    }
  }
}

/// The elements of one list of a feature, one after the other, packed or not.
struct FeatureElements {
  /// Which of the three lists.
  let field: Int
  private var list: WireReader
  private var packed: WireReader?

  init(_ field: Int, _ list: WireReader) {
    self.field = field
    self.list = list
  }

  mutating func nextBytes() throws -> UnsafeRawBufferPointer? {
    while let (number, kind) = try list.field() {
      if number == ExampleFields.element && kind == .bytes { return try list.bytes() }
      try list.skip(kind)
    }
    return nil
  }

  mutating func nextFloat() throws -> Float? {
    try next(.fixed32) { Float(bitPattern: try $0.fixed32()) }
  }

  mutating func nextInteger() throws -> Int64? {
    try next(.varint) { Int64(bitPattern: try $0.varint()) }
  }

  @inline(__always)
  private mutating func next<Number>(
    _ plain: WireReader.Kind, _ read: (inout WireReader) throws -> Number
  ) throws -> Number? {
    while true {
      if packed != nil {
        if !packed!.isAtEnd { return try read(&packed!) }
        packed = nil
      }
      guard let (number, kind) = try list.field() else { return nil }
      if number == ExampleFields.element && kind == .bytes {
        packed = try list.message()
      } else if number == ExampleFields.element && kind == plain {
        return try read(&list)
      } else {
        try list.skip(kind)
      }
    }
  }
}
