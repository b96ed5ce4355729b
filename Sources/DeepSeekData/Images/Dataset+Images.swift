public import DeepSeekTensor
import Foundation

/// An image and the class that its folder is.
public struct ImageExample: Sendable {
  /// The pixels: `uint8`, `[height, width, channels]`.
  public let image: Tensor
  /// The class, from 0, in the order of the folders' names.
  public let label: Int
  /// The file.
  public let path: String
}

/// A folder with a folder of PNG and JPEG images for each class.
public struct ImageFolder: Sendable {
  /// The classes' names: the folders', sorted.
  public let classes: [String]
  /// The images' files and classes, sorted by folder and name.
  public let files: [(path: String, label: Int)]

  private static let endings: Set<String> = ["png", "jpg", "jpeg"]

  /// Lists a folder's images; reads none of them.
  /// - Throws: ``DataError`` when the folder cannot be listed or has no images.
  public init(path: String) throws(DataError) {
    let root = URL(fileURLWithPath: path, isDirectory: true)
    var classes: [String] = []
    var files: [(path: String, label: Int)] = []
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
        let folder = root.appendingPathComponent(name, isDirectory: true)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
          continue
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where ImageFolder.endings.contains(URL(fileURLWithPath: file).pathExtension.lowercased()) {
          files.append((folder.appendingPathComponent(file).path, classes.count))
        }
        classes.append(name)
      }
    } catch {
      throw DataError(.unreadable, file: path, error.localizedDescription, advice: "check the path")
    }
    guard !files.isEmpty else {
      throw DataError(
        .missingFile, file: path, "there are no images",
        advice: "it needs a folder of .png or .jpg files for each class")
    }
    self.classes = classes
    self.files = files
  }

  /// The images, each decoded when it is asked for; on all threads.
  ///
  /// A damaged image is a ``DataError`` from the iterator.
  public func dataset(channels: ImageDecoder.Channels = .rgb) -> Dataset<ImageExample> {
    Dataset(files).map { file in
      ImageExample(
        image: try ImageDecoder.decode(path: file.path, channels: channels), label: file.label, path: file.path)
    }
  }
}
