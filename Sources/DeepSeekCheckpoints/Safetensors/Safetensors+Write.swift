public import DeepSeekTensor

extension Safetensors {
  /// Writes tensors to a file, which replaces an old one only when it is whole.
  ///
  /// One tensor after another goes from its own memory to the disk; a strided view is copied when its turn comes. The
  /// elements are written from the widest type to the narrowest and by name, as the reference implementation does, so the
  /// same tensors give the same bytes.
  ///
  /// - Parameters:
  ///   - tensors: Names and tensors: a dictionary, or an array of pairs.
  ///   - metadata: Strings to go with them. Libraries of the field look for `format` and expect `pt`.
  ///   - synchronizes: Whether to wait until the disk has everything; see ``AtomicFile``.
  /// - Throws: ``CheckpointError`` when a name occurs twice or the file cannot be written; then nothing is left behind.
  public static func save(
    _ tensors: some Collection<(key: String, value: Tensor)>, to path: String, metadata: [String: String]? = nil,
    synchronizes: Bool = true
  ) throws {
    let pairs = tensors.map { ($0.key, $0.value) }
    try save(
      specs: pairs.map { ($0.0, $0.1.spec) }, to: path, metadata: metadata, synchronizes: synchronizes
    ) { pairs[$0].1 }
  }

  /// Writes tensors that are made one at a time, when their turn comes: for models larger than memory.
  ///
  /// - Parameters:
  ///   - specs: Every tensor's name, type and shape.
  ///   - tensor: Gives the tensor at a position of `specs`; called once for each, in the order of the file.
  /// - Throws: ``CheckpointError`` as the other form, and when a tensor is not what `specs` said; whatever `tensor` throws.
  public static func save(
    specs: [(name: String, spec: TensorSpec)], to path: String, metadata: [String: String]? = nil,
    synchronizes: Bool = true, tensor: (Int) throws -> Tensor
  ) throws {
    let file = try AtomicFile(replacing: path, synchronizes: synchronizes)
    try write(specs: specs, to: file, metadata: metadata, tensor: tensor)
    try file.commit()
  }

  /// Writes tensors, of which those whose name begins with `aligned` lie at multiples of 64 bytes in the file as long as their
  /// sizes are such: for kernels that read them where a mapped file has them.
  package static func save(
    _ tensors: [(key: String, value: Tensor)], to path: String, metadata: [String: String]?, aligned: String,
    synchronizes: Bool
  ) throws {
    let file = try AtomicFile(replacing: path, synchronizes: synchronizes)
    try write(
      specs: tensors.map { ($0.key, $0.value.spec) }, to: file, metadata: metadata, aligned: aligned
    ) { try tensors[$0].value.write(to: $1) }
    try file.commit()
  }

  /// Writes a whole safetensors file to `file`, without making it appear under its name.
  static func write(
    specs: [(name: String, spec: TensorSpec)], to file: AtomicFile, metadata: [String: String]?,
    tensor: (Int) throws -> Tensor
  ) throws {
    try write(specs: specs, to: file, metadata: metadata) { index, sink in
      let value = try tensor(index)
      guard value.spec == specs[index].spec else {
        throw CheckpointError(
          .invalidRequest, file: file.path, item: specs[index].name,
          "\(value.spec) was given where \(specs[index].spec) was announced")
      }
      try value.write(to: sink)
    }
  }

  /// As above, with elements that are handed over piece by piece.
  static func write(
    specs: [(name: String, spec: TensorSpec)], to file: AtomicFile, metadata: [String: String]?,
    aligned: String? = nil, elements: ElementSource
  ) throws {
    let layout = try SafetensorsLayout(specs, metadata: metadata, file: file.path, aligned: aligned)
    try file.write(layout.header)
    for index in layout.order {
      let (name, spec) = specs[index]
      let start = file.byteCount
      try elements(index, file)
      let (found, expected) = (file.byteCount - start, spec.shape.elementCount * spec.dtype.byteCount)
      guard found == expected else {
        throw CheckpointError(
          .invalidRequest, file: file.path, item: name, "\(found) bytes were given; \(spec) takes \(expected)")
      }
    }
  }

  /// Writes tensors whose elements are handed over piece by piece; see ``ElementSource``.
  package static func save(
    specs: [(name: String, spec: TensorSpec)], to path: String, metadata: [String: String]? = nil,
    elements: ElementSource
  ) throws {
    let file = try AtomicFile(replacing: path)
    try write(specs: specs, to: file, metadata: metadata, elements: elements)
    try file.commit()
  }

  /// The bytes that ``save(_:to:metadata:synchronizes:)`` would write. Holds a second copy of all elements.
  public static func encode(
    _ tensors: some Collection<(key: String, value: Tensor)>, metadata: [String: String]? = nil
  ) throws -> [UInt8] {
    let pairs = tensors.map { ($0.key, $0.value) }
    let layout = try SafetensorsLayout(
      pairs.map { ($0.0, $0.1.spec) }, metadata: metadata, file: "safetensors")
    var bytes = layout.header
    bytes.reserveCapacity(bytes.count + layout.elementByteCount)
    for index in layout.order { pairs[index].1.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }
}
