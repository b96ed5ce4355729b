public import DeepSeekTensor

/// Rows put together column by column: numbers as tensors whose first dimension is the batch, all else as values.
public struct TensorBatch: Sendable {
  /// How many rows.
  public let count: Int
  /// The columns' names, in order.
  public let names: [String]
  /// The columns of numbers and Booleans, and of lists of them: `[batch, …]`.
  public let tensors: [String: Tensor]
  /// The other columns.
  public let values: [String: [Value]]
  /// How many elements each row had before padding, for columns of lists: `int64`, `[batch]`.
  public let lengths: [String: Tensor]

  /// A column of numbers; `nil` when there is none of that name.
  public subscript(name: String) -> Tensor? { tensors[name] }

  /// A column of texts, which must be there. Throws ``DataError`` when one is missing or is none.
  public func strings(_ name: String) throws(DataError) -> [String] {
    guard let column = values[name] else {
      throw .missingColumn(name, among: values.keys.sorted(), of: " of texts")
    }
    var texts: [String] = []
    for value in column {
      guard let text = value.string else {
        throw DataError(.typeMismatch, item: name, "a value is \(value.kind); a string is expected")
      }
      texts.append(text)
    }
    return texts
  }
}

/// How lists of different lengths become one tensor.
public struct Padding: Sendable {
  /// What stands after the end of a list, for every column; 0 where none is given here.
  public var values: [String: Double]
  /// Lengths are rounded up to a multiple of this, so that kernels see fewer shapes.
  public var multiple: Int

  /// Padding with these values.
  public init(values: [String: Double] = [:], multiple: Int = 1) {
    self.values = values
    self.multiple = multiple
  }
}

extension Array where Element == Record {
  /// Puts rows together column by column.
  ///
  /// Integers, dates and times become `int64`, floating-point numbers and decimals `float32`, Booleans `bool`, lists of them
  /// a tensor of as many more dimensions; other columns stay values.
  ///
  /// - Parameters:
  ///   - types: Other element types, by column.
  ///   - padding: How shorter lists are filled up; without, all rows must have the same shape.
  /// - Throws: ``DataError`` when rows have different names or shapes, or a number is null.
  public func stacked(types: [String: DType] = [:], padding: Padding? = nil) throws(DataError) -> TensorBatch {
    let names = first?.names ?? Record.Names([])
    for record in self where record.names != names {
      throw DataError(
        .typeMismatch,
        "rows with the columns \(names.all.joined(separator: ", ")) and "
          + "\(record.names.all.joined(separator: ", ")) are in one batch",
        advice: "give every row the same columns, by map")
    }
    var tensors: [String: Tensor] = [:]
    var others: [String: [Value]] = [:]
    var lengths: [String: Tensor] = [:]
    for (index, name) in names.all.enumerated() {
      let column = map { $0.values[index] }
      var stack = ColumnStack(name: name, type: types[name], padding: padding)
      guard let tensor = try stack.tensor(column) else {
        others[name] = column
        continue
      }
      tensors[name] = tensor
      if column.contains(where: { $0.list != nil }) {
        lengths[name] = Tensor([count], column.map { Int64($0.list?.count ?? 0) })
      }
    }
    return TensorBatch(count: count, names: names.all, tensors: tensors, values: others, lengths: lengths)
  }
}

extension Dataset where Example == Record {
  /// Rows in batches of tensors; see `stacked(types:padding:)`. All rows of a batch must have the same shapes.
  public func tensorBatch(
    _ size: Int, types: [String: DType] = [:], dropRemainder: Bool = false
  ) -> Dataset<TensorBatch> {
    batch(size, dropRemainder: dropRemainder).map(parallelism: 1) { try $0.stacked(types: types) }
  }

  /// Rows in batches of tensors, lists padded to the longest of the batch; see `stacked(types:padding:)`.
  public func paddedBatch(
    _ size: Int, types: [String: DType] = [:], padding: Padding = Padding(), dropRemainder: Bool = false
  ) -> Dataset<TensorBatch> {
    batch(size, dropRemainder: dropRemainder).map(parallelism: 1) { try $0.stacked(types: types, padding: padding) }
  }
}

/// One column's values on their way into a tensor.
private struct ColumnStack {
  let name: String
  let type: DType?
  let padding: Padding?
  private var shape: [Int] = []
  private var kind: Kind?

