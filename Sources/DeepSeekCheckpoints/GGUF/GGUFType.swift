import DeepSeekTensor

/// An element type of GGUF files, as a row of a table.
struct GGUFType: Sendable {
  /// Its number in the format: ggml's `ggml_type`.
  let code: UInt32
  /// As the format's own programs print it: `Q4_K`.
  let name: String
  /// Elements of a block.
  let elements: Int
  /// Bytes of a block.
  let bytes: Int
  /// The type of tensors with the same bits; `nil` for a type in blocks.
  let plain: DType?
  /// What writes the elements of a block; `nil` for a plain type, and for one that is not read.
  let kernel: GGUFBlocks.Kernel?

  private init(_ code: UInt32, _ name: String, _ plain: DType) {
    (self.code, self.name, self.plain) = (code, name, plain)
    (elements, bytes, kernel) = (1, plain.byteCount, nil)
  }

  private init(_ code: UInt32, _ name: String, _ elements: Int, _ bytes: Int, _ kernel: GGUFBlocks.Kernel? = nil) {
    (self.code, self.name, self.elements, self.bytes, self.kernel) = (code, name, elements, bytes, kernel)
    plain = nil
  }

  /// The type of a number; `nil` when there is none.
  static func of(code: UInt32) -> GGUFType? { table[code] }

  /// The names of the types that are read, for advice.
  static let readNames = rows.filter { $0.plain != nil || $0.kernel != nil }.map(\.name).joined(separator: ", ")

  private static let table = Dictionary(uniqueKeysWithValues: rows.map { ($0.code, $0) })

  private static let rows = [
    GGUFType(0, "F32", .float32), GGUFType(1, "F16", .float16), GGUFType(30, "BF16", .bfloat16),
    GGUFType(28, "F64", .float64), GGUFType(24, "I8", .int8), GGUFType(25, "I16", .int16),
    GGUFType(26, "I32", .int32), GGUFType(27, "I64", .int64),
    GGUFType(2, "Q4_0", 32, 18, GGUFBlocks.fourBit), GGUFType(3, "Q4_1", 32, 20, GGUFBlocks.fourBitWithLowest),
    GGUFType(6, "Q5_0", 32, 22, GGUFBlocks.fiveBit), GGUFType(7, "Q5_1", 32, 24, GGUFBlocks.fiveBitWithLowest),
    GGUFType(8, "Q8_0", 32, 34, GGUFBlocks.eightBit),
    GGUFType(10, "Q2_K", 256, 84, GGUFBlocks.twoBitGroups), GGUFType(11, "Q3_K", 256, 110, GGUFBlocks.threeBitGroups),
    GGUFType(12, "Q4_K", 256, 144, GGUFBlocks.fourBitGroups), GGUFType(13, "Q5_K", 256, 176, GGUFBlocks.fiveBitGroups),
    GGUFType(14, "Q6_K", 256, 210, GGUFBlocks.sixBitGroups),
    // Listed, not read.
    GGUFType(9, "Q8_1", 32, 40), GGUFType(15, "Q8_K", 256, 292), GGUFType(16, "IQ2_XXS", 256, 66),
    GGUFType(17, "IQ2_XS", 256, 74), GGUFType(18, "IQ3_XXS", 256, 98), GGUFType(19, "IQ1_S", 256, 50),
    GGUFType(20, "IQ4_NL", 32, 18), GGUFType(21, "IQ3_S", 256, 110), GGUFType(22, "IQ2_S", 256, 82),
    GGUFType(23, "IQ4_XS", 256, 136), GGUFType(29, "IQ1_M", 256, 56), GGUFType(34, "TQ1_0", 256, 54),
    GGUFType(35, "TQ2_0", 256, 66), GGUFType(39, "MXFP4", 32, 17), GGUFType(40, "NVFP4", 64, 36),
    GGUFType(41, "Q1_0", 128, 18),
  ]
}
