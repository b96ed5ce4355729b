/// What a ZIP archive holds, for telling formats apart.
package enum ZipMembers {
  /// The members' names, in the order of the table of contents. Cost: reading that.
  /// - Throws: ``CheckpointError`` when the file is no archive.
  package static func names(_ path: String) throws -> [String] {
    try ZipArchive(MappedFile(path: path)).members.map(\.name)
  }
}
