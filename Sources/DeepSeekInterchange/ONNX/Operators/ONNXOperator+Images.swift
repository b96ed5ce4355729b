import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Convolutions, pooling and what goes with them, on `[batch, channels, spatial…]`.
  static let images: [ONNXOperator] = [
    ONNXOperator("Conv", 2...3, tensor: { try $0.convolution($0.tensor(0), $0.tensor(1), $0.optional(2)) }),
    ONNXOperator("ConvTranspose", 2...3, tensor: { try $0.convolutionTransposed() }),
    ONNXOperator("MaxPool", 1...1, values: { try $0.maxPooled() }),
    ONNXOperator("AveragePool", 1...1, tensor: { try $0.averagePooled() }),
    ONNXOperator(
      "LpPool", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let window = try node.window(x, kernel: node.ints("kernel_shape"))
        let power = try node.power()
        let source = try node.binary(.power, node.unary(.abs, x), node.scalar(power, x.dtype))
        let places = PoolPlaces.windows(window, ceiling: try node.bool("ceil_mode"))
        let mean = try node.apply(AveragePoolOperator(places), source)
        let sum = try node.unary(.multiplyScalar, mean, window.kernel.reduce(1) { $0 * Double($1) })
        return try node.binary(.power, sum, node.scalar(1 / power, x.dtype))
      }),
    global("GlobalAveragePool", .mean), global("GlobalMaxPool", .max),
    ONNXOperator(
      "GlobalLpPool", 1...1,
      tensor: { node in
        let (x, power) = (try node.tensor(0), try node.power())
        let source = try node.binary(.power, node.unary(.abs, x), node.scalar(power, x.dtype))
        let sum = try node.reduced(.sum, source, Array(2..<max(x.rank, 2)), keepsAxes: true)
        return try node.binary(.power, sum, node.scalar(1 / power, x.dtype))
      }),
    ONNXOperator("MaxUnpool", 2...3, tensor: { try $0.maxUnpooled() }),
  ]

  private static func global(_ name: String, _ function: ReduceOperator.Function) -> ONNXOperator {
    ONNXOperator(
      name, 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        guard x.rank >= 3 else { throw node.invalid("\(x.spec); [batch, channels, spatial…] is expected") }
        return try node.reduced(function, x, Array(2..<x.rank), keepsAxes: true)
      })
  }
}

extension ONNXNode {
  /// A stride, size or padding beyond is no window.
  private static let largestWindow = 1 << 30

  fileprivate func power() throws -> Double {
    let power = try int("p", default: 2)
    guard power >= 1 else { throw invalid("p \(power)") }
    return Double(power)
  }

  /// Numbers of an attribute, one for each spatial axis.
  private func spatial(_ key: String, _ count: Int, default value: Int, from lowest: Int = 1) throws -> [Int] {
    let numbers = try ints(key, default: Array(repeating: value, count: count))
    guard numbers.count == count, numbers.allSatisfy({ (lowest...ONNXNode.largestWindow).contains($0) }) else {
      throw invalid("attribute '\(key)' \(numbers) for \(count) spatial axes")
    }
    return numbers
  }

  /// The window that the attributes describe, over an image.
  func window(_ x: Tensor, kernel: [Int]) throws -> Window {
    let count = x.rank - 2
    guard (1...3).contains(count), kernel.count == count,
      kernel.allSatisfy({ (1...ONNXNode.largestWindow).contains($0) })
    else { throw invalid("a kernel of \(kernel) for \(x.spec)") }
    let stride = try spatial("strides", count, default: 1)
    let dilation = try spatial("dilations", count, default: 1)
    let pads = try spatial("pads", 2 * count, default: 0, from: 0)
    var (before, after) = (Array(pads.prefix(count)), Array(pads.suffix(count)))
    let mode = try string("auto_pad", default: "NOTSET")
    switch mode {
    case "NOTSET": break
    case "VALID":
      before = Array(repeating: 0, count: count)
      after = before
    case "SAME_UPPER", "SAME_LOWER":
      for axis in 0..<count {
        let total = try samePadding(x.dimension(axis + 2), kernel[axis], stride[axis], dilation[axis])
        before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        after[axis] = total - before[axis]
      }
    default: throw invalid("auto_pad '\(mode)'")
    }
    return Window(kernel: kernel, stride: stride, dilation: dilation, before: before, after: after)
  }

  /// The kernel's size, as the weight has it and the attribute repeats it.
  private func kernel(_ weight: Tensor, _ x: Tensor) throws -> [Int] {
    guard weight.rank == x.rank, weight.rank >= 3, weight.shape.isKnown else {
      throw invalid("weight \(weight.spec) for \(x.spec)")
    }
    let kernel = Array(weight.shape.dropFirst(2))
    guard try ints("kernel_shape", default: kernel) == kernel else {
      throw invalid("kernel_shape \(try ints("kernel_shape")) for weight \(weight.spec)")
    }
    return kernel
  }

  private func groupCount() throws -> Int {
    let groups = try int("group", default: 1)
    guard (1...ONNXNode.largestWindow).contains(groups) else { throw invalid("group \(groups)") }
    return groups
  }

