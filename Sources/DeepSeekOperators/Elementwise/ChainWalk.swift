import CDeepSeekKernels
import DeepSeekTensor
import Synchronization

/// One run of an ``ElementwiseChainOperator``, block by block: some rows of the output, or a part of one long row.
final class ChainWalk: @unchecked Sendable {
  /// Elements of a block: a few blocks of `float32` fit a first-level cache.
  private static let blockLength = 2048

  /// How an input lies beside the output: as large, each row so many elements behind the one before; one row for all rows; or
  /// one number.
  private enum Extent {
    case whole(stride: Int)
    case row, number
  }

  private struct Block {
    let start, rows, length: Int
  }

  private let chain: ElementwiseChainOperator
  private let inputs: [Tensor]
  private let extents: [Extent]
  private let output: Tensor
  private let width: Int
  private let dtype: Int32
  private let rowLength: Int
  private let rowCount: Int
  private let rowsPerBlock: Int
  private let partsPerRow: Int
  /// The piece of scratch memory that each step writes; the last one writes the output.
  private let places: [Int]
  private let scratchCount: Int
  private let status = Atomic<UInt32>(DS_OK.rawValue)

  init(_ chain: ElementwiseChainOperator, _ inputs: [Tensor], _ output: Tensor) {
    self.chain = chain
    self.output = output
    let count = output.elementCount
    var rows = ElementwiseChainOperator.rows(inputs.map(\.shape), of: output.shape)!.elementCount
    let gapped = inputs.map { $0.elementCount == count ? ChainWalk.gappedRows($0) : nil }
    // Rows with gaps are read where they lie when all that have some, and those that serve all rows, have one length.
    let lengths = Set(gapped.compactMap { $0?.length } + (rows == count ? [] : [rows]))
    let readsGaps = lengths.count == 1 && gapped.contains { $0 != nil }
    if readsGaps { rows = lengths.first! }
    self.inputs = zip(inputs, gapped).map { readsGaps && $1 != nil ? $0 : $0.contiguous() }
    extents = zip(inputs, gapped).map { input, gaps in
      if input.elementCount == count { return .whole(stride: readsGaps ? gaps?.stride ?? rows : rows) }
      return input.elementCount == 1 ? .number : .row
    }
    width = output.dtype.byteCount
    dtype = output.kernelView.dtype
    rowLength = rows
    rowCount = count / rows
    rowsPerBlock = Swift.max(ChainWalk.blockLength / rows, 1)
    partsPerRow = rows > ChainWalk.blockLength ? (rows + ChainWalk.blockLength - 1) / ChainWalk.blockLength : 1
    (places, scratchCount) = ChainWalk.places(chain)
  }

  /// Of shorter rows a copy costs less than a kernel that begins anew with each.
  private static let shortestRow = 32

  /// Rows without gaps inside, evenly spaced: their length, and the elements from one to the next. `nil` for a tensor without
  /// gaps, or one that lies otherwise.
  private static func gappedRows(_ tensor: Tensor) -> (length: Int, stride: Int)? {
    let layout = tensor.layout
    if layout.isContiguous { return nil }
    var (axis, length) = (tensor.rank - 1, 1)
    while axis >= 0, tensor.shape[axis] == 1 || layout.stride(axis) == length {
      length *= tensor.shape[axis]
      axis -= 1
    }
    guard axis >= 0, length >= shortestRow, layout.stride(axis) > length else { return nil }
    let stride = layout.stride(axis)
    var expected = stride
    while axis >= 0 {
      if tensor.shape[axis] != 1 && layout.stride(axis) != expected { return nil }
      expected *= tensor.shape[axis]
      axis -= 1
    }
    return (length, stride)
  }

  /// How many blocks there are.
  var blockCount: Int { (rowCount + rowsPerBlock - 1) / rowsPerBlock * partsPerRow }

  /// What a kernel reported, if any did.
  var failure: ds_status? {
    let raw = status.load(ordering: .relaxed)
    return raw == DS_OK.rawValue ? nil : ds_status(rawValue: raw)
  }

