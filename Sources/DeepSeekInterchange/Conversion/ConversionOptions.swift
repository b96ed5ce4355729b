import DeepSeekCheckpoints
public import DeepSeekTensor

/// What a conversion does beside copying.
public struct ConversionOptions: Sendable {
  /// New names; `nil` to keep the source's.
  public var map: NameMap?
  /// The architecture whose names the source has, such as `bert`; its rules come after those of ``map``.
  public var architecture: String?
  /// The type that floating-point tensors are cast to; `nil` to keep their own.
  public var dtype: DType?
  /// Whether tensors that the map asks for may be missing.
  public var allowMissing = false
  /// Whether tensors of the source that nothing uses may be left out.
  public var allowUnused = false
  /// How many bytes of elements a file of a folder may have.
  public var maximumShardByteCount = Checkpoint.defaultMaximumShardByteCount

  /// Everything as it is in the source.
  public init() {}

  /// With these settings.
  public init(
    map: NameMap? = nil, architecture: String? = nil, dtype: DType? = nil, allowMissing: Bool = false,
    allowUnused: Bool = false
  ) {
    self.map = map
    self.architecture = architecture
    self.dtype = dtype
    self.allowMissing = allowMissing
    self.allowUnused = allowUnused
  }
}
