import DeepSeekCheckpoints
public import DeepSeekTensor

/// Reads PNG and JPEG images into tensors, by libpng and libjpeg-turbo, which are loaded when the first image is read.
public enum ImageDecoder {
  /// How pixels are given.
  public enum Channels: Int, Sendable, Hashable {
    /// Brightness.
    case gray = 1
    /// Red, green, blue; transparent parts over black.
    case rgb = 3
  }

  /// An image as `uint8`, `[height, width, channels]`.
  /// - Throws: ``DataError`` when the file is neither PNG nor JPEG, or damaged.
  public static func decode(path: String, channels: Channels = .rgb) throws(DataError) -> Tensor {
    try decode(DataFile(path: path), channels)
  }

  /// An image in memory as `uint8`, `[height, width, channels]`; `name` stands for a path in errors.
  /// - Throws: ``DataError`` when the bytes are neither PNG nor JPEG, or damaged.
  public static func decode(
    _ bytes: [UInt8], named name: String, channels: Channels = .rgb
  ) throws(DataError) -> Tensor {
    try decode(DataFile(copying: bytes, named: name), channels)
  }

  static func decode(_ file: DataFile, _ channels: Channels) throws(DataError) -> Tensor {
    let bytes = file.bytes.buffer
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      return try PNG.library().decode(file, channels)
    }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try JPEG.library().decode(file, channels) }
    throw DataError(
      .unsupported, file: file.path, "it is neither a PNG nor a JPEG image", advice: "convert it to one of them")
  }

  /// A tensor for pixels, unless that is more than `perByte` pixels for each byte of the file.
  static func pixels(
    _ file: DataFile, width: Int, height: Int, _ channels: Channels, perByte: Int
  ) throws(DataError) -> Tensor {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, count / perByte <= file.count else {
      throw DataError(
        .malformed, file: file.path, "\(file.count) bytes cannot hold an image of \(width) by \(height) pixels",
        advice: DataError.downloadAgain)
    }
    try DataLimit.check(count.multipliedReportingOverflow(by: 4).partialValue, file: file.path, item: nil)
    return Tensor(uninitialized: .uint8, [height, width, channels.rawValue])
  }
}

