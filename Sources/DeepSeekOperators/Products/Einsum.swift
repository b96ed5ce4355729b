public import DeepSeekTensor

extension Tensor {
  /// A sum of products named by its axes (Einstein's convention): `einsum("bij,bjk->bik", a, b)`.
  ///
  /// Every label that is not in the result is summed over; a label twice in one term takes a diagonal; `...` stands for axes
  /// that broadcast. Without `->` the result has the labels that occur once, in alphabetical order, as in NumPy. Operands
  /// promote. Computed as products of matrices, two operands at a time, those first whose product is smallest.
  public static func einsum(
    _ equation: String, _ operands: Tensor..., file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    einsum(equation, operands, file: file, line: line)
  }

  /// As above, for a list of operands.
  public static func einsum(
    _ equation: String, _ operands: [Tensor], file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    do {
      return try checkedEinsum(equation, operands)
    } catch {
      fatalError("\(error)", file: file, line: line)
    }
  }

  /// As above, but throws `OperatorError` when the equation or the operands' shapes do not fit: for equations from files.
  public static func checkedEinsum(_ equation: String, _ operands: [Tensor]) throws -> Tensor {
    guard let first = operands.first else { throw OperatorError("einsum", "no operands") }
    let parsed = try EinsumEquation(equation, ranks: operands.map(\.rank))
    var common = first.dtype
    for operand in operands {
      guard let wider = DType.promote(common, operand.dtype) else {
        throw OperatorError("einsum", "\(common) and \(operand.dtype) have no common type; cast one")
      }
      common = wider
    }
    let terms = try zip(operands, parsed.operands).map { try LabelledTensor($0.cast(to: common), $1) }
    var contraction = try Contraction(terms, result: parsed.result)
    return contraction.run()
  }
}

/// A tensor whose axes have names.
private struct LabelledTensor {
  var tensor: Tensor
  var labels: [Int]

  /// With axes of one label joined to their diagonal.
  init(_ tensor: Tensor, _ labels: [Int]) throws {
    self.tensor = tensor
    self.labels = labels
    while let (first, second) = twins {
      guard self.tensor.dimension(first) == self.tensor.dimension(second) else {
        throw OperatorError(
          "einsum",
          "label '\(EinsumEquation.name(self.labels[first]))' has lengths \(self.tensor.dimension(first)) and "
            + "\(self.tensor.dimension(second)) in \(tensor.shape)")
      }
      let label = self.labels[first]
      self.tensor = self.tensor.diagonal(axes: (first, second))
      self.labels.remove(at: second)
      self.labels.remove(at: first)
      self.labels.append(label)
    }
  }

  private var twins: (Int, Int)? {
    for first in labels.indices {
      if let second = labels.indices.first(where: { $0 > first && labels[$0] == labels[first] }) {
        return (first, second)
      }
    }
    return nil
  }

  func length(_ label: Int) -> Dimension { labels.firstIndex(of: label).map { tensor.dimension($0) } ?? 1 }

  /// Summed over the labels that nobody needs any more.
  func summed(keeping needed: Set<Int>) -> LabelledTensor {
    let axes = labels.indices.filter { !needed.contains(labels[$0]) }
    if axes.isEmpty { return self }
    var result = self
    // Integers sum to int64; the result's type stays the operands'.
    result.tensor = tensor.sum(axes: Array(axes)).cast(to: tensor.dtype)
    result.labels = labels.filter { needed.contains($0) }
    return result
  }

  /// The axes in the order of some labels, each group joined to one; a label not there counts as length 1.
  func grouped(_ groups: [[(label: Int, length: Dimension)]]) -> Tensor {
    let order = groups.joined().compactMap { labels.firstIndex(of: $0.label) }
    var arranged = order == Array(0..<tensor.rank) ? tensor : tensor.transposed(order)
    let all = groups.joined()
    arranged = arranged.reshaped(Shape(all.map { labels.contains($0.label) ? length($0.label) : 1 }))
    arranged = arranged.broadcast(to: Shape(all.map(\.length)))
    return arranged.reshaped(Shape(groups.map { $0.reduce(Dimension(1)) { $0 * $1.length } }))
  }
}

/// The operands of a sum of products, joined two at a time.
private struct Contraction {
  private var terms: [LabelledTensor]
  private let result: [Int]
  private var lengths: [Int: Dimension] = [:]

  init(_ terms: [LabelledTensor], result: [Int]) throws {
    self.terms = terms
    self.result = result
    for term in terms {
      for (axis, label) in term.labels.enumerated() {
        let length = term.tensor.dimension(axis)
        let known = lengths[label] ?? 1
        // Only the axes of an ellipsis stretch.
        guard known == length || lengths[label] == nil || (label < 0 && (known == 1 || length == 1)) else {
          throw OperatorError(
            "einsum", "label '\(EinsumEquation.name(label))' has lengths \(known) and \(length) in different operands")
        }
        lengths[label] = known == 1 ? length : known
      }
    }
  }

  mutating func run() -> Tensor {
    while terms.count > 1 {
      let (first, second) = cheapestPair()
      let right = terms.remove(at: second)
      let left = terms.remove(at: first)
      let needed = Set(terms.flatMap(\.labels) + result)
      terms.append(product(left, right, needed))
    }
    let last = terms[0].summed(keeping: Set(result))
    return last.tensor.transposed(result.map { last.labels.firstIndex(of: $0)! })
  }

  /// The pair whose product has the fewest elements; the first of equals, and where lengths are symbols the first of all.
  private func cheapestPair() -> (Int, Int) {
    var best = (0, 1)
    var fewest = Int.max
    for first in terms.indices {
      for second in terms.indices where second > first {
        let others = terms.indices.filter { $0 != first && $0 != second }
        let needed = Set(others.flatMap { terms[$0].labels } + result)
        let labels = Set(terms[first].labels + terms[second].labels).intersection(needed)
        let size = labels.reduce(Dimension(1)) { $0 * lengths[$1]! }.known ?? Int.max
        if size < fewest { (best, fewest) = ((first, second), size) }
      }
    }
    return best
  }

  /// One product of matrices: labels in both that stay are its batch, labels in both that go are its inner axis.
  private func product(_ a: LabelledTensor, _ b: LabelledTensor, _ needed: Set<Int>) -> LabelledTensor {
    let left = a.summed(keeping: needed.union(b.labels))
    let right = b.summed(keeping: needed.union(a.labels))
    func named(_ labels: [Int]) -> [(label: Int, length: Dimension)] { labels.map { ($0, lengths[$0]!) } }
    let shared = left.labels.filter { right.labels.contains($0) }
    let batch = named(shared.filter { needed.contains($0) })
    let inner = named(shared.filter { !needed.contains($0) })
    let rows = named(left.labels.filter { !right.labels.contains($0) })
    let columns = named(right.labels.filter { !left.labels.contains($0) })
    let matrices: Tensor
    if inner.isEmpty {
      matrices = left.grouped([batch, rows, []]) * right.grouped([batch, [], columns])
    } else {
      matrices = left.grouped([batch, rows, inner]).matmul(right.grouped([batch, inner, columns]))
    }
    var joined = left
    joined.labels = (batch + rows + columns).map(\.label)
    joined.tensor = matrices.reshaped(Shape((batch + rows + columns).map(\.length)))
    return joined
  }
}
