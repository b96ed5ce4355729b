import Foundation

/// The Swift files that a path names, and their text.
public enum SourceFiles {
  /// A file of more bytes is not read: it would be some ten thousand lines of Swift.
  public static let maximumByteCount = 384 << 10

  /// The files that `path` names: itself when it is a file, else every file in that folder and the folders in it whose name
  /// ends in `.swift`, in the order of their names. Hidden files and folders (`.build`) are passed over, and so is
  /// everything that is not a regular file: a symbolic link is never followed, so a walk stays in its folder and ends.
  ///
  /// - Parameter unreadable: Told of each folder that cannot be read.
  /// - Throws: ``MigrationError`` when `path` is not there.
  public static func find(at path: String, unreadable: (MigrationError) -> Void) throws(MigrationError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MigrationError(.unreadable, file: path, "there is no such file or folder", advice: "check the path")
    }
    if !isFolder.boolValue { return [path] }
    var files: [String] = []
    // Folders wait in a list, the next at its end: no recursion, whatever the depth.
    var waiting = [path]
    while let folder = waiting.popLast() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
      } catch {
        unreadable(
          MigrationError(
            .unreadable, file: folder, "the folder cannot be read: \(error.localizedDescription)",
            advice: "check its permissions"))
        continue
      }
      var folders: [String] = []
      for name in names {
        let member = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        // Of the link itself, not of what it leads to.
        let type = try? FileManager.default.attributesOfItem(atPath: member)[.type] as? FileAttributeType
        if type == .typeDirectory {
          folders.append(member)
        } else if type == .typeRegular && name.hasSuffix(".swift") {
          files.append(member)
        }
      }
      waiting += folders.reversed()
    }
    return files.sorted()
  }

  /// The bytes of a file, which are UTF-8.
  public static func read(_ path: String) throws(MigrationError) -> [UInt8] {
    func refused(_ kind: MigrationError.Kind, _ message: String, _ advice: String) -> MigrationError {
      MigrationError(kind, file: path, message, advice: advice)
    }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let data: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: target)
      guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw refused(.unreadable, "it is not a regular file", "name a Swift file or a folder")
      }
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: target))
      defer { try? file.close() }
      // One byte more than is allowed tells a file that is too large, also one that grew since it was looked at.
      data = try file.read(upToCount: maximumByteCount + 1) ?? Data()
    } catch let error as MigrationError {
      throw error
    } catch {
      throw refused(.unreadable, error.localizedDescription, "check that it is there and can be read")
    }
    if data.count > maximumByteCount {
      throw .tooLarge(path)
    }
    let bytes = Array(data)
    if let offset = invalidByte(bytes) {
      throw MigrationError(
        .notUTF8, file: path, at: LineTable(bytes).location(at: offset), "it is not UTF-8",
        advice: "convert it to UTF-8 first")
    }
    return bytes
  }

  /// The first byte that belongs to no character of UTF-8.
  private static func invalidByte(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }
}
