extension PickleReader {
  /// Pushes a function or class by its name, if the name is allowed.
  mutating func pushGlobal(_ global: PickleGlobal) throws {
    if let known = globalNodes[global] { return stack.append(known) }
    guard allowed.contains(global) else {
      throw CheckpointError(
        .refused, file: file, item: global.fullName, offset: base + instruction,
        "it wants to use this function or class, and nothing but tensors and plain values is made from a pickle; "
          + "nothing of it was run",
        advice: PickleGlobals.advice(about: global))
    }
    globals.append(global)
    let known = try node(.global(Int32(globals.count - 1)))
    globalNodes[global] = known
    stack.append(known)
  }

  /// Pushes what a call would have made: a plain value where the function is one of Python's own that makes one, else a
  /// note of the call.
  mutating func pushObject(_ function: Int32, _ arguments: Int32, names: Int32? = nil) throws {
    guard case .global(let index) = nodes[Int(function)] else {
      throw failure("it calls what is neither a function nor a class")
    }
    guard case .tuple(let slot) = nodes[Int(arguments)] else {
      throw failure("it calls '\(globals[Int(index)].fullName)' with arguments that are not a tuple")
    }
    if names == nil, let plain = try plainValue(globals[Int(index)], children[Int(slot)]) {
      return stack.append(plain)
    }
    try push(.object(container([function, arguments] + (names.map { [$0] } ?? []))))
  }

  private mutating func plainValue(_ global: PickleGlobal, _ arguments: [Int32]) throws -> Int32? {
    switch global.fullName {
    case "collections.OrderedDict", "builtins.dict", "__builtin__.dict", "collections.Counter":
      guard let source = arguments.first else { return try node(.dictionary(container([]))) }
      return try dictionary(source)
    case "collections.defaultdict":
      // The first argument is what makes missing values.
      guard arguments.count > 1 else { return try node(.dictionary(container([]))) }
      return try dictionary(arguments[1])
    case "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset":
      guard let source = arguments.first else { return try node(.set(container([]))) }
      // A list that nothing else holds; one that something does is shared, not copied.
      switch nodes[Int(source)] {
      case .list(let slot), .tuple(let slot), .set(let slot): return try node(.set(slot))
      default: return nil
      }
    case "builtins.list", "__builtin__.list":
      return arguments.isEmpty ? try node(.list(container([]))) : nil
    case "torch.Size", "builtins.tuple", "__builtin__.tuple":
      guard let source = arguments.first else { return PickleReader.emptyTupleNode }
      switch nodes[Int(source)] {
      case .tuple: return source
      case .list(let slot): return try node(.tuple(slot))
      default: return nil
      }
    case "builtins.bytearray", "__builtin__.bytearray", "builtins.bytes", "__builtin__.bytes", "_codecs.encode":
      guard let source = arguments.first else { return try node(.bytes([])) }
      switch nodes[Int(source)] {
      case .bytes: return source
      case .string(let text): return try latin1(text).map { try node(.bytes($0)) }
      default: return nil
      }
    default: return nil
    }
  }

  /// A dictionary of another's keys and values, or of a list of pairs.
  private mutating func dictionary(_ source: Int32) throws -> Int32? {
    switch nodes[Int(source)] {
    case .dictionary(let slot): return try node(.dictionary(slot))
    case .list(let slot), .tuple(let slot):
      try spend(children[Int(slot)].count)
      var pairs: [Int32] = []
      for element in children[Int(slot)] {
        switch nodes[Int(element)] {
        case .list(let slot) where children[Int(slot)].count == 2: pairs += children[Int(slot)]
        case .tuple(let slot) where children[Int(slot)].count == 2: pairs += children[Int(slot)]
        default: throw failure("a dictionary is made of what are not pairs of keys and values")
        }
      }
      return try node(.dictionary(container(pairs)))
    default: return nil
    }
  }

  /// The bytes that protocol 2 writes as characters below 256; `nil` when one is not.
  private mutating func latin1(_ text: String) throws -> [UInt8]? {
    try spend(text.utf8.count)
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard scalar.value < 256 else { return nil }
      result.append(UInt8(scalar.value))
    }
    return result
  }

  private mutating func spend(_ count: Int) throws {
    copies -= count
    guard copies >= 0 else { throw failure("it copies one value over and over") }
  }
}
