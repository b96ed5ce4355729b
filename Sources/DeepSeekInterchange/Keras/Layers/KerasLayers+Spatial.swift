import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Convolutions, pooling and what goes with them.
  static let spatial: [String: KerasLayerKind] = {
    var rows: [String: KerasLayerKind] = [
      "Conv1D": convolution(1), "Convolution1D": convolution(1), "Conv2D": convolution(2),
      "Convolution2D": convolution(2), "Conv3D": convolution(3), "Convolution3D": convolution(3),
      "DepthwiseConv1D": depthwise(1), "DepthwiseConv2D": depthwise(2), "SeparableConv1D": separable(1),
      "SeparableConvolution1D": separable(1), "SeparableConv2D": separable(2), "SeparableConvolution2D": separable(2),
      "Conv1DTranspose": transposed(1), "Conv2DTranspose": transposed(2), "Convolution2DTranspose": transposed(2),
      "Deconvolution2D": transposed(2), "Conv3DTranspose": transposed(3), "Convolution3DTranspose": transposed(3),
      "UpSampling1D": upSampling1D, "UpSampling2D": upSampling2D,
      "ZeroPadding1D": zeroPadding1D, "ZeroPadding2D": zeroPadding2D, "Cropping2D": cropping2D,
    ]
    rows["MaxPooling1D"] = pooling(1) { Keras.Layers.MaxPooling1D($0, strides: $1, padding: $2, dataFormat: $3) }
    rows["MaxPooling2D"] = pooling(2) { Keras.Layers.MaxPooling2D($0, strides: $1, padding: $2, dataFormat: $3) }
    rows["AveragePooling1D"] = pooling(1) {
      Keras.Layers.AveragePooling1D($0, strides: $1, padding: $2, dataFormat: $3)
    }
    rows["AveragePooling2D"] = pooling(2) {
      Keras.Layers.AveragePooling2D($0, strides: $1, padding: $2, dataFormat: $3)
    }
    rows["GlobalAveragePooling1D"] = averageOverSteps
    rows["GlobalAveragePooling2D"] = global(2) { Keras.Layers.GlobalAveragePooling2D(keepsAxes: $0, dataFormat: $1) }
    rows["GlobalMaxPooling1D"] = global(1) { Keras.Layers.GlobalMaxPooling1D(keepsAxes: $0, dataFormat: $1) }
    rows["GlobalMaxPooling2D"] = global(2) { Keras.Layers.GlobalMaxPooling2D(keepsAxes: $0, dataFormat: $1) }
    rows["MaxPooling3D"] = pooling(3) { Keras.Layers.MaxPooling3D($0, strides: $1, padding: $2, dataFormat: $3) }
    rows["AveragePooling3D"] = pooling(3) {
      Keras.Layers.AveragePooling3D($0, strides: $1, padding: $2, dataFormat: $3)
    }
    rows["GlobalAveragePooling3D"] = global(3) { Keras.Layers.GlobalAveragePooling3D(keepsAxes: $0, dataFormat: $1) }
    rows["GlobalMaxPooling3D"] = global(3) { Keras.Layers.GlobalMaxPooling3D(keepsAxes: $0, dataFormat: $1) }
    rows["SpatialDropout1D"] = KerasLayerKind(masks: .passed) { context in
      _ = try context.image(1)
      return KerasLayer(Keras.Layers.SpatialDropout1D(try context.rate(), dataFormat: try context.dataFormat()))
    }
    rows["SpatialDropout2D"] = KerasLayerKind(masks: .passed) { context in
      _ = try context.image(2)
      return KerasLayer(Keras.Layers.SpatialDropout2D(try context.rate(), dataFormat: try context.dataFormat()))
    }
    return rows
  }()

  /// Kernels `[kernel…, inputs / groups, outputs]` become `[outputs, inputs / groups, kernel…]`.
  private static func convolution(_ axes: Int) -> KerasLayerKind {
    KerasLayerKind { context in
      let (channels, lengths) = try context.image(axes)
      let filters = try context.size("filters", "nb_filter")
      let ones = Array(repeating: 1, count: axes)
      let kernel = try context.kernel(axes)
      let strides = try context.sizes("strides", "subsample", "subsample_length", axes: axes, default: ones)
      let dilation = try context.sizes("dilation_rate", "atrous_rate", axes: axes, default: ones)
      let groups = try context.size("groups", default: 1)
      guard channels % groups == 0, filters % groups == 0 else {
        throw context.invalid("\(groups) groups do not divide \(channels) channels and \(filters) filters")
      }
      let padding = try context.padding(lengths, kernel: kernel, strides: strides, dilation: dilation)
      let useBias = try context.bool("use_bias", "bias", default: true)
      let weights = try context.weights([kernel + [channels / groups, filters]] + (useBias ? [[filters]] : []))
      let turned = weights[0].transposed([axes + 1, axes] + Array(0..<axes))
      let (activation, format) = (try context.activation(), try context.dataFormat())
      let layer: any Keras.Layer
      switch axes {
      case 1:
        layer = Keras.Layers.Conv1D(
          filters, PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          groups: groups, activation: activation, useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      case 2:
        layer = Keras.Layers.Conv2D(
          filters, PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          groups: groups, activation: activation, useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      default:
        layer = Keras.Layers.Conv3D(
          filters, PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          groups: groups, activation: activation, useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      }
      return KerasLayer(layer, context.state([turned] + weights.dropFirst()))
    }
  }

  private static func depthwise(_ axes: Int) -> KerasLayerKind {
    KerasLayerKind { context in
      let (channels, lengths) = try context.image(axes)
      let (kernel, strides, dilation, multiplier) = try context.depthwiseNumbers(axes)
      let padding = try context.padding(lengths, kernel: kernel, strides: strides, dilation: dilation)
      let useBias = try context.bool("use_bias", default: true)
      let weights = try context.weights(
        [kernel + [channels, multiplier]] + (useBias ? [[channels * multiplier]] : []))
      let (activation, format) = (try context.activation(), try context.dataFormat())
      let layer: any Keras.Layer =
        axes == 1
        ? Keras.Layers.DepthwiseConv1D(
          PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          depthMultiplier: multiplier, activation: activation, useBias: useBias, kernelInitializer: .zeros,
          dataFormat: format)
        : Keras.Layers.DepthwiseConv2D(
          PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          depthMultiplier: multiplier, activation: activation, useBias: useBias, kernelInitializer: .zeros,
          dataFormat: format)
      return KerasLayer(layer, context.state([context.depthwiseWeight(weights[0])] + weights.dropFirst()))
    }
  }

  private static func separable(_ axes: Int) -> KerasLayerKind {
    KerasLayerKind { context in
      let (channels, lengths) = try context.image(axes)
      let filters = try context.size("filters", "nb_filter")
      let (kernel, strides, dilation, multiplier) = try context.depthwiseNumbers(axes)
      let padding = try context.padding(lengths, kernel: kernel, strides: strides, dilation: dilation)
      let useBias = try context.bool("use_bias", "bias", default: true)
      let ones = Array(repeating: 1, count: axes)
      let weights = try context.weights(
        [kernel + [channels, multiplier], ones + [channels * multiplier, filters]] + (useBias ? [[filters]] : []))
      let (activation, format) = (try context.activation(), try context.dataFormat())
      let layer: any Keras.Layer =
        axes == 1
        ? Keras.Layers.SeparableConv1D(
          filters, PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          depthMultiplier: multiplier, activation: activation, useBias: useBias, kernelInitializer: .zeros,
          dataFormat: format)
        : Keras.Layers.SeparableConv2D(
          filters, PerAxis(kernel), strides: PerAxis(strides), padding: padding, dilation: PerAxis(dilation),
          depthMultiplier: multiplier, activation: activation, useBias: useBias, kernelInitializer: .zeros,
          dataFormat: format)
      var state = [
        "depthwise.weight": context.depthwiseWeight(weights[0]).contiguous(),
        "pointwise.weight": weights[1].transposed([axes + 1, axes] + Array(0..<axes)).contiguous(),
      ]
      if useBias { state["pointwise.bias"] = weights[2] }
      return KerasLayer(layer, state)
    }
  }

  /// Kernels `[kernel…, outputs, inputs]` become `[inputs, outputs, kernel…]`.
  private static func transposed(_ axes: Int) -> KerasLayerKind {
    KerasLayerKind { context in
      let (channels, _) = try context.image(axes)
      let filters = try context.size("filters", "nb_filter")
      let kernel = try context.kernel(axes)
      let ones = Array(repeating: 1, count: axes)
      let strides = try context.sizes("strides", "subsample", axes: axes, default: ones)
      guard try context.sizes("dilation_rate", axes: axes, default: ones) == ones,
        context.value(["output_padding"]) == nil
      else { throw context.unsupported("'dilation_rate' or 'output_padding' is set") }
      let name = try context.string("padding", "border_mode", default: "valid")
      guard name == "same" || name == "valid" else { throw context.unsupported("'padding' is '\(name)'") }
      let useBias = try context.bool("use_bias", "bias", default: true)
      let weights = try context.weights([kernel + [filters, channels]] + (useBias ? [[filters]] : []))
      try context.checkGrowth(strides + kernel)
      let (activation, format) = (try context.activation(), try context.dataFormat())
      let layer: any Keras.Layer
      switch axes {
      case 1:
        layer = Keras.Layers.Conv1DTranspose(
          filters, PerAxis(kernel), strides: PerAxis(strides), isSame: name == "same", activation: activation,
          useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      case 2:
        layer = Keras.Layers.Conv2DTranspose(
          filters, PerAxis(kernel), strides: PerAxis(strides), isSame: name == "same", activation: activation,
          useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      default:
        layer = Keras.Layers.Conv3DTranspose(
          filters, PerAxis(kernel), strides: PerAxis(strides), isSame: name == "same", activation: activation,
          useBias: useBias, kernelInitializer: .zeros, dataFormat: format)
      }
      let turned = weights[0].transposed([axes + 1, axes] + Array(0..<axes))
      return KerasLayer(layer, context.state([turned] + weights.dropFirst()))
    }
  }

  private static func pooling(
    _ axes: Int, _ make: @escaping @Sendable (PerAxis, PerAxis, Padding, Keras.DataFormat) -> any Keras.Layer
  ) -> KerasLayerKind {
    KerasLayerKind { context in
      let (_, lengths) = try context.image(axes)
      let size = try context.sizes("pool_size", "pool_length", axes: axes, default: Array(repeating: 2, count: axes))
      let strides = try context.sizes("strides", "stride", axes: axes, default: size)
      let ones = Array(repeating: 1, count: axes)
      let padding = try context.padding(lengths, kernel: size, strides: strides, dilation: ones)
      return KerasLayer(make(PerAxis(size), PerAxis(strides), padding, try context.dataFormat()))
    }
  }

  private static func global(
    _ axes: Int, _ make: @escaping @Sendable (Bool, Keras.DataFormat) -> any Keras.Layer
  ) -> KerasLayerKind {
    KerasLayerKind { context in
      _ = try context.image(axes)
      return KerasLayer(make(try context.bool("keepdims", default: false), try context.dataFormat()))
    }
  }

  /// The mean over the steps, of which a mask may leave some out.
  private static let averageOverSteps = KerasLayerKind(masks: .pooled) { context in
    guard let spec = context.specs.first, spec.shape.rank == 3, spec.dtype.isFloatingPoint else {
      throw context.invalid("it is called with \(context.specs)")
    }
    let (keepsAxes, format) = (try context.bool("keepdims", default: false), try context.dataFormat())
    guard context.specs.count > 1 else {
      _ = try context.image(1)
      return KerasLayer(Keras.Layers.GlobalAveragePooling1D(keepsAxes: keepsAxes, dataFormat: format))
    }
    let axis = format == .channelsLast ? 1 : 2
    let mask = context.specs[1]
    guard mask.dtype == .bool, mask.shape == Shape([spec.shape.dimension(0), spec.shape.dimension(axis)]) else {
      throw context.unsupported("its mask is \(mask) for \(spec)")
    }
    return KerasLayer(
      KerasComputed("GlobalAveragePooling1D") { inputs in
        let counts = inputs[1].cast(to: inputs[0].dtype).expanded(axis == 1 ? 2 : 1)
        let zero = Tensor.zeros([], dtype: inputs[0].dtype)
        let kept = Tensor.select(counts.greater(than: 0), inputs[0], zero)
        return kept.sum(axis: axis, keepAxes: keepsAxes) / counts.sum(axis: axis, keepAxes: keepsAxes)
      })
  }

  private static let upSampling1D = KerasLayerKind { context in
    _ = try context.input(rank: 3)
    let size = try context.size("size", "length", default: 2)
    try context.checkGrowth([size])
    return KerasLayer(Keras.Layers.UpSampling1D(size, dataFormat: .channelsLast))
  }

  private static let upSampling2D = KerasLayerKind { context in
    _ = try context.image(2)
    let size = try context.sizes("size", axes: 2, default: [2, 2])
    try context.checkGrowth(size)
    let name = try context.string("interpolation", default: "nearest")
    guard let interpolation = Keras.Interpolation(rawValue: name) else {
      throw context.unsupported("'interpolation' is '\(name)'")
    }
    return KerasLayer(
      Keras.Layers.UpSampling2D(PerAxis(size), interpolation: interpolation, dataFormat: try context.dataFormat()))
  }

  private static let zeroPadding1D = KerasLayerKind { context in
    _ = try context.input(rank: 3)
    let numbers = try context.integers("padding")
    guard let first = numbers.first, numbers.count <= 2, numbers.allSatisfy({ $0 >= 0 }) else {
      throw context.invalid("'padding' is \(numbers)")
    }
    try context.checkGrowth(numbers.map { $0 + 1 })
    return KerasLayer(Keras.Layers.ZeroPadding1D(first, numbers.last, dataFormat: .channelsLast))
  }

  private static let zeroPadding2D = KerasLayerKind { context in
    _ = try context.image(2)
    let (rows, columns) = try context.borders("padding")
    try context.checkGrowth([rows.0 + rows.1 + 1, columns.0 + columns.1 + 1])
    return KerasLayer(Keras.Layers.ZeroPadding2D(rows: rows, columns: columns, dataFormat: try context.dataFormat()))
  }

  private static let cropping2D = KerasLayerKind { context in
    let (_, lengths) = try context.image(2)
    let (rows, columns) = try context.borders("cropping")
    for (length, cut) in zip(lengths, [rows, columns]) {
      guard let known = length.known else { throw context.unsupported("an axis of unknown length is cropped") }
      guard cut.0 + cut.1 < known else { throw context.invalid("\(cut) of \(known) elements are cropped") }
    }
    return KerasLayer(Keras.Layers.Cropping2D(rows: rows, columns: columns, dataFormat: try context.dataFormat()))
  }
}

extension KerasLayerContext {
  /// The kernel's size, which Keras 1 has in two numbers.
  func kernel(_ axes: Int) throws -> [Int] {
    if axes == 2, value(["nb_row"]) != nil { return [try size("nb_row"), try size("nb_col")] }
    return try sizes("kernel_size", "filter_length", axes: axes)
  }

  /// Kernel, strides, dilation and how many kernels each channel has.
  fileprivate func depthwiseNumbers(_ axes: Int) throws -> ([Int], [Int], [Int], Int) {
    (
      try kernel(axes), try sizes("strides", "subsample", axes: axes, default: Array(repeating: 1, count: axes)),
      try sizes("dilation_rate", axes: axes, default: Array(repeating: 1, count: axes)),
      try size("depth_multiplier", default: 1)
    )
  }

  /// `[kernel…, channels, multiplier]` as `[channels · multiplier, 1, kernel…]`.
  fileprivate func depthwiseWeight(_ weight: Tensor) -> Tensor {
    let lengths = Array(weight.shape)
    let axes = lengths.count - 2
    return weight.transposed([axes, axes + 1] + Array(0..<axes)).reshaped(
      [Dimension(lengths[axes] * lengths[axes + 1]), 1] + lengths[..<axes].map { Dimension($0) })
  }

  /// `n`, `[rows, columns]` or `[[above, below], [left, right]]`.
  fileprivate func borders(_ key: String) throws -> (rows: (Int, Int), columns: (Int, Int)) {
    let value = value([key])
    let sides = (value?.array ?? value.map { [$0, $0] } ?? []).map { side in
      (side.array ?? [side, side]).compactMap(\.integer).filter { (0...KerasLayerContext.largestSize).contains($0) }
    }
    guard sides.count == 2, sides.allSatisfy({ $0.count == 2 }) else { throw invalid("'\(key)' is not understood") }
    return ((sides[0][0], sides[0][1]), (sides[1][0], sides[1][1]))
  }
}
