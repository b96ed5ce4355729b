public import DeepSeekTensor

/// A file or folder that holds tensors by name, whatever its format: what `ds inspect` lists and `ds convert` reads.
///
/// Opening one reads names, element types and shapes; elements are read when a tensor is asked for.
public protocol TensorArchive: Sendable {
  /// The format's name, as people write it: `safetensors`, `PyTorch zip`, `GGUF`.
  var format: String { get }
  /// The file or folder, as the caller named it.
  var path: String { get }
  /// The tensors, in the order in which reading all of them is fastest.
  var archiveEntries: [ArchiveEntry] { get }
  /// The strings that the file carries beside its tensors.
  var metadata: [String: String] { get }

  /// A tensor: a view of the file where its bytes allow that, else a copy. Quantized elements come dequantized.
  /// - Throws: ``CheckpointError`` when there is none of that name, its bytes are damaged, or tensors lack its type.
  func tensor(_ name: String) throws -> Tensor
}

/// What an archive says of one of its tensors.
public struct ArchiveEntry: Sendable, Hashable {
  /// The name in the file.
  public let name: String
  /// The type of the tensor that reading gives; `nil` when tensors lack it, and then reading throws.
  public let dtype: DType?
  /// The element type as the format names it: `F32`, `torch.bfloat16`, `Q4_K`.
  public let storedType: String
  /// Lengths of the dimensions, outermost first.
  public let lengths: [Int]
  /// Bytes that the elements take in the file.
  public let byteCount: Int
  /// The first of the names that share these elements, when another came before: a tied weight.
  public let sharedWith: String?

  /// A tensor of the file.
  public init(
    name: String, dtype: DType?, storedType: String, lengths: [Int], byteCount: Int, sharedWith: String? = nil
  ) {
    self.name = name
    self.dtype = dtype
    self.storedType = storedType
    self.lengths = lengths
    self.byteCount = byteCount
    self.sharedWith = sharedWith
  }
}
