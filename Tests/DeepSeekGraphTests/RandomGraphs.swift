import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport

/// A random program over matrices of one size: elementwise operators, views, products, reductions, constants, in any
/// order, with several outputs, among them views and values used twice.
struct RandomProgram {
  static let size = 4
  let seed: UInt64
  let length: Int

  func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
    var choices = SplitMix(seed)
    var pool = inputs
    for step in 0..<length { pool.append(RandomProgram.step(&choices, pool, step)) }
    let count = 1 + choices.below(4)
    return (0..<count).map { _ in pool[choices.below(pool.count)] } + [pool[pool.count - 1]]
  }

  private static func step(_ choices: inout SplitMix, _ pool: [Tensor], _ step: Int) -> Tensor {
    // Late values are likelier, so that chains grow and earlier values die.
    func pick(_ choices: inout SplitMix) -> Tensor {
      pool[max(choices.below(pool.count), choices.below(pool.count))]
    }
    let (a, b) = (pick(&choices), pick(&choices))
    switch choices.below(16) {
    case 0: return a + b
    case 1: return a * b
    case 2: return a - b
    case 3: return a.tanh()
    case 4: return a.sigmoid()
    case 5: return a.transposed()
    case 6: return a.matmul(b).tanh()
    case 7: return a.sliced(0, 0..<1).broadcast(to: a.shape)
    case 8: return a.reshaped(2, -1).reshaped(a.shape)
    case 9: return a + b.sum(axis: 0)
    case 10: return a * 1.0 - Tensor.zeros([], dtype: a.dtype)
    case 11: return Tensor.select(a.greater(than: b), a, b)
    case 12: return (a + pattern([size, size], Double(step % 3))).tanh()
    case 13: return a.transposed().transposed() * b
    case 14: return Tensor.ones([size, size]).exp() * a
    default: return -a
    }
  }
}
