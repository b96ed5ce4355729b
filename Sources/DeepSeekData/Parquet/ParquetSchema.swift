/// A Parquet file's columns as a tree, with the levels at which a value, a list or an element is there.
struct ParquetSchema: Sendable {
  /// A column of primitive values.
  struct Leaf: Sendable {
    let index: Int
    let path: [String]
    let physical: ParquetMetadata.Physical
    /// Bytes of a value as pages have it; 0 when values have lengths of their own.
    let byteWidth: Int
    let type: ColumnType
    let maxDefinition: Int
    let maxRepetition: Int

    var name: String { path.joined(separator: ".") }
  }

  /// A node: its slots are the entries with a repetition level up to `repetition` and a definition level of at least
  /// `slotDefinition`; the slot is null when its definition level is below `definition`.
  indirect enum Node: Sendable {
    case leaf(Leaf, Levels)
    case record([Node], Record.Names, [ColumnField], Levels)
    /// A slot has elements from `elementDefinition` on, one for each entry that repeats at most at `elementRepetition`.
    case list(Node, isMap: Bool, elementDefinition: Int, elementRepetition: Int, Levels)
  }

  struct Levels: Sendable {
    let repetition: Int
    let slotDefinition: Int
    let definition: Int
  }

  let fields: [ColumnField]
  let nodes: [Node]
  let leaves: [Leaf]

  init(_ elements: [ParquetMetadata.Element], file: String) throws(DataError) {
    var builder = SchemaBuilder(elements: elements, file: file)
    guard let root = elements.first else { throw builder.failure("it has no schema", nil) }
    builder.position = 1
    var fields: [ColumnField] = []
    var nodes: [Node] = []
    for _ in 0..<root.childCount {
      let (field, node) = try builder.node(Context())
      fields.append(field)
      nodes.append(node)
    }
    guard builder.position == elements.count else {
      throw builder.failure("its schema has \(elements.count - builder.position) entries that belong nowhere", nil)
    }
    self.fields = fields
    self.nodes = nodes
    leaves = builder.leaves
  }

  /// Where in the tree a node stands.
  struct Context {
    var path: [String] = []
    var repetition = 0
    var slotDefinition = 0
    var definition = 0
  }
}

extension ParquetSchema.Node {
  /// The leaves below, in order.
  var leaves: [ParquetSchema.Leaf] {
    switch self {
    case .leaf(let leaf, _): [leaf]
    case .record(let children, _, _, _): children.flatMap(\.leaves)
    case .list(let element, _, _, _, _): element.leaves
    }
  }
}

/// Reads the flat list of schema elements, which is the tree from the top, depth first.
struct SchemaBuilder {
  let elements: [ParquetMetadata.Element]
  let file: String
  var position = 0
  var leaves: [ParquetSchema.Leaf] = []

  func failure(_ message: String, _ item: String?, _ kind: DataError.Kind = .malformed) -> DataError {
    DataError(kind, file: file, item: item, message, advice: kind == .malformed ? DataError.writeAgain : "")
  }

  mutating func node(_ context: ParquetSchema.Context) throws(DataError) -> (ColumnField, ParquetSchema.Node) {
    guard position < elements.count else { throw failure("its schema ends inside a group", nil) }
    let element = elements[position]
    guard element.repetition == .repeated else { return try single(context) }
    // A repeated field outside a list or map is a list that is never null.
    var inner = context
    inner.definition += 1
    inner.repetition += 1
    inner.slotDefinition = inner.definition
    let (field, node) = try single(inner, isElement: true)
    let levels = ParquetSchema.Levels(
      repetition: context.repetition, slotDefinition: context.slotDefinition, definition: context.definition)
    return (
      ColumnField(name: element.name, type: .list(field.type), isNullable: false),
      .list(
        node, isMap: false, elementDefinition: inner.definition, elementRepetition: inner.repetition, levels)
    )
  }

  /// A node whose own repetition, if it is repeated, is in `context` already.
  private mutating func single(
    _ outer: ParquetSchema.Context, isElement: Bool = false
  ) throws(DataError) -> (ColumnField, ParquetSchema.Node) {
    let element = elements[position]
    position += 1
    var context = outer
    context.path.append(element.name)
    guard context.path.count <= DataLimit.depth else {
      throw failure("its schema nests deeper than \(DataLimit.depth)", nil, .unsupported)
    }
    let isNullable = element.repetition == .optional && !isElement
    if isNullable { context.definition += 1 }
    let levels = ParquetSchema.Levels(
      repetition: context.repetition, slotDefinition: context.slotDefinition, definition: context.definition)
    if element.childCount == 0 {
      let leaf = try leaf(element, context)
      leaves.append(leaf)
      return (ColumnField(name: element.name, type: leaf.type, isNullable: isNullable), .leaf(leaf, levels))
    }
    guard element.physical == nil else {
      throw failure("it has a physical type and fields", context.path.joined(separator: "."))
    }
    if element.logical == .list || element.logical == .map, element.childCount == 1, position < elements.count,
      elements[position].repetition == .repeated
    {
      let (type, node) = try collection(element, context, levels)
      return (ColumnField(name: element.name, type: type, isNullable: isNullable), node)
    }
    let (fields, nodes) = try children(element.childCount, context)
    let names = Record.Names(fields.map(\.name))
    return (
      ColumnField(name: element.name, type: .record(fields), isNullable: isNullable),
      .record(nodes, names, fields, levels)
    )
  }

