/// How far a download is.
public struct HubProgress: Sendable, Hashable {
  /// The file of which bytes came last.
  public var file: String
  /// Bytes that are there of all files that are being fetched, those of earlier tries included.
  public var receivedByteCount: Int
  /// Bytes of all these files, as far as the hub has said.
  public var totalByteCount: Int
  /// Files that are whole.
  public var finishedFileCount: Int
  /// Files wanted.
  public var fileCount: Int
}
