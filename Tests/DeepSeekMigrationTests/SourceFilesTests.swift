import Foundation
import TestSupport
import Testing

@testable import DeepSeekMigration

@Suite("Source files of a folder")
struct SourceFilesTests {
  @Test("Every Swift file is found, but none in hidden folders and none behind a link")
  func walk() throws {
    let outside = try TemporaryFolder()
    try "let a = 1\n".write(toFile: outside.file("out.swift"), atomically: true, encoding: .utf8)
    let folder = try TemporaryFolder()
    for name in ["b.swift", "sub/deep/a.swift", ".build/c.swift", ".hidden.swift", "readme.md", "odd.swift/d.swift"] {
      let path = folder.file(name)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try "".write(toFile: path, atomically: true, encoding: .utf8)
    }
    try FileManager.default.createSymbolicLink(atPath: folder.file("out"), withDestinationPath: outside.path)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.swift"), withDestinationPath: outside.file("out.swift"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("sub/loop"), withDestinationPath: folder.path)
    let found = try SourceFiles.find(at: folder.path) { Issue.record($0) }
    #expect(
      found.map { String($0.dropFirst(folder.path.count + 1)) } == ["b.swift", "odd.swift/d.swift", "sub/deep/a.swift"])
    // A link that is named is followed.
    #expect(try SourceFiles.find(at: folder.file("out")) { Issue.record($0) } == [folder.file("out") + "/out.swift"])
  }

  @Test("A file that is not UTF-8 is an error that names the byte")
  func notUTF8() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("latin.swift")
    try Data("let a = 1\nlet b = \"".utf8 + [0xE9] + "\"\n".utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: MigrationError.self) { try SourceFiles.read(path) }
    #expect(error?.kind == .notUTF8 && error?.location?.description == "2:10")
  }

  @Test("What is absent, a folder, a pipe or too large is an error, not a wait")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    #expect(throws: MigrationError.self) { try SourceFiles.find(at: folder.file("none")) { _ in } }
    #expect(throws: MigrationError.self) { try SourceFiles.read(folder.path) }
    let pipe = folder.file("pipe.swift")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: MigrationError.self) { try SourceFiles.read(pipe) }
    let large = folder.file("large.swift")
    #expect(FileManager.default.createFile(atPath: large, contents: nil))
    truncate(large, off_t(SourceFiles.maximumByteCount) + 1)
    #expect(throws: MigrationError.self) { try SourceFiles.read(large) }
  }
}

@Suite("A build without the parser", .enabled(if: !SourceMigrator.isAvailable))
struct UnavailableTests {
  @Test("It says how to build one that has it")
  func unavailable() {
    let error = #expect(throws: MigrationError.self) { try SourceMigrator(MigrationRules([])) }
    #expect(error?.kind == .unavailable && error?.description.contains("--traits Migrate") == true)
  }
}
