package import DeepSeekTensor

/// How packed weights lie, by the name that stands in files.
///
/// Whoever reads a file learns from the name whether its weights can be read where they lie; another name than those here is
/// refused, with the advice to make the file anew from the model.
public enum PackedLayout: String, Sendable, Hashable, Codable {
  /// Panels of 32 columns, zeros behind the last; in each panel, step by step along the inputs, a word for each column: one
  /// `float32`, two `bfloat16`, four 8-bit or eight 4-bit values. The kernels of every instruction set read it, so that a file
  /// written on one processor is read in place on any other.
  case columns32

  /// Columns of a panel.
  static let panelWidth = 32

  /// Reads the name. Throws `DecodingError` for one that is not known.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let layout = PackedLayout(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription:
          "its weights are packed as '\(name)', which no kernel here reads; '\(PackedLayout.columns32.rawValue)' "
          + "is expected: compile the model again with this version")
    }
    self = layout
  }

  /// How many panels hold so many columns.
  static func panelCount(_ columns: Int) -> Int { (columns + panelWidth - 1) / panelWidth }

  /// Panels `[panels · steps, 32 · elements]` as rows of the weight, `[outputs, steps · elements]`, where a word holds so many
  /// elements.
  static func rows(of part: Tensor, outputs: Int, elements: Int = 1) -> Tensor {
    let (panels, width) = (Dimension(panelCount(outputs)), Dimension(panelWidth))
    let steps = part.dimension(0) / panels
    let columns = part.reshaped([panels, steps, width, Dimension(elements)]).swappedAxes(1, 2)
    return columns.reshaped([panels * width, steps * Dimension(elements)]).sliced(0, 0..<outputs)
  }
}

/// A product with a weight among its inputs.
package protocol WeightOperator: Operator {
  /// Which inputs are the weight, in one part or several.
  var weightInputs: Range<Int> { get }
}

/// A product whose weight may be laid out beforehand.
package protocol PackableOperator: WeightOperator {
  /// The product that reads the weight packed, and the packed weight; `nil` where packing gains nothing.
  func packed(_ weight: [Tensor]) -> (operation: any PackedOperator, weight: [Tensor])?
}

/// A product whose weight lies packed: kernels read it in place when it lies at a multiple of 64 bytes.
package protocol PackedOperator: WeightOperator {}
