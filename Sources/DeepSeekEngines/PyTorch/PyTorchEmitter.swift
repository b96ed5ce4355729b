import DeepSeekTensor
import Foundation

/// Calls PyTorch's operators.
struct PyTorchEmitter: EngineEmitter {
  typealias Value = PyTorchTensor

  /// An argument as the operator's schema has it. What the schema marks with `?` is an optional one.
  indirect enum Argument {
    case tensor(PyTorchTensor)
    case tensors([PyTorchTensor])
    case integer(Int)
    case integers([Int])
    case double(Double)
    case bool(Bool)
    case bools([Bool])
    case string(String)
    case type(DType)
    case none
    case some(Argument)
  }

  let library: PyTorchLibrary

  /// Calls an operator, `name.overload`, of the namespace `aten`; returns its results.
  func call(_ operation: String, _ arguments: [Argument], results: Int = 1) throws -> [PyTorchTensor] {
    let parts = operation.split(separator: ".", maxSplits: 1)
    var words: [PyTorchLibrary.Word] = []
    words.reserveCapacity(max(arguments.count, results))
    for argument in arguments { words.append(try word(argument, operation)) }
    while words.count < results { words.append(0) }
    let status = library.callDispatcher(
      "aten::\(parts[0])", parts.count > 1 ? String(parts[1]) : "", &words, library.abi)
    try library.check(status, operation)
    return try words.prefix(results).map { word in
      guard let handle = OpaquePointer(bitPattern: UInt(word)) else {
        throw library.failure(operation, "a result did not come back")
      }
      return PyTorchTensor(handle, library)
    }
  }

  /// Calls an operator of one result.
  func one(_ operation: String, _ arguments: Argument...) throws -> PyTorchTensor { try call(operation, arguments)[0] }

  private func word(_ argument: Argument, _ operation: String) throws -> PyTorchLibrary.Word {
    switch argument {
    case .tensor(let tensor):
      // The operator takes over a handle of its own.
      var handle: OpaquePointer?
      try library.check(library.newHandle(tensor.handle, &handle), operation)
      return PyTorchLibrary.Word(UInt(bitPattern: handle))
    case .tensors(let tensors): return try list(tensors.map { .tensor($0) }, operation)
    case .integer(let number): return PyTorchLibrary.Word(bitPattern: Int64(number))
    case .integers(let numbers): return try list(numbers.map { .integer($0) }, operation)
    case .double(let number): return number.bitPattern
    case .bool(let flag): return flag ? 1 : 0
    case .bools(let flags): return try list(flags.map { .bool($0) }, operation)
    case .string(let text):
      var string: OpaquePointer?
      try library.check(library.newString(text, text.utf8.count, &string), operation)
      return PyTorchLibrary.Word(UInt(bitPattern: string))
    case .type(let dtype): return PyTorchLibrary.Word(UInt32(bitPattern: try library.code(dtype)))
    case .none: return 0
    case .some(let argument): return try boxed(try word(argument, operation), operation)
    }
  }

  private func list(_ elements: [Argument], _ operation: String) throws -> PyTorchLibrary.Word {
    var list: OpaquePointer?
    try library.check(library.newList(elements.count, &list), operation)
    guard let list else { throw library.failure(operation, "no memory for a list") }
    for element in elements { try library.check(library.append(list, try word(element, operation)), operation) }
    return PyTorchLibrary.Word(UInt(bitPattern: list))
  }

  /// An optional that is there: a pointer to the word, which the operator frees.
  private func boxed(_ word: PyTorchLibrary.Word, _ operation: String) throws -> PyTorchLibrary.Word {
    var box: UnsafeMutablePointer<PyTorchLibrary.Word>?
    if let newWord = library.newWord {
      try library.check(newWord(&box), operation)
    } else {
      // Before 2.13 the interface freed what C++'s `new` gave, which is malloc's.
      box = malloc(MemoryLayout<PyTorchLibrary.Word>.size)?.assumingMemoryBound(to: PyTorchLibrary.Word.self)
    }
    guard let box else { throw library.failure(operation, "no memory for an argument") }
    box.pointee = word
    return PyTorchLibrary.Word(UInt(bitPattern: box))
  }
}
