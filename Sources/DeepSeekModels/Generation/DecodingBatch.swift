import DeepSeekTensor
import DeepSeekOperators

/// Texts that are continued side by side: short ones are padded on the left, so that all end in one column.
struct DecodingBatch {
  private let model: any CausalLanguageModel
  /// The tokens of each text.
  private(set) var rows: [[Int]]
  /// How much padding stands before each.
  private var padding: [Int]
  private var cache: KeyValueCache?

  init(_ model: any CausalLanguageModel, _ prompts: [[Int]], newTokens: Int, usesCache: Bool) {
    self.model = model
    rows = prompts
    let width = prompts.map(\.count).max() ?? 0
    padding = prompts.map { width - $0.count }
    cache = usesCache ? KeyValueCache(layerCount: model.layerCount, capacity: width + newTokens) : nil
  }

  /// Logits `[texts, vocabulary]` of each text's next token. Computes what the cache does not hold yet.
  func logits() -> Tensor {
    let width = padding[0] + rows[0].count
    let columns = (cache?.length ?? 0)..<width
    let count = rows.count
    let pad = Int64(model.configuration.padTokenID)
    var ids: [Int64] = []
    ids.reserveCapacity(count * columns.count)
    for (row, skipped) in zip(rows, padding) {
      for column in columns { ids.append(column < skipped ? pad : Int64(row[column - skipped])) }
    }
    var mask: Tensor?
    var positions: Tensor?
    if padding.contains(where: { $0 > 0 }) {
      mask = Tensor([count, width], padding.flatMap { skipped in (0..<width).map { $0 >= skipped } })
      positions = Tensor(
        [count, columns.count], padding.flatMap { skipped in columns.map { Int64(Swift.max($0 - skipped, 0)) } })
    }
    return noGradient {
      let states = model.hiddenStates(
        Tensor([count, columns.count], ids), attentionMask: mask, positions: positions, cache: cache)
      return model.logits(states.selected(1, columns.count - 1))
    }
  }

  /// Adds a token to each text.
  mutating func append(_ tokens: [Int]) {
    for (row, token) in tokens.enumerated() { rows[row].append(token) }
  }

  /// Keeps these texts, in this order; one may occur several times.
  mutating func keep(_ indices: [Int]) {
    if indices == Array(rows.indices) { return }
    rows = indices.map { rows[$0] }
    padding = indices.map { padding[$0] }
    if !indices.isEmpty { cache?.select(rows: indices) }
  }
}
