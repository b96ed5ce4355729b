import DeepSeekTensor

/// Reads serialized `tf.train.Example` into tensors, by a specification of the features that are wanted.
///
/// ```swift
/// let parser = ExampleParser(["image": .fixed([28, 28], .float32), "label": .fixed([], .int64)])
/// let batch = try parser.parse(records)
/// ```
///
/// Features that are not in the specification are passed over.
public struct ExampleParser: Sendable {
  /// What each feature is to become.
  public let specification: [String: FeatureSpecification]
  private let columns: [(name: String, key: [UInt8], specification: FeatureSpecification)]

  /// A parser of these features. Traps when a default value does not fit its feature.
  public init(_ specification: [String: FeatureSpecification]) {
    self.specification = specification
    columns = specification.sorted { $0.key < $1.key }.map { ($0.key, Array($0.key.utf8), $0.value) }
    for (name, _, feature) in columns {
      guard let value = feature.defaultValue else { continue }
      guard case .fixed(let shape) = feature.length, value.count == 1 || value.count == shape.elementCount,
        value.field == feature.field
      else { fatalError("ExampleParser: the default value \(value) does not fit feature '\(name)': \(feature)") }
    }
  }

  /// The features of a batch of serialized examples.
  ///
  /// Throws ``ExampleError`` when a record is damaged, or a feature is missing, of another kind or of another length than
  /// specified.
  public func parse(_ records: [[UInt8]]) throws -> [String: FeatureColumn] {
    var builders = columns.map { ColumnBuilder($0.specification) }
    for (number, record) in records.enumerated() {
      try ExampleError.reading(record: number) {
        try record.withUnsafeBytes { try read($0, number, &builders) }
      }
    }
    var result: [String: FeatureColumn] = [:]
    for (column, builder) in zip(columns, builders) { result[column.name] = builder.column() }
    return result
  }

  private func read(_ record: UnsafeRawBufferPointer, _ number: Int, _ builders: inout [ColumnBuilder]) throws {
    var found: [WireReader?] = Array(repeating: nil, count: columns.count)
    var message = WireReader(record)
    while let (field, kind) = try message.field() {
      guard field == ExampleFields.features, kind == .bytes else {
        try message.skip(kind)
        continue
      }
      try ExampleFields.eachEntry(try message.message()) { name, value in
        // Of several entries under one name the last counts, as maps have it.
        if let place = columns.firstIndex(where: { $0.key.elementsEqual(name) }) { found[place] = value }
      }
    }
    for place in columns.indices {
      try builders[place].append(found[place]) { ExampleError(record: number, feature: columns[place].name, $0) }
    }
  }
}

extension Feature {
  /// Which of a feature's lists it is.
  fileprivate var field: Int {
    switch self {
    case .bytes: ExampleFields.bytes
    case .floats: ExampleFields.floats
    case .integers: ExampleFields.integers
    }
  }
}

/// Gathers the elements of one feature.
private struct ColumnBuilder {
  private let specification: FeatureSpecification
  private var floats: [Float] = []
  private var integers: [Int64] = []
  private var strings: [[UInt8]] = []
  private var lengths: [Int] = []

  init(_ specification: FeatureSpecification) { self.specification = specification }

  mutating func append(_ feature: WireReader?, _ failure: (String) -> ExampleError) throws {
    let before = count
    if let feature { try appendElements(feature, failure) }
    var added = count - before
    if case .fixed(let shape) = specification.length {
      let expected = shape.elementCount
      // A feature without elements counts as missing, as it does in TensorFlow.
      if added == 0 && expected > 0, let value = specification.defaultValue {
        appendDefault(value, expected)
        added = expected
      }
      guard added == expected else {
        throw failure(
          added == 0 && feature == nil
            ? "it is missing and has no default" : "it has \(added) elements; shape \(shape) has \(expected)")
      }
    }
    lengths.append(added)
  }

  private var count: Int { floats.count + integers.count + strings.count }

  private mutating func appendElements(_ feature: WireReader, _ failure: (String) -> ExampleError) throws {
    var message = feature
    while let (field, kind) = try message.field() {
      guard kind == .bytes, (ExampleFields.bytes...ExampleFields.integers).contains(field) else {
        try message.skip(kind)
        continue
      }
      guard field == specification.field else {
        let names = ["bytes", "floats", "integers"]
        throw failure("it holds \(names[field - 1]), \(names[specification.field - 1]) are expected")
      }
      var elements = FeatureElements(field, try message.message())
      switch field {
      case ExampleFields.bytes: while let element = try elements.nextBytes() { strings.append(Array(element)) }
      case ExampleFields.floats: while let element = try elements.nextFloat() { floats.append(element) }
      default: while let element = try elements.nextInteger() { integers.append(element) }
      }
    }
  }

  private mutating func appendDefault(_ value: Feature, _ expected: Int) {
    func filled<Element>(_ list: [Element]) -> [Element] {
      list.count == expected ? list : Array(repeating: list[0], count: expected)
    }
    switch value {
    case .bytes(let list): strings += filled(list)
    case .floats(let list): floats += filled(list)
    case .integers(let list): integers += filled(list)
    }
  }

  func column() -> FeatureColumn {
    guard let dtype = specification.dtype else { return .bytes(strings, lengths: lengths) }
    let shape: Shape
    switch specification.length {
    case .fixed(let inner): shape = Shape([lengths.count] + Array(inner))
    case .variable: shape = [count]
    }
    let stored = dtype.isFloatingPoint ? Tensor(shape, floats) : Tensor(shape, integers)
    let values = stored.converted(to: dtype)
    if case .variable = specification.length { return .ragged(values: values, lengths: lengths) }
    return .tensor(values)
  }
}
