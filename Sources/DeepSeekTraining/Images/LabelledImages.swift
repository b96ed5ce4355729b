import DeepSeekData
import DeepSeekOperators
public import DeepSeekTensor
import Foundation

/// Images of one size with classes, in memory as bytes: what an image classifier learns from.
public struct LabelledImages: Sendable {
  /// The pixels, `uint8` `[count, channels, height, width]`.
  public let pixels: Tensor
  /// The classes, from 0.
  public let labels: [Int]
  /// The classes' names; the numbers, where nobody named them.
  public let classNames: [String]

  /// The largest class that a file may name.
  private static let largestLabel = 1 << 16

  /// Which part of a data set a folder of IDX files is read for.
  public enum Part: String, Sendable, Hashable {
    /// `train-images…` and `train-labels…`.
    case train
    /// `t10k-images…` or `test-images…`, and their labels.
    case test

    var prefixes: [String] { self == .train ? ["train"] : ["t10k", "test"] }
  }

  /// These images; the pixels are `uint8` `[count, channels, height, width]`, with a class from 0 for each.
  ///
  /// Throws ``TrainingError`` when they do not fit together.
  public init(pixels: Tensor, labels: [Int], classNames: [String]? = nil) throws {
    guard pixels.dtype == .uint8, pixels.rank == 4, pixels.shape[0] == labels.count else {
      throw TrainingError(
        "pixels \(pixels.spec) and \(labels.count) labels; uint8[count, channels, height, width] is expected")
    }
    guard !labels.isEmpty, !pixels.shape.dimensions.contains(where: { $0.known == 0 }) else {
      throw TrainingError("there are no images, or they have no pixels")
    }
    let count = (labels.max() ?? 0) + 1
    let names = classNames ?? (0..<count).map(String.init)
    guard (labels.min() ?? 0) >= 0, count <= names.count else {
      throw TrainingError("the classes are \(labels.min() ?? 0) to \(count - 1); there are \(names.count) names from 0")
    }
    self.pixels = pixels
    self.labels = labels
    self.classNames = names
  }

  /// Reads images from where they are:
  ///
  /// - a folder of IDX files as MNIST has them (`train-images-idx3-ubyte`, with or without `.gz`), of which `part` says which;
  /// - a folder with a folder of PNG or JPEG images for each class;
  /// - a Parquet file with columns `image` and `label`, as Hugging Face's data sets have them.
  ///
  /// All must be of one size. Throws `DataError` or ``TrainingError`` that names the file.
  public init(contentsOf path: String, part: Part) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw TrainingError("\(path): no such file or folder")
    }
    if !isFolder.boolValue {
      try self.init(parquet: path)
    } else if let files = try LabelledImages.idxFiles(path, part) {
      try self.init(images: files.images, labels: files.labels)
    } else {
      let folder = try ImageFolder(path: path)
      var stack = ImageStack()
      try folder.dataset().forEach { try stack.add($0.image, $0.label, $0.path) }
      try self.init(pixels: stack.pixels, labels: stack.labels, classNames: folder.classes)
    }
  }

  /// The files of a part; `nil` when the folder has no such files at all.
  private static func idxFiles(_ folder: String, _ part: Part) throws -> (images: String, labels: String)? {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("-ubyte") }.sorted()
    if names.isEmpty { return nil }
    func file(_ kind: String) throws -> String {
      for prefix in part.prefixes {
        if let name = names.first(where: { $0.hasPrefix("\(prefix)-\(kind)") }) { return "\(folder)/\(name)" }
      }
      throw TrainingError("\(folder): there is no file \(part.prefixes[0])-\(kind)-idx…-ubyte among its IDX files")
    }
    return (try file("images"), try file("labels"))
  }

  private init(images: String, labels: String) throws {
    let (pixels, classes) = (try IDXFile.read(path: images), try IDXFile.read(path: labels))
    guard pixels.dtype == .uint8, pixels.rank == 3 else {
      throw TrainingError("\(images): \(pixels.spec); uint8[count, height, width] is expected")
    }
    guard classes.dtype == .uint8, classes.rank == 1, classes.shape[0] == pixels.shape[0] else {
      throw TrainingError("\(labels): \(classes.spec); uint8[\(pixels.shape[0])] is expected, a class for each image")
    }
    try self.init(pixels: pixels.expanded(1), labels: classes.array(of: Int.self))
  }

  private init(parquet path: String) throws {
    var stack = ImageStack()
    try Dataset.fromParquet(path, columns: ["image", "label"]).forEach { row in
      let item = "\(path), row \(stack.labels.count + 1)"
      guard let bytes = row["image"]?.bytes ?? row["image"]?.record?["bytes"]?.bytes else {
        throw TrainingError("\(item): 'image' has no bytes of an image")
      }
      guard let label = row["label"]?.integer, (0...LabelledImages.largestLabel).contains(label) else {
        throw TrainingError("\(item): the label is no class; a whole number from 0 is")
      }
      try stack.add(ImageDecoder.decode(bytes, named: item), label, item)
    }
    try self.init(pixels: stack.pixels, labels: stack.labels)
  }

  /// How many there are.
  public var count: Int { labels.count }

  /// `[channels, height, width]`.
  public var imageShape: Shape { Shape(Array(pixels.shape.dropFirst())) }

  /// Some of the images, in this order.
  public func batch(_ indices: [Int]) -> ImageBatch {
    let chosen = Tensor([indices.count], indices.map { Int64($0) })
    return ImageBatch(
      pixels: pixels.indexSelect(axis: 0, chosen), labels: Tensor([indices.count], indices.map { Int64(labels[$0]) }))
  }
}

/// Images and their classes.
public struct ImageBatch: Sendable {
  /// `uint8` `[batch, channels, height, width]`.
  public let pixels: Tensor
  /// Class numbers `[batch]`, `int64`.
  public let labels: Tensor
}

/// Decoded images one after another, which must be of one size.
private struct ImageStack {
  private(set) var labels: [Int] = []
  private var bytes: [UInt8] = []
  private var size: (height: Int, width: Int)?

  /// Adds an image `[height, width, 3]`.
  mutating func add(_ image: Tensor, _ label: Int, _ name: String) throws {
    let found = (height: image.shape[0], width: image.shape[1])
    if let size, size != found {
      throw TrainingError(
        "\(name): the image has \(found.height) rows of \(found.width) pixels, those before it \(size.height) of "
          + "\(size.width); bring all to one size")
    }
    size = found
    image.transposed([2, 0, 1]).contiguous().withUnsafeBytes { bytes.append(contentsOf: $0) }
    labels.append(label)
  }

  /// `[count, 3, height, width]`; of nothing, no images of one pixel.
  var pixels: Tensor { Tensor([labels.count, 3, size?.height ?? 1, size?.width ?? 1], bytes) }
}