  private enum Kind { case bool, integer, float }

  init(name: String, type: DType?, padding: Padding?) {
    self.name = name
    self.type = type
    self.padding = padding
  }

  /// `nil` when the values are no numbers.
  mutating func tensor(_ column: [Value]) throws(DataError) -> Tensor? {
    for value in column { if !see(value, depth: 0) { return nil } }
    guard var kind else { return nil }
    if let padding, shape.count > 0 {
      let multiple = max(1, padding.multiple)
      shape = shape.map { ($0 + multiple - 1) / multiple * multiple }
    }
    let full = [column.count] + shape
    let count = full.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    // Padding a long list into every row must stay in proportion.
    try DataLimit.check(
      full.reduce(8) { product, extent in
        let (result, overflow) = product.multipliedReportingOverflow(by: extent)
        return overflow ? .max : result
      }, file: "", item: name)
    let filler = padding?.values[name] ?? 0
    // A filler that is no integer says that the column is none, even where this batch has only such.
    if kind == .integer && Int64(exactly: filler) == nil { kind = .float }
    let result: Tensor
    switch kind {
    case .bool:
      var elements = [Bool](repeating: filler != 0, count: count)
      try fill(column, &elements) { value in value.bool }
      result = Tensor(Shape(full), elements)
    case .integer:
      let whole = Int64(exactly: filler)!
      var elements = [Int64](repeating: whole, count: count)
      try fill(column, &elements) { value in value.integer.map { Int64($0) } ?? value.bool.map { $0 ? 1 : 0 } }
      result = Tensor(Shape(full), elements)
    case .float where type == .float64:
      var elements = [Double](repeating: filler, count: count)
      try fill(column, &elements) { value in value.double ?? value.bool.map { $0 ? 1 : 0 } }
      result = Tensor(Shape(full), elements)
    case .float:
      var elements = [Float](repeating: Float(filler), count: count)
      try fill(column, &elements) { value in value.double.map { Float($0) } ?? value.bool.map { $0 ? 1 : 0 } }
      result = Tensor(Shape(full), elements)
    }
    return type.map { result.converted(to: $0) } ?? result
  }

  /// Notes a value's kind and shape; `false` when it is no number.
  private mutating func see(_ value: Value, depth: Int) -> Bool {
    switch value {
    case .null: return true
    case .bool: kind = kind ?? .bool
    case .integer, .date, .time, .timestamp, .duration: if kind == nil || kind == .bool { kind = .integer }
    case .float, .decimal, .unsigned: kind = .float
    case .list(let elements):
      if depth == shape.count { shape.append(0) }
      shape[depth] = max(shape[depth], elements.count)
      for element in elements { if !see(element, depth: depth + 1) { return false } }
    default: return false
    }
    return true
  }

  private func fill<Element>(
    _ column: [Value], _ elements: inout [Element], _ element: (Value) -> Element?
  ) throws(DataError) {
    let stride = shape.reduce(1, *)
    for (row, value) in column.enumerated() {
      try place(value, at: row * stride, shape[...], row, &elements, element)
    }
  }

  private func place<Element>(
    _ value: Value, at start: Int, _ shape: ArraySlice<Int>, _ row: Int, _ elements: inout [Element],
    _ element: (Value) -> Element?
  ) throws(DataError) {
    guard let extent = shape.first else {
      guard let number = element(value) else {
        throw DataError(
          .typeMismatch, item: name, "row \(row) of the batch is \(value.kind), where others are numbers",
          advice: "filter such rows, or fill them by map")
      }
      elements[start] = number
      return
    }
    guard let list = value.list else {
      throw DataError(
        .typeMismatch, item: name, "row \(row) of the batch is \(value.kind), where others are lists",
        advice: "filter such rows, or fill them by map")
    }
    guard padding != nil || list.count == extent else {
      throw DataError(
        .typeMismatch, item: name, "row \(row) of the batch has \(list.count) elements, where others have \(extent)",
        advice: "use paddedBatch")
    }
    let rest = shape.dropFirst()
    let stride = rest.reduce(1, *)
    for (index, item) in list.enumerated() {
      try place(item, at: start + index * stride, rest, row, &elements, element)
    }
  }
}