/// libpng's simplified interface.
private struct PNG: Sendable {
  /// `png_image` of png.h.
  private struct Image {
    var opaque: OpaquePointer?
    var version: UInt32 = 1
    var width: UInt32 = 0
    var height: UInt32 = 0
    var format: UInt32 = 0
    var flags: UInt32 = 0
    var colormapEntries: UInt32 = 0
    var warningOrError: UInt32 = 0
    /// 64 characters, which C puts right behind.
    var message: (Letters, Letters, Letters, Letters) = ((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
    typealias Letters = (UInt32, UInt32, UInt32, UInt32)
  }

  private typealias Begin = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Int32
  private typealias Finish =
    @convention(c) (
      UnsafeMutableRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer, Int32, UnsafeMutableRawPointer?
    )
    -> Int32
  private typealias Free = @convention(c) (UnsafeMutableRawPointer) -> Void

  private let begin: Begin
  private let finish: Finish
  private let free: Free

  private static let found = Result { () throws(DataError) -> PNG in try PNG() }

  static func library() throws(DataError) -> PNG { try found.get() }

  private init() throws(DataError) {
    let library = try DynamicLibrary.open(
      ["libpng16.so.16", "libpng16.16.dylib"], for: "a PNG image", package: "libpng16-16")
    begin = try library.needed("png_image_begin_read_from_memory", as: Begin.self)
    finish = try library.needed("png_image_finish_read", as: Finish.self)
    free = try library.needed("png_image_free", as: Free.self)
  }

  /// Deflate's largest ratio, with eight pixels in a byte.
  private static let pixelsPerByte = 1032 * 8

  func decode(_ file: DataFile, _ channels: ImageDecoder.Channels) throws(DataError) -> Tensor {
    let image = UnsafeMutablePointer<Image>.allocate(capacity: 1)
    image.initialize(to: Image())
    defer {
      free(image)
      image.deallocate()
    }
    guard begin(image, file.bytes.pointer, file.count) != 0 else { throw failure(file, image) }
    let tensor = try ImageDecoder.pixels(
      file, width: Int(image.pointee.width), height: Int(image.pointee.height), channels,
      perByte: PNG.pixelsPerByte)
    let colour: UInt32 = 2
    image.pointee.format = channels == .rgb ? colour : 0
    // A background, black here, takes the place of transparency; `png_color` has three bytes.
    let black: [UInt8] = [0, 0, 0]
    guard finish(image, black, tensor.pointer, 0, nil) != 0 else { throw failure(file, image) }
    return tensor
  }

  private func failure(_ file: DataFile, _ image: UnsafeMutablePointer<Image>) -> DataError {
    let message = withUnsafeBytes(of: image.pointee.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return DataError(.malformed, file: file.path, "libpng says: \(message)", advice: DataError.downloadAgain)
  }
}

/// libjpeg-turbo's own interface.
private struct JPEG: Sendable {
  private typealias Create = @convention(c) () -> OpaquePointer?
  private typealias Destroy = @convention(c) (OpaquePointer) -> Int32
  private typealias Header =
    @convention(c) (
      OpaquePointer, UnsafeRawPointer, UInt, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>,
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Int32
  private typealias Decompress =
    @convention(c) (
      OpaquePointer, UnsafeRawPointer, UInt, UnsafeMutableRawPointer, Int32, Int32, Int32, Int32, Int32
    ) -> Int32
  private typealias ErrorText = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?

  private let create: Create
  private let destroy: Destroy
  private let header: Header
  private let decompress: Decompress
  private let errorText: ErrorText

  private static let found = Result { () throws(DataError) -> JPEG in try JPEG() }

  static func library() throws(DataError) -> JPEG { try found.get() }

  private init() throws(DataError) {
    let library = try DynamicLibrary.open(
      ["libturbojpeg.so.0", "libturbojpeg.dylib"], for: "a JPEG image", package: "libturbojpeg0")
    create = try library.needed("tjInitDecompress", as: Create.self)
    destroy = try library.needed("tjDestroy", as: Destroy.self)
    header = try library.needed("tjDecompressHeader3", as: Header.self)
    decompress = try library.needed("tjDecompress2", as: Decompress.self)
    errorText = try library.needed("tjGetErrorStr2", as: ErrorText.self)
  }

  /// A block of 256 pixels takes at least a bit for each of its six parts.
  private static let pixelsPerByte = 2048
  /// Scans of a progressive image, each of which passes over all pixels though it may take no more than a few bytes. Writers
  /// make about ten.
  private static let mostScans = 500

  /// How many scans begin: a mark that stands nowhere else among compressed pixels.
  private static func scanCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    var (count, previous): (Int, UInt8) = (0, 0)
    for byte in bytes {
      if previous == 0xFF && byte == 0xDA { count += 1 }
      previous = byte
    }
    return count
  }

  func decode(_ file: DataFile, _ channels: ImageDecoder.Channels) throws(DataError) -> Tensor {
    guard let handle = create() else {
      throw DataError(.tooLarge, file: file.path, "libjpeg-turbo has no memory left to read it")
    }
    defer { _ = destroy(handle) }
    var (width, height, subsampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard header(handle, file.bytes.pointer, UInt(file.count), &width, &height, &subsampling, &space) == 0 else {
      throw failure(file, handle)
    }
    let tensor = try ImageDecoder.pixels(
      file, width: Int(width), height: Int(height), channels, perByte: JPEG.pixelsPerByte)
    let scans = JPEG.scanCount(file.bytes.buffer)
    guard scans <= JPEG.mostScans else {
      throw DataError(
        .tooLarge, file: file.path, "a progressive image in \(scans) scans; at most \(JPEG.mostScans) are decoded",
        advice: "save it again as an ordinary JPEG image")
    }
    // Exact transforms, so that pixels are those of other readers; and a damaged image is an error, not a grey area.
    let flags: Int32 = 4096 | 8192
    func read(_ target: UnsafeMutableRawPointer, _ format: Int32) throws(DataError) {
      let status = decompress(handle, file.bytes.pointer, UInt(file.count), target, width, 0, height, format, flags)
      guard status == 0 else { throw failure(file, handle) }
    }
    let (rgb, gray, cmyk): (Int32, Int32, Int32) = (0, 6, 11)
    guard JPEG.inkSpaces.contains(space) else {
      try read(tensor.pointer, channels == .rgb ? rgb : gray)
      return tensor
    }
    let inks = Storage(byteCount: Int(width) * Int(height) * 4)
    try read(inks.pointer, cmyk)
    JPEG.mix(inks, Int(width) * Int(height), into: tensor, channels)
    return tensor
  }

  /// Cyan, magenta, yellow and black, as they are and as brightness and colours: of images made for print.
  private static let inkSpaces: [Int32] = [3, 4]

  /// Turns inks into colours. Files have what is left white by each ink, as photo programs save them.
  private static func mix(_ inks: Storage, _ count: Int, into tensor: Tensor, _ channels: ImageDecoder.Channels) {
    let source = UnsafeRawPointer(inks.pointer).assumingMemoryBound(to: UInt8.self)
    let target = tensor.pointer.assumingMemoryBound(to: UInt8.self)
    func product(_ ink: UInt8, _ black: Int) -> Int { (Int(ink) * black + 127) / 255 }
    for pixel in 0..<count {
      let inks = source + 4 * pixel
      let black = Int(inks[3])
      let red = product(inks[0], black)
      let green = product(inks[1], black)
      let blue = product(inks[2], black)
      switch channels {
      case .rgb:
        let colours = target + 3 * pixel
        colours[0] = UInt8(red)
        colours[1] = UInt8(green)
        colours[2] = UInt8(blue)
      case .gray:
        let weighted: Int = 299 * red + 587 * green + 114 * blue
        target[pixel] = UInt8((weighted + 500) / 1000)
      }
    }
  }

  private func failure(_ file: DataFile, _ handle: OpaquePointer) -> DataError {
    let message = errorText(handle).map { String(cString: $0) } ?? "it is damaged"
    return DataError(.malformed, file: file.path, "libjpeg-turbo says: \(message)", advice: DataError.downloadAgain)
  }
}
