import DeepSeekCheckpoints
import DeepSeekData
public import DeepSeekTensor
public import DeepSeekTokenizers

/// Texts as tokens, one after another, cut into blocks of one length: what a language model learns from.
///
/// What is left over at the end is dropped.
public struct TokenBlocks: Sendable {
  /// Tokens in a block.
  public let length: Int
  /// How many blocks there are.
  public let count: Int
  private let ids: [Int32]

  /// The tokens of documents, each with `separator` behind it if one is given.
  ///
  /// Throws ``TrainingError`` when they do not fill one block, `TokenizerError` when a text cannot be encoded.
  public init(_ documents: [String], _ tokenizer: Tokenizer, length: Int, separator: Int? = nil) throws {
    guard length > 1 else {
      throw TrainingError("blocks of \(length) tokens; at least 2 are needed to learn the next one")
    }
    var tokenizer = tokenizer
    tokenizer.truncation = nil
    tokenizer.padding = nil
    var ids: [Int32] = []
    for document in documents {
      for id in try tokenizer.encode(document).ids { ids.append(Int32(id)) }
      if let separator { ids.append(Int32(separator)) }
    }
    count = ids.count / length
    guard count > 0 else {
      throw TrainingError(
        "the texts are \(ids.count) tokens, not one block of \(length); give more text or shorter blocks")
    }
    self.length = length
    self.ids = ids
  }

  /// Some of the blocks, `int64` `[batch, length]`.
  public func batch(_ indices: [Int]) -> Tensor {
    var chosen: [Int64] = []
    chosen.reserveCapacity(indices.count * length)
    for index in indices {
      for id in ids[index * length..<(index + 1) * length] { chosen.append(Int64(id)) }
    }
    return Tensor([indices.count, length], chosen)
  }

  /// The largest text file that is read whole, in bytes.
  private static let largestText = 1 << 30

  /// The documents in a file: of a table (`.jsonl`, `.parquet`, `.csv`, …) the column `text`, of any other file all of it.
  ///
  /// Throws `DataError`, `CheckpointError` or ``TrainingError``, which names the file.
  public static func documents(contentsOf path: String) throws -> [String] {
    if let format = DataFormat(path: path), format != .text {
      var texts: [String] = []
      try loadData(path, columns: ["text"]).forEach { texts.append(try $0.string("text")) }
      return texts
    }
    let file = try MappedFile(path: path)
    guard file.byteCount <= largestText else {
      throw TrainingError(
        "\(path): \(file.byteCount) bytes of text; files beyond \(largestText) are read as .jsonl or .parquet")
    }
    guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw TrainingError("\(path): not UTF-8 text")
    }
    return [text]
  }
}