  /// A convolution as the attributes describe it.
  func convolution(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
    let window = try window(x, kernel: kernel(weight, x))
    let operation = ConvolutionOperator(window, groups: try groupCount())
    return try assembler.apply(operation, [x, weight] + (bias.map { [$0] } ?? []))[0]
  }

  fileprivate func convolutionTransposed() throws -> Tensor {
    let (y, weight) = (try tensor(0), try tensor(1))
    let kernel = try kernel(weight, y)
    let count = kernel.count
    guard (1...3).contains(count), kernel.allSatisfy({ (1...ONNXNode.largestWindow).contains($0) }) else {
      throw unsupported("a kernel of \(kernel)")
    }
    let stride = try spatial("strides", count, default: 1)
    let dilation = try spatial("dilations", count, default: 1)
    let extra = try spatial("output_padding", count, default: 0, from: 0)
    let pads = try spatial("pads", 2 * count, default: 0, from: 0)
    var (before, after) = (Array(pads.prefix(count)), Array(pads.suffix(count)))
    let mode = try string("auto_pad", default: "NOTSET")
    let wanted = attributes["output_shape"] == nil ? nil : try ints("output_shape").suffix(count).map { $0 }
    var size: [Dimension] = []
    for axis in 0..<count {
      let length = y.dimension(axis + 2)
      guard length.known ?? 0 <= ONNXNode.largestWindow else { throw unsupported("an axis of \(length)") }
      let reach = dilation[axis] * (kernel[axis] - 1) + 1
      if wanted == nil && (mode == "NOTSET" || mode == "VALID") {
        if mode == "VALID" { (before[axis], after[axis]) = (0, 0) }
        let padding = before[axis] + after[axis]
        guard let known = length.known else {
          let strided = Length(length) * .number(stride[axis])
          guard let whole = strided.flatMap({ $0 + .number(reach + extra[axis] - stride[axis] - padding) })?.dimension
          else { throw unsupported("padding \(padding) of an axis of unknown length") }
          size.append(whole)
          continue
        }
        let whole = (known - 1) * stride[axis] + reach + extra[axis] - padding
        guard whole >= 0 else { throw invalid("padding \(padding) leaves nothing") }
        size.append(Dimension(whole))
        continue
      }
      guard let known = length.known else {
        throw unsupported("output_shape or auto_pad for an axis of unknown length")
      }
      let target = wanted.map { $0.count == count ? $0[axis] : -1 } ?? known * stride[axis]
      guard (0...ONNXNode.largestWindow).contains(target) else { throw invalid("output_shape \(wanted ?? [])") }
      let total = max((known - 1) * stride[axis] + extra[axis] + reach - target, 0)
      // The specification gives the larger half to the end, unless SAME_UPPER is asked for.
      before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
      after[axis] = total - before[axis]
      size.append(Dimension(target))
    }
    // What the output has beyond the last place of the window is never reached: the operator counts it as room left over.
    let window = Window(kernel: kernel, stride: stride, dilation: dilation, before: before, after: after)
    return try grown(y, weight, window, size, bias: optional(2))
  }

  /// A transposed convolution; where the output is so long that the window would have further places, the rest is the bias.
  private func grown(_ y: Tensor, _ weight: Tensor, _ window: Window, _ size: [Dimension], bias: Tensor?) throws
    -> Tensor
  {
    let groups = try groupCount()
    var inner = size
    var rest = Array(repeating: 0, count: y.rank)
    for axis in size.indices {
      guard let known = size[axis].known, let places = y.dimension(axis + 2).known else { continue }
      let reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1
      let padding = window.before[axis] + window.after[axis]
      let longest = (places - 1) * window.stride[axis] + reach - padding + window.stride[axis] - 1
      if known > longest && longest >= 0 {
        inner[axis] = Dimension(longest)
        rest[axis + 2] = known - longest
      }
    }
    let operation = ConvolutionTransposedOperator(window, groups: groups, size: inner)
    guard rest.contains(where: { $0 > 0 }) else {
      return try assembler.apply(operation, [y, weight] + (bias.map { [$0] } ?? []))[0]
    }
    let none = Array(repeating: 0, count: y.rank)
    let plain = try apply(PadOperator(none, rest), apply(operation, y, weight))
    return try bias.map { try binary(.add, plain, perChannel($0, rank: plain.rank)) } ?? plain
  }

  /// The image with its padding, and the window without; `nil` where the padding is at most half of the window, which our
  /// pooling takes as it is.
  private func explicitly(padded x: Tensor, _ window: Window, with value: Double) throws -> (
    image: Tensor, window: Window
  )? {
    let isModest = (0..<window.spatial).allSatisfy {
      2 * max(window.before[$0], window.after[$0]) <= window.dilation[$0] * (window.kernel[$0] - 1) + 1
    }
    if isModest { return nil }
    guard try !bool("ceil_mode") else { throw unsupported("ceil_mode with padding of more than half of the window") }
    let none = Array(repeating: 0, count: window.spatial)
    let plain = Window(
      kernel: window.kernel, stride: window.stride, dilation: window.dilation, before: none, after: none)
    return (try apply(PadOperator([0, 0] + window.before, [0, 0] + window.after, value: value), x), plain)
  }

