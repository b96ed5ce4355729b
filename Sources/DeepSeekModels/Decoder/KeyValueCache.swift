import DeepSeekOperators
import DeepSeekTensor

/// The keys and values of the positions that a decoder has seen, so that a new token costs one position's work.
///
/// Memory for `capacity` positions is made at once for each layer when it is first written; beyond it, it doubles. A step
/// writes its own rows and copies nothing else.
public final class KeyValueCache {
  private struct Layer {
    /// `[batch, heads, capacity, width]`.
    var keys: Tensor
    var values: Tensor
    var length: Int
  }

  private var layers: [Layer?]
  private let capacity: Int

  /// An empty cache for a decoder of so many layers.
  public init(layerCount: Int, capacity: Int = 256) {
    layers = Array(repeating: nil, count: layerCount)
    self.capacity = Swift.max(capacity, 1)
  }

  /// How many positions have been seen.
  public var length: Int { layers.first.flatMap { $0?.length } ?? 0 }

  /// Notes the new positions' keys and values of a layer, `[batch, heads, positions, width]`, and answers those of all
  /// positions so far, as views: they must be gone before the next step, which would copy otherwise.
  func append(layer index: Int, keys: Tensor, values: Tensor) -> (keys: Tensor, values: Tensor) {
    let count = keys.shape[2]
    var layer = layers[index] ?? Layer(keys: room(for: keys, count), values: room(for: values, count), length: 0)
    layers[index] = nil
    let end = layer.length + count
    if end > layer.keys.shape[2] {
      layer.keys = grown(layer.keys, layer.length, to: end)
      layer.values = grown(layer.values, layer.length, to: end)
    }
    write(keys, to: &layer.keys, at: layer.length)
    write(values, to: &layer.values, at: layer.length)
    layer.length = end
    layers[index] = layer
    return (rows(layer.keys, 0..<end), rows(layer.values, 0..<end))
  }

  /// Keeps these rows of the batch, in this order; one may occur several times.
  public func select(rows: [Int]) {
    let index = Tensor([rows.count], rows.map { Int64($0) })
    for position in layers.indices {
      guard let layer = layers[position] else { continue }
      layers[position] = Layer(
        keys: layer.keys.indexSelect(axis: 0, index), values: layer.values.indexSelect(axis: 0, index),
        length: layer.length)
    }
  }

  private func room(for rows: Tensor, _ count: Int) -> Tensor {
    let shape = rows.shape
    return Tensor(uninitialized: rows.dtype, [shape[0], shape[1], Swift.max(capacity, count), shape[3]])
  }

  private func grown(_ stored: Tensor, _ length: Int, to end: Int) -> Tensor {
    let shape = stored.shape
    let result = Tensor(
      uninitialized: stored.dtype, [shape[0], shape[1], Swift.max(end, 2 * shape[2]), shape[3]])
    rows(stored, 0..<length).copyElements(to: rows(result, 0..<length))
    return result
  }

  private func write(_ rows: Tensor, to stored: inout Tensor, at start: Int) {
    // Somebody who still holds an earlier step's view must not see this one's rows.
    if !stored.ownsStorage() {
      let copy = Tensor(uninitialized: stored.dtype, stored.shape)
      stored.copyElements(to: copy)
      stored = copy
    }
    rows.copyElements(to: self.rows(stored, start..<start + rows.shape[2]))
  }

  private func rows(_ stored: Tensor, _ range: Range<Int>) -> Tensor {
    stored.viewed(stored.layout.sliced(axis: 2, start: range.lowerBound, count: range.count, step: 1))
  }
}