  /// Goes through the steps for each of these blocks.
  func run(_ blocks: Range<Int>) {
    let span = Swift.min(Swift.max(rowsPerBlock * rowLength, 1), Swift.max(ChainWalk.blockLength, 1)) * width
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(scratchCount, 1) * span, alignment: 64)
    defer { memory.deallocate() }
    for index in blocks {
      let row = index / partsPerRow * rowsPerBlock
      let part = index % partsPerRow * ChainWalk.blockLength
      run(
        Block(
          start: row * rowLength + part, rows: Swift.min(rowsPerBlock, rowCount - row),
          length: Swift.min(rowLength - part, ChainWalk.blockLength)), memory, span)
    }
  }

  private func run(_ block: Block, _ memory: UnsafeMutableRawPointer, _ span: Int) {
    for (index, step) in chain.steps.enumerated() {
      var out = view(result: index, block, memory, span)
      let outcome: ds_status
      switch step {
      case .unary(let operation, let operand):
        var x = view(operand: operand, block, memory, span)
        outcome = withUnsafeBytes(of: operation.parameters) { parameters in
          ds_unary(operation.function.kernel, &x, parameters.baseAddress!.assumingMemoryBound(to: Double.self), &out)
        }
      case .binary(let operation, let first, let second):
        var (x, y) = (view(operand: first, block, memory, span), view(operand: second, block, memory, span))
        outcome = ds_binary(operation.function.kernel, &x, &y, &out)
      }
      if outcome != DS_OK { status.store(outcome.rawValue, ordering: .relaxed) }
    }
  }

  private func view(operand: Int, _ block: Block, _ memory: UnsafeMutableRawPointer, _ span: Int) -> ds_view {
    if operand >= chain.inputCount { return view(result: operand - chain.inputCount, block, memory, span) }
    let pointer = inputs[operand].pointer
    return switch extents[operand] {
    case .whole(let stride):
      view(
        pointer + (block.start / rowLength * stride + block.start % rowLength) * width, block,
        // Part of a row is all of a block.
        (partsPerRow == 1 ? stride : block.length, 1))
    case .row: view(pointer + block.start % rowLength * width, block, (0, 1))
    case .number: view(pointer, block, (0, 0))
    }
  }

  private func view(result step: Int, _ block: Block, _ memory: UnsafeMutableRawPointer, _ span: Int) -> ds_view {
    let pointer =
      step == chain.steps.count - 1 ? output.pointer + block.start * width : memory + places[step] * span
    return view(pointer, block, (block.length, 1))
  }

  private func view(_ pointer: UnsafeMutableRawPointer, _ block: Block, _ strides: (Int, Int)) -> ds_view {
    var view = ds_view()
    view.data = pointer
    view.dtype = dtype
    view.rank = 2
    (view.shape.0, view.shape.1) = (Int64(block.rows), Int64(block.length))
    (view.strides.0, view.strides.1) = (Int64(strides.0), Int64(strides.1))
    return view
  }

  /// A place for each step's result, taken over by a later one when nobody reads it any longer; and how many there are.
  private static func places(_ chain: ElementwiseChainOperator) -> (places: [Int], count: Int) {
    var lastReader = Array(repeating: 0, count: chain.steps.count)
    for (index, step) in chain.steps.enumerated() {
      for operand in step.operands where operand >= chain.inputCount { lastReader[operand - chain.inputCount] = index }
    }
    var places: [Int] = []
    var free: [Int] = []
    var count = 0
    for (index, step) in chain.steps.enumerated() {
      // A kernel may write over an operand, so what is read here for the last time is free for its own result.
      for operand in Set(step.operands) where operand >= chain.inputCount {
        let source = operand - chain.inputCount
        if lastReader[source] == index { free.append(places[source]) }
      }
      if let place = free.popLast() {
        places.append(place)
      } else {
        places.append(count)
        count += 1
      }
    }
    return (places, count)
  }
}
