/// The safetensors format: a JSON header with names, types, shapes and places, then the elements.
///
/// Specification: <https://huggingface.co/docs/safetensors>, and the reference implementation's checks.
public enum Safetensors {
  /// Opens a file. Cost: reading and checking the header; no element is read.
  /// - Throws: ``CheckpointError`` when the file cannot be opened or anything in its header is not as the format asks.
  public static func open(_ path: String, access: FileAccess = .mapped) throws -> SafetensorsFile {
    try SafetensorsFile(MappedFile(path: path, access: access))
  }

  /// Reads what would be a file's contents; `name` stands for its path in errors. The bytes are copied once.
  public static func decode(
    _ bytes: some Collection<UInt8>, named name: String = "safetensors"
  ) throws -> SafetensorsFile {
    try SafetensorsFile(MappedFile(copying: bytes, named: name))
  }
}
