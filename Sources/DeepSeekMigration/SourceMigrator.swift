/// Rewrites Swift sources from the names of 1.x and 2.x to today's.
///
/// ```swift
/// let migrator = try SourceMigrator(MigrationRules(LegacyName.all))
/// let run = try migrator.migrate(at: "Sources")
/// for file in run.files { print(file.diff, terminator: "") }
/// ```
///
/// Names are matched as they are written, token by token; types are not known. So a name counts as an old one when nothing
/// in the file, nor at the top level of the other files of the run, declares its first part. Strings, comments, formatting
/// and everything else stay as they are, byte for byte. Nothing is written to disk.
public struct SourceMigrator: Sendable {
  let rules: MigrationRules

  /// Whether this build can read Swift, which takes the package trait `Migrate`.
  public static var isAvailable: Bool {
    #if Migrate
      true
    #else
      false
    #endif
  }

  /// Throws ``MigrationError`` in a build without the package trait `Migrate`.
  public init(_ rules: MigrationRules) throws(MigrationError) {
    guard SourceMigrator.isAvailable else { throw .unavailable }
    self.rules = rules
  }

  /// All that became of a file or folder.
  public struct Run: Sendable {
    /// The files that could be read, in the order of their names.
    public var files: [FileMigration] = []
    /// Why others could not.
    public var errors: [MigrationError] = []
  }

  /// What becomes of the file at `path`, or of every Swift file in that folder; see ``SourceFiles/find(at:unreadable:)``.
  ///
  /// - Throws: ``MigrationError`` when `path` is not there. What is wrong with one file is in the run's errors.
  public func migrate(at path: String) throws(MigrationError) -> Run {
    var run = Run()
    let paths = try SourceFiles.find(at: path) { run.errors.append($0) }
    // What one file declares, others use; files are read a second time rather than all kept.
    var declared: Set<String> = []
    for path in paths where paths.count > 1 {
      if let bytes = try? SourceFiles.read(path) { declared.formUnion(declarations(in: bytes, path: path)) }
    }
    for path in paths {
      do {
        run.files.append(try migrate(try SourceFiles.read(path), path: path, declaredElsewhere: declared))
      } catch {
        run.errors.append(error)
      }
    }
    return run
  }

  #if !Migrate
    // Never reached: there is no migrator in a build without the trait.
    private func declarations(in bytes: [UInt8], path: String) -> Set<String> { [] }

    /// What becomes of a source text in UTF-8. Throws ``MigrationError``.
    public func migrate(
      _ bytes: [UInt8], path: String, declaredElsewhere: Set<String> = []
    ) throws(MigrationError) -> FileMigration {
      throw .unavailable
    }
  #endif
}
