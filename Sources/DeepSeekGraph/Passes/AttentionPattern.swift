import DeepSeekOperators
import DeepSeekTensor

/// What an attention over `[batch, heads, sequence, width]` tensors was found to be made of.
struct AttentionPattern {
  let queries: Graph.Value
  /// `[batch, heads, width, keys]`, or the keys before they were transposed.
  let keys: (value: Graph.Value, isTransposed: Bool)
  let values: Graph.Value
  let mask: AttentionMask
  let scale: Double

  /// Masks and factors beyond these make no pattern that anybody writes.
  private static let depthLimit = 6

  /// `nil` unless the node is the last product of an attention.
  init?(_ node: Graph.Node, _ context: FusionContext) {
    guard node.operation is MatmulOperator, context.spec(node.outputs[0]).shape.rank == 4,
      let softmax = AttentionPattern.softmax(node.inputs[0], context),
      let scores = Scores(softmax.inputs[0], context, depth: AttentionPattern.depthLimit),
      context.spec(scores.product.outputs[0]).shape == context.spec(softmax.outputs[0]).shape
    else { return nil }
    mask = scores.mask
    let left = Operand(scores.product.inputs[0], context, turns: false)
    let right = Operand(scores.product.inputs[1], context, turns: true)
    scale = scores.scale * left.scale * right.scale
    queries = left.value
    let values = node.inputs[1]
    let shapes = [queries, right.value, values].map { context.spec($0).shape }
    guard shapes.allSatisfy({ $0.rank == 4 }), shapes[1].dimensions.prefix(2) == shapes[2].dimensions.prefix(2),
      shapes[0].dimensions.prefix(2) == shapes[1].dimensions.prefix(2)
    else { return nil }
    // Heads that are shared are read where they are, unless keys and values are shared differently.
    let (alone, paired) = (context.sharedHeads(right.value), context.sharedHeads(values))
    if let alone, let paired,
      context.spec(alone).shape.dimensions.prefix(2) == context.spec(paired).shape.dimensions.prefix(2)
    {
      keys = (alone, !right.isTurned)
      self.values = paired
    } else {
      keys = (right.value, !right.isTurned)
      self.values = values
    }
  }

  /// The softmax that a product multiplies with, behind what turns rows without any key, which are no numbers, to zeros.
  private static func softmax(_ weights: Graph.Value, _ context: FusionContext) -> Graph.Node? {
    guard var node = context.soleProducer(of: weights) else { return nil }
    if node.operation is WhereOperator {
      guard context.uniform(node.inputs[1]) == 0, context.useCount(node.inputs[2]) == 2,
        let test = context.soleProducer(of: node.inputs[0]), test.operation.isEqual(to: UnaryOperator(.isNaN)),
        test.inputs[0] == node.inputs[2], let inner = context.producer(of: node.inputs[2])
      else { return nil }
      node = inner
    }
    return node.operation.isEqual(to: SoftmaxOperator(3)) ? node : nil
  }
}

/// The product of queries and keys within the scores that a softmax is taken of, and what else becomes of it.
private struct Scores {
  let product: Graph.Node
  var scale: Double
  var mask: AttentionMask

  /// `nil` when there is no such product, or something else happens to it.
  init?(_ value: Graph.Value, _ context: FusionContext, depth: Int) {
    guard depth > 0, let node = context.soleProducer(of: value) else { return nil }
    if node.operation is MatmulOperator {
      let shape = context.spec(value).shape
      guard shape.rank == 4 else { return nil }
      product = node
      scale = 1
      mask = AttentionMask(rows: shape.dimension(2), columns: shape.dimension(3))
      return
    }
    if let factors = Factors(of: node, context), factors.values.count == 1 {
      // What is masked before it is multiplied would have its mask multiplied too.
      guard let inner = context.soleProducer(of: factors.values[0]), inner.operation is MatmulOperator,
        let scores = Scores(factors.values[0], context, depth: depth - 1)
      else { return nil }
      self = scores
      scale *= factors.number
    } else if let add = node.operation as? BinaryOperator, add.function == .add {
      guard let (place, scores) = Scores.first(in: 0...1, of: node, context, depth) else { return nil }
      self = scores
      mask.add(node.inputs[1 - place], context)
    } else if node.operation is WhereOperator {
      guard let (place, scores) = Scores.first(in: 1...2, of: node, context, depth),
        let number = context.uniform(node.inputs[3 - place])
      else { return nil }
      self = scores
      let condition = AttentionMask.Condition(value: node.inputs[0], hides: place == 2)
      guard mask.replace(condition, by: number, context) else { return nil }
    } else {
      return nil
    }
  }

  /// The first input that scores are found in.
  private static func first(
    in places: ClosedRange<Int>, of node: Graph.Node, _ context: FusionContext, _ depth: Int
  ) -> (place: Int, scores: Scores)? {
    for place in places {
      if let scores = Scores(node.inputs[place], context, depth: depth - 1) { return (place, scores) }
    }
    return nil
  }
}

/// One side of the product of queries and keys, without factors, and turned back where it was transposed.
private struct Operand {
  var value: Graph.Value
  var scale = 1.0
  var isTurned = false

  init(_ value: Graph.Value, _ context: FusionContext, turns: Bool) {
    self.value = value
    strip(context)
    if turns, let transpose = context.producer(of: self.value),
      (transpose.operation as? TransposeOperator)?.permutation == [0, 1, 3, 2]
    {
      self.value = transpose.inputs[0]
      isTurned = true
      strip(context)
    }
  }

  private mutating func strip(_ context: FusionContext) {
    guard let node = context.soleProducer(of: value), let factors = Factors(of: node, context),
      factors.values.count == 1, context.spec(factors.values[0]) == context.spec(value)
    else { return }
    value = factors.values[0]
    scale *= factors.number
  }
}

extension FusionContext {
  /// `[batch, key heads, sequence, width]` of which each head was written several times over, one copy behind another, to give
  /// as many as there are query heads; `nil` for a value that was not made so.
  fileprivate func sharedHeads(_ value: Graph.Value) -> Graph.Value? {
    guard let joined = producer(of: value), joined.operation is ReshapeOperator,
      let copies = producer(of: joined.inputs[0]), copies.operation is BroadcastOperator,
      let split = producer(of: copies.inputs[0]), split.operation is ReshapeOperator
    else { return nil }
    let (all, apart) = (spec(value).shape, spec(joined.inputs[0]).shape)
    let (single, own) = (spec(copies.inputs[0]).shape, spec(split.inputs[0]).shape)
    guard all.rank == 4, own.rank == 4, apart.rank == 5, single == apart.replacing(2, with: 1),
      own == single.removing(2), let count = apart.dimension(2).known, count > 0,
      own.replacing(1, with: own.dimension(1) * Dimension(count)) == all
    else { return nil }
    return split.inputs[0]
  }
}
