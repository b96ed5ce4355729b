public import DeepSeekTensor
public import DeepSeekTokenizers

/// Texts of any lengths one behind another, without padding, so that no work is spent on it.
public struct PackedTokens: Sendable {
  /// The inputs of a program for packed texts, in their order.
  public static let inputNames = ["input_ids", "position_ids", "token_type_ids", "offsets"]

  /// Token ids `[tokens]`, `int64`.
  public let ids: Tensor
  /// Each token's place in its text as the model counts it, `[tokens]`, `int64`.
  public let positions: Tensor
  /// Segments `[tokens]`, `int64`.
  public let typeIDs: Tensor
  /// Where each text begins, and where the last one ends: `[texts + 1]`, `int32`.
  public let offsets: Tensor

  /// Of these tensors, which may be places of a graph.
  public init(ids: Tensor, positions: Tensor, typeIDs: Tensor, offsets: Tensor) {
    self.ids = ids
    self.positions = positions
    self.typeIDs = typeIDs
    self.offsets = offsets
  }

  /// Encodings, which are not padded, for a model of this configuration.
  public init(_ encodings: [Encoding], for configuration: BertConfiguration) {
    self.init(ids: encodings.map(\.ids), typeIDs: encodings.map(\.typeIDs), for: configuration)
  }

  /// The ids of some texts, and their segments, zero where left out, for a model of this configuration. Traps when texts and
  /// segments differ in length.
  public init(ids texts: [[Int]], typeIDs segments: [[Int]]? = nil, for configuration: BertConfiguration) {
    let segments = segments ?? texts.map { Array(repeating: 0, count: $0.count) }
    guard segments.map(\.count) == texts.map(\.count) else {
      fatalError("PackedTokens: \(texts.map(\.count)) ids, but \(segments.map(\.count)) segments")
    }
    var offsets: [Int32] = [0]
    for text in texts { offsets.append(offsets[offsets.count - 1] + Int32(text.count)) }
    let shape: Shape = [Int(offsets[offsets.count - 1])]
    self.init(
      ids: Tensor(shape, texts.flatMap { $0 }.map { Int64($0) }),
      positions: Tensor(shape, texts.flatMap { configuration.positions(of: $0) }),
      typeIDs: Tensor(shape, segments.flatMap { $0 }.map { Int64($0) }), offsets: Tensor([offsets.count], offsets))
  }
}

extension BertConfiguration {
  /// The rows of the table of positions that the tokens of a text take.
  func positions(of ids: [Int]) -> [Int64] {
    guard family.skipsPadding else { return ids.indices.map { Int64($0) } }
    var count = 0
    return ids.map { id in
      if id == padTokenID { return Int64(padTokenID) }
      count += 1
      return Int64(padTokenID + count)
    }
  }
}
