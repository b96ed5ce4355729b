import DeepSeekOperators
import DeepSeekTensor

/// A node of another framework's graph with what it reads: what the rows of the operator tables see, whatever the format.
protocol ImportedNode {
  /// Where our operators go.
  var assembler: GraphAssembler { get }
  /// An input. Throws ``ImportFailure`` when it is missing.
  func value(_ index: Int) throws -> ImportedValue
  /// The elements of the first output as they follow from the lengths that the inputs hold; `nil` where they do not.
  func derivedElements() throws -> [Length]?
}

/// What goes wrong in a row; the importer adds file and node.
struct ImportFailure: Error {
  let kind: InterchangeError.Kind
  let message: String
  var advice = ""
}

extension ImportedNode {
  /// Something that the row does not do.
  func unsupported(_ message: String, advice: String = "") -> ImportFailure {
    ImportFailure(kind: .unsupported, message: message, advice: advice)
  }

  /// Something that contradicts itself.
  func invalid(_ message: String) -> ImportFailure { ImportFailure(kind: .invalidNode, message: message) }

  /// An input's tensor.
  func tensor(_ index: Int) throws -> Tensor { try value(index).tensor }

  /// The elements of an input that is a shape or a part of one.
  func lengths(_ index: Int) throws -> [Length] {
    let spec = try tensor(index).spec
    if let lengths = try value(index).knownLengths { return lengths }
    throw unsupported(
      "input \(index), \(spec), depends on values that are known only when the graph runs",
      advice: "give the placeholders fixed shapes")
  }

  /// The elements of an input that must be numbers.
  func integers(_ index: Int) throws -> [Int] {
    try lengths(index).map { length in
      guard let number = length.number else {
        throw unsupported(
          "input \(index) depends on the length '\(length)', which is known only when the graph runs",
          advice: "give the placeholders fixed shapes")
      }
      return number
    }
  }

  /// The one element of an input that must be a number.
  func integer(_ index: Int) throws -> Int {
    let numbers = try integers(index)
    guard numbers.count == 1 else { throw invalid("input \(index) has \(numbers.count) elements, one is expected") }
    return numbers[0]
  }

  /// The one element of a constant input.
  func number(_ index: Int) throws -> Double {
    let tensor = try tensor(index)
    guard tensor.graphValue == nil else {
      throw unsupported("input \(index), \(tensor.spec), must be a constant")
    }
    guard tensor.elementCount == 1, tensor.dtype.isArithmetic else {
      throw invalid("input \(index), \(tensor.spec); one number is expected")
    }
    return tensor.item(as: Double.self)
  }

  /// `axis`, which may count from the end, as an axis of a rank.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let index = axis < 0 && axis > .min / 2 ? axis + rank : axis
    guard index >= 0, index < rank else { throw invalid("axis \(axis) is outside rank \(rank)") }
    return index
  }

  /// The axis that an input names.
  func axis(input: Int, rank: Int) throws -> Int { try axis(try integer(input), rank: rank) }
}
