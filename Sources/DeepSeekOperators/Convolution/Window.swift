import CDeepSeekKernels
public import DeepSeekTensor

/// A window that slides over one to three spatial axes: what convolution and pooling share. One number for each axis.
public struct Window: Sendable, Hashable, Codable {
  /// How many elements it has.
  public let kernel: [Int]
  /// From one place of the window to the next.
  public let stride: [Int]
  /// From one element of the window to the next.
  public let dilation: [Int]
  /// Padding at the low end of an axis.
  public let before: [Int]
  /// Padding at the high end of an axis.
  public let after: [Int]

  /// A window with all its numbers given.
  public init(kernel: [Int], stride: [Int], dilation: [Int], before: [Int], after: [Int]) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
  }

  /// A window over the spatial axes of `shape`, `[batch, channels, spatial…]`. ``Padding/same`` with a stride above 1
  /// depends on the lengths, which must be known then. Traps, as `operation`, on numbers that do not fit.
  public init(
    _ operation: String, over shape: Shape, kernel: [Int], stride: PerAxis, padding: Padding, dilation: PerAxis,
    file: StaticString = #file, line: UInt = #line
  ) {
    let count = kernel.count
    let steps = stride.values(count, "\(operation): stride", file: file, line: line)
    let gaps = dilation.values(count, "\(operation): dilation", file: file, line: line)
    let none = Array(repeating: 0, count: count)
    var (low, high) = (none, none)
    switch padding {
    case .valid: break
    case .both(let numbers):
      low = numbers.values(count, "\(operation): padding", file: file, line: line)
      high = low
    case .ends(let before, let after):
      low = before.values(count, "\(operation): padding", file: file, line: line)
      high = after.values(count, "\(operation): padding", file: file, line: line)
    case .same:
      for axis in 0..<count {
        let reach = gaps[axis] * (kernel[axis] - 1)
        var total = reach
        if steps[axis] > 1 {
          guard let length = shape.dimension(axis + shape.rank - count).known else {
            fatalError(
              "\(operation): 'same' padding with a stride needs known lengths, not \(shape)",
              file: file, line: line)
          }
          let places = (length + steps[axis] - 1) / steps[axis]
          total = Swift.max((places - 1) * steps[axis] + reach + 1 - length, 0)
        }
        low[axis] = total / 2
        high[axis] = total - total / 2
      }
    }
    self.init(kernel: kernel, stride: steps, dilation: gaps, before: low, after: high)
  }

  /// The number of spatial axes.
  public var spatial: Int { kernel.count }

  /// Whether padding at some axis is more than half of what the window spans: some place might lie all in it.
  var isMostlyPadding: Bool {
    (0..<spatial).contains { 2 * Swift.max(before[$0], after[$0]) > dilation[$0] * (kernel[$0] - 1) + 1 }
  }

  /// The number of places along an axis of `size` elements: rounded down, or with `ceiling` rounded up, as far as the last
  /// place still begins inside the input or its low padding. The window has been validated.
  func places(_ axis: Int, _ size: Dimension, ceiling: Bool = false, in operation: String) throws -> Dimension {
    let reach = dilation[axis] * (kernel[axis] - 1)
    let padding = before[axis] + after[axis]
    guard let known = size.known else {
      if !ceiling && stride[axis] == 1 && padding == reach { return size }
      let room = size + Dimension(padding) - Dimension(reach + 1)
      if !ceiling { return room / Dimension(stride[axis]) + 1 }
      if stride[axis] == 1 { return room + 1 }
      throw OperatorError(
        operation, "rounding up the places of a window with a stride needs known lengths, not \(size)")
    }
    var window = kernelWindow
    let places = ds_window_places(&window, Int32(axis), Int64(known), ceiling)
    guard places >= 0 else {
      throw OperatorError(
        operation,
        "a window of \(kernel[axis]), dilation \(dilation[axis]), does not fit spatial axis \(axis) of length "
          + "\(known) with padding \(before[axis]) and \(after[axis])")
    }
    return Dimension(Int(places))
  }

  /// Checks that there are one to three axes and that the numbers make sense.
  func validate(rank: Int, in operation: String) throws {
    guard (1...3).contains(spatial), rank == spatial + 2 else {
      throw OperatorError(
        operation,
        "\(spatial) spatial axes for an input of rank \(rank); [batch, channels, 1 to 3 spatial axes] is expected")
    }
    let counts = [stride, dilation, before, after].map(\.count)
    let positive = (kernel + stride + dilation).allSatisfy { $0 >= 1 }
    guard counts.allSatisfy({ $0 == spatial }), positive, (before + after).allSatisfy({ $0 >= 0 }) else {
      throw OperatorError(
        operation,
        "kernel \(kernel), stride \(stride), dilation \(dilation), padding \(before) and \(after); sizes and "
          + "steps of at least 1, padding of at least 0, one for each spatial axis, are expected")
    }
    // A damaged file may hold any number; products of two within this limit cannot overflow.
    for numbers in [kernel, stride, dilation, before, after] {
      if let axis = numbers.firstIndex(where: { $0 > 1 << 30 }) {
        throw OperatorError(operation, "\(numbers[axis]) at spatial axis \(axis) is beyond any window")
      }
    }
  }

  /// The window as the C kernels take it.
  var kernelWindow: ds_window {
    var window = ds_window()
    window.spatial = Int32(spatial)
    func fill(_ numbers: [Int], _ target: inout (Int64, Int64, Int64)) {
      withUnsafeMutableBytes(of: &target) { bytes in
        for (axis, number) in numbers.prefix(3).enumerated() {
          bytes.storeBytes(of: Int64(number), toByteOffset: axis * 8, as: Int64.self)
        }
      }
    }
    fill(kernel, &window.kernel)
    fill(stride, &window.stride)
    fill(dilation, &window.dilation)
    fill(before, &window.before)
    fill(after, &window.after)
    return window
  }
}
