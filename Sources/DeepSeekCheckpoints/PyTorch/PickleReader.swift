/// Reads a pickle as data.
///
/// A pickle is a program for a small stack machine, one of whose instructions calls a function by its name. Here that
/// instruction only notes the name and the arguments, and a name that is not on the list of ``PickleGlobals`` ends the
/// reading with an error that says it. Nothing is looked up and nothing is called.
///
/// Cost: time and memory in proportion to the pickle's bytes, whatever they say.
struct PickleReader {
  var input: ByteReader
  let file: String
  /// The archive's member, for errors.
  let item: String?
  /// Where in the file the bytes begin, for errors.
  let base: Int
  let allowed: PickleGlobals

  var nodes: [PickleTree.Node] = [.none, .bool(true), .bool(false), .tuple(0)]
  var children: [[Int32]] = [[]]
  var globals: [PickleGlobal] = []
  var globalNodes: [PickleGlobal: Int32] = [:]
  var states: [Int32: Int32] = [:]
  var items: [Int32: Int32] = [:]
  var stack: [Int32] = []
  var marks: [Int] = []
  var memo: [Int32] = []
  var sparseMemo: [Int: Int32] = [:]
  /// Where the instruction at hand begins.
  var instruction = 0
  /// How many elements may still be copied from one value into another: an honest pickle copies each once.
  var copies: Int

  static let noneNode: Int32 = 0
  static let trueNode: Int32 = 1
  static let falseNode: Int32 = 2
  static let emptyTupleNode: Int32 = 3

  /// A reader of the pickle that begins at `position`.
  init(
    _ bytes: UnsafeRawBufferPointer, at position: Int = 0, base: Int = 0, file: String, item: String?,
    allowed: PickleGlobals
  ) {
    input = ByteReader(bytes, at: position)
    self.file = file
    self.item = item
    self.base = base
    self.allowed = allowed
    copies = bytes.count - position
  }

  /// Reads up to the pickle's end, which is `end` in the bytes.
  mutating func read() throws -> (tree: PickleTree, end: Int) {
    let start = input.position
    while true {
      instruction = input.position
      guard let byte = input.next(UInt8.self) else {
        throw failure("the pickle ends before its last instruction", .truncated)
      }
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw failure("0x\(String(byte, radix: 16)) is not an instruction of pickles")
      }
      if opcode == .stop { break }
      try execute(opcode)
    }
    let root = try pop()
    let tree = PickleTree(
      nodes: nodes, children: children, globals: globals, states: states, items: items, root: root,
      byteCount: input.position - start)
    return (tree, input.position)
  }

  func failure(_ message: String, _ kind: CheckpointError.Kind = .malformed) -> CheckpointError {
    CheckpointError(
      kind, file: file, item: item, offset: base + instruction, message, advice: CheckpointError.downloadAgain)
  }

  private mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .stop: break
    case .protocol:
      let version = try number(UInt8.self)
      guard version <= PickleOpcode.newestProtocol else {
        throw failure("it is of protocol \(version); 0 to \(PickleOpcode.newestProtocol) are read", .unsupported)
      }
    case .frame: _ = try number(UInt64.self)
    case .mark: marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popMarked()
    case .duplicate: stack.append(try top())
    case .none: stack.append(PickleReader.noneNode)
    case .true: stack.append(PickleReader.trueNode)
    case .false: stack.append(PickleReader.falseNode)
    case .integer1: try push(.integer(Int(number(UInt8.self))))
    case .integer2: try push(.integer(Int(number(UInt16.self))))
    case .integer4: try push(.integer(Int(number(Int32.self))))
    case .long1: try pushLong(Int(number(UInt8.self)))
    case .long4: try pushLong(Int(number(Int32.self)))
    case .float8: try push(.float(Double(bitPattern: number(UInt64.self).byteSwapped)))
    case .integerText, .longText, .floatText, .stringText, .unicodeText, .persistentText, .getText, .putText:
      try executeText(opcode)
    case .string1: try pushString(Int(number(UInt8.self)))
    case .string4: try pushString(Int(number(Int32.self)))
    case .unicode1: try pushUnicode(UInt64(number(UInt8.self)))
    case .unicode4: try pushUnicode(UInt64(number(UInt32.self)))
    case .unicode8: try pushUnicode(number(UInt64.self))
    case .bytes1: try push(.bytes(Array(take(UInt64(number(UInt8.self))))))
    case .bytes4: try push(.bytes(Array(take(UInt64(number(UInt32.self))))))
    case .bytes8, .byteArray8: try push(.bytes(Array(take(number(UInt64.self)))))
    case .persistent: try push(.persistent(pop()))
    case .get1: try get(Int(number(UInt8.self)))
    case .get4: try get(Int(number(UInt32.self)))
    case .put1: try put(Int(number(UInt8.self)))
    case .put4: try put(Int(number(UInt32.self)))
    case .memoize: try put(memo.count + sparseMemo.count)
    case .extension1, .extension2, .extension4:
      throw failure("it refers to a number in Python's extension registry, which only that program knows", .unsupported)
    case .nextBuffer, .readOnlyBuffer:
      throw failure("it refers to a buffer outside the pickle, which files do not hold", .unsupported)
    default: try executeContainer(opcode)
    }
  }

  private mutating func executeContainer(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .emptyTuple: stack.append(PickleReader.emptyTupleNode)
    case .tuple1: try pushTuple(last: 1)
    case .tuple2: try pushTuple(last: 2)
    case .tuple3: try pushTuple(last: 3)
    case .tuple: try push(.tuple(container(popMarked())))
    case .emptyList: try push(.list(container([])))
    case .list: try push(.list(container(popMarked())))
    case .emptyDictionary: try push(.dictionary(container([])))
    case .dictionary: try push(.dictionary(container(pairs(popMarked()))))
    case .emptySet: try push(.set(container([])))
    case .frozenSet: try push(.set(container(popMarked())))
    case .append:
      let value = try pop()
      try add([value], to: top())
    case .appends:
      let values = try popMarked()
      try add(values[...], to: top())
    case .addItems:
      let values = try popMarked()
      guard case .set(let slot) = nodes[Int(try top())] else { throw failure("it adds to what is not a set") }
      children[Int(slot)] += values
    case .setItem:
      let value = try pop()
      let key = try pop()
      try set([key, value], in: top())
    case .setItems:
      let values = try pairs(popMarked())
      try set(values[...], in: top())
    case .global:
      let module = try line()
      try pushGlobal(PickleGlobal(module: module, name: line()))
    case .stackGlobal:
      let name = try pop()
      let module = try pop()
      guard case .string(let nameText) = nodes[Int(name)], case .string(let moduleText) = nodes[Int(module)] else {
        throw failure("it names a function or class by something other than text")
      }
      try pushGlobal(PickleGlobal(module: moduleText, name: nameText))
    case .instance:
      let module = try line()
      let global = PickleGlobal(module: module, name: try line())
      let arguments = try node(.tuple(container(popMarked())))
      try pushGlobal(global)
      try pushObject(pop(), arguments)
    case .object:
      let parts = try popMarked()
      guard let function = parts.first else { throw failure("it makes an object without a class") }
      try pushObject(function, node(.tuple(container(Array(parts.dropFirst())))))
    case .reduce, .newObject:
      let arguments = try pop()
      try pushObject(pop(), arguments)
    case .newObjectWithNames:
      let names = try pop()
      let arguments = try pop()
      try pushObject(pop(), arguments, names: names)
    case .build:
      let state = try pop()
      states[try top()] = state
    default: throw failure("the instruction \(opcode) is not read")
    }
  }
}