  fileprivate func averagePooled() throws -> Tensor {
    let x = try tensor(0)
    let window = try window(x, kernel: ints("kernel_shape"))
    let includesPadding = try bool("count_include_pad")
    guard let wide = try explicitly(padded: x, window, with: 0) else {
      let places = PoolPlaces.windows(window, ceiling: try bool("ceil_mode"))
      return try apply(AveragePoolOperator(places, includesPadding: includesPadding), x)
    }
    let operation = AveragePoolOperator(.windows(wide.window, ceiling: false))
    let mean = try apply(operation, wide.image)
    if includesPadding { return mean }
    // The share of each window that lies in the image.
    let ones = try broadcast(scalar(1, x.dtype), to: x.shape)
    guard let share = try explicitly(padded: ones, window, with: 0) else { return mean }
    return try binary(.divide, mean, apply(operation, share.image))
  }

  /// Outputs: the maxima, and their places in the whole input's elements.
  fileprivate func maxPooled() throws -> [ImportedValue] {
    let given = try tensor(0)
    let x = given.dtype.isFloatingPoint ? given : try cast(given, to: .float32)
    let window = try window(x, kernel: ints("kernel_shape"))
    if outputCount == 1, let wide = try explicitly(padded: x, window, with: -.infinity) {
      let pooled = try apply(MaxPoolOperator(.windows(wide.window, ceiling: false)), wide.image)
      return [ImportedValue(try cast(pooled, to: given.dtype))]
    }
    let outputs = try assembler.apply(MaxPoolOperator(.windows(window, ceiling: bool("ceil_mode"))), [x])
    let result = ImportedValue(try cast(outputs[0], to: given.dtype))
    guard outputCount > 1 else { return [result] }
    // Ours count within each plane.
    let (planes, size) = (x.dimension(0) * x.dimension(1), x.shape.product(2..<x.rank))
    guard let planeSize = size.known else { throw unsupported("places in planes of unknown size") }
    var places = outputs[1]
    if try bool("storage_order") {
      guard x.rank == 4,
        let (height, width) = x.dimension(2).known.flatMap({ h in x.dimension(3).known.map { (h, $0) } })
      else { throw unsupported("storage_order 1 for \(x.spec)") }
      let columns = Tensor.full([], width, dtype: .int64)
      let row = try binary(.floorDivide, places, columns)
      let column = try binary(.remainder, places, columns)
      places = try binary(.add, unary(.multiplyScalar, column, Double(height)), row)
    }
    let first = try reshaped(
      unary(.multiplyScalar, counting(planes), Double(planeSize)),
      [x.dimension(0), x.dimension(1)] + Array(repeating: 1, count: x.rank - 2))
    return [result, ImportedValue(try binary(.add, places, first))]
  }

  fileprivate func maxUnpooled() throws -> Tensor {
    let x = try tensor(0)
    let count = x.rank - 2
    guard (1...3).contains(count) else { throw invalid("\(x.spec); [batch, channels, spatial…] is expected") }
    let kernel = try ints("kernel_shape")
    let stride = try spatial("strides", count, default: 1)
    let pads = try spatial("pads", 2 * count, default: 0, from: 0)
    guard kernel.count == count, kernel.allSatisfy({ (1...ONNXNode.largestWindow).contains($0) }) else {
      throw invalid("kernel_shape \(kernel)")
    }
    let plain = try (0..<count).map { axis -> Dimension in
      guard let length = x.dimension(axis + 2).known, length <= ONNXNode.largestWindow else {
        throw unsupported("an axis of \(x.dimension(axis + 2))")
      }
      let size = (length - 1) * stride[axis] + kernel[axis] - pads[axis] - pads[count + axis]
      guard size >= 0 else { throw invalid("pads \(pads)") }
      return Dimension(size)
    }
    let size = try has(2) ? Array(shape(lengths(2)).dimensions.dropFirst(2)) : plain
    guard size.count == count else { throw invalid("a size of \(size.count) spatial axes for \(x.spec)") }
    // The places are counted in the whole of the tensor that was pooled, whose planes had the plain size.
    guard let planeSize = Shape(plain).product(0..<count).known, planeSize > 0 else { throw invalid("empty planes") }
    let places = try binary(.remainder, cast(tensor(1), to: .int64), Tensor.full([], planeSize, dtype: .int64))
    let planes = try apply(MaxPoolGradientOperator(plain), x, places)
    let after = try size.indices.map { axis -> Int in
      guard let wanted = size[axis].known, let length = plain[axis].known, wanted >= length else {
        throw invalid("a size of \(size) for planes of \(plain)")
      }
      return wanted - length
    }
    if after.allSatisfy({ $0 == 0 }) { return planes }
    return try apply(PadOperator(Array(repeating: 0, count: x.rank), [0, 0] + after), planes)
  }
}
