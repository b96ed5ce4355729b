public import DeepSeekTensor

/// Runs `body` in mixed precision: products in `bfloat16` or `float16`, what needs it in `float32`; see `Autocast`.
///
/// ```swift
/// let loss = autocast(.bfloat16) { model(x).crossEntropy(labels) }
/// loss.backward()
/// ```
///
/// Weights stay as they are, `float32`: each use casts them, and their gradients come back in `float32`. The backward walk
/// runs each gradient in the type that its operator had, so it belongs outside. In `float16` small gradients vanish unless
/// the loss is scaled.
public func autocast<Result>(_ dtype: DType, _ body: () throws -> Result) rethrows -> Result {
  try Autocast.with(Autocast(dtype) { $0.cast(to: $1) }, body)
}

/// Runs `body` in the types that its tensors have, even inside ``autocast(_:_:)``.
public func withoutAutocast<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Autocast.with(nil, body)
}