  private mutating func children(
    _ count: Int, _ context: ParquetSchema.Context
  ) throws(DataError) -> ([ColumnField], [ParquetSchema.Node]) {
    var fields: [ColumnField] = []
    var nodes: [ParquetSchema.Node] = []
    for _ in 0..<count {
      let (field, node) = try node(context)
      fields.append(field)
      nodes.append(node)
    }
    return (fields, nodes)
  }

  /// The repeated child of a list or map, by the format's rules for old writers: it is the element itself when it is
  /// primitive, has several fields, or is named `array` or after its list; else its one field is.
  private mutating func collection(
    _ element: ParquetMetadata.Element, _ outer: ParquetSchema.Context, _ levels: ParquetSchema.Levels
  ) throws(DataError) -> (ColumnType, ParquetSchema.Node) {
    let repeated = elements[position]
    var context = outer
    context.definition += 1
    context.repetition += 1
    context.slotDefinition = context.definition
    let isMap = element.logical == .map && repeated.childCount == 2
    let isElement =
      repeated.childCount != 1 || repeated.name == "array" || repeated.name == element.name + "_tuple"
      || repeated.logical == .list || repeated.logical == .map
    let field: ColumnField
    let node: ParquetSchema.Node
    if isMap || isElement {
      (field, node) = try single(context, isElement: true)
    } else {
      position += 1
      context.path.append(repeated.name)
      (field, node) = try self.node(context)
    }
    var type = ColumnType.list(field.type)
    if isMap, case .record(let fields) = field.type { type = .map(key: fields[0].type, value: fields[1].type) }
    return (
      type,
      .list(
        node, isMap: isMap, elementDefinition: context.definition, elementRepetition: context.repetition, levels)
    )
  }

  private func leaf(
    _ element: ParquetMetadata.Element, _ context: ParquetSchema.Context
  ) throws(DataError) -> ParquetSchema.Leaf {
    let name = context.path.joined(separator: ".")
    guard let physical = element.physical else { throw failure("it has neither a type nor fields", name) }
    let width: Int
    switch physical {
    case .boolean: width = 1
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int96: width = 12
    case .byteArray: width = 0
    case .fixedByteArray:
      width = element.byteWidth
      guard width > 0 else { throw failure("it is of fixed length, which is \(width)", name, .unsupported) }
    }
    return ParquetSchema.Leaf(
      index: leaves.count, path: context.path, physical: physical, byteWidth: width,
      type: ParquetLeafType.type(physical, width, element.logical), maxDefinition: context.definition,
      maxRepetition: context.repetition)
  }
}

/// What a physical type with a meaning is as a column.
enum ParquetLeafType {
  /// A meaning that does not go with the physical type is left aside, as other readers do.
  static func type(
    _ physical: ParquetMetadata.Physical, _ width: Int, _ logical: ParquetMetadata.Logical?
  ) -> ColumnType {
    switch (physical, logical) {
    case (_, .unknown): .null
    case (.int32, .integer(let bits, let signed)) where bits <= 32: .integer(bits: bits, signed: signed)
    case (.int64, .integer(64, let signed)): .integer(bits: 64, signed: signed)
    case (.int32, .date): .date
    case (.int32, .time(.millisecond)): .time(.millisecond)
    case (.int64, .time(let unit)): .time(unit)
    case (.int64, .timestamp(let unit, let isUTC)): .timestamp(unit, isUTC: isUTC)
    case (.int32, .decimal(let precision, let scale)), (.int64, .decimal(let precision, let scale)),
      (.fixedByteArray, .decimal(let precision, let scale)), (.byteArray, .decimal(let precision, let scale)):
      .decimal(precision: precision, scale: min(max(scale, -1000), 1000))
    case (.byteArray, .string): .string
    case (.fixedByteArray, .uuid) where width == 16: .uuid
    case (.fixedByteArray, .float16) where width == 2: .float(bits: 16)
    case (.fixedByteArray, .interval) where width == 12: .interval
    case (.boolean, _): .bool
    case (.int32, _): .integer(bits: 32, signed: true)
    case (.int64, _): .integer(bits: 64, signed: true)
    case (.int96, _): .timestamp(.nanosecond, isUTC: false)
    case (.float, _): .float(bits: 32)
    case (.double, _): .float(bits: 64)
    case (.byteArray, _): .bytes
    case (.fixedByteArray, _): .fixedBytes(width)
    }
  }
}
