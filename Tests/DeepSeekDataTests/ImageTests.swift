import DeepSeekJSON
import DeepSeekTensor
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("Folders of images")
struct ImageTests {
  @Test("PNG images have the pixels that were saved, JPEG images those that libjpeg gives")
  func pixels() throws {
    let wanted = try expected("images.json")
    let folder = try ImageFolder(path: fixture("images"))
    #expect(folder.classes == ["a", "b"])
    #expect(folder.files.map(\.label) == [0, 0, 1, 1, 1])
    let examples = try folder.dataset().elements()
    for example in examples {
      let name = example.path.split(separator: "/").suffix(2).joined(separator: "/")
      #expect(example.image.shape == [13, 17, 3])
      let pixels = example.image.array(of: UInt8.self).map { Int($0) }
      let saved = try #require(wanted[name]?.array).map { $0.integer! }
      // Versions of libjpeg round differently.
      let tolerance = name.hasSuffix("png") ? 0 : 2
      #expect(zip(pixels, saved).allSatisfy { abs($0 - $1) <= tolerance }, "\(name)")
    }
    #expect(try ImageDecoder.decode(path: fixture("images/b/four.png"), channels: .gray).shape == [13, 17, 1])
  }

  @Test("images made for print, in four inks, have the colours that Pillow gives them")
  func inks() throws {
    let wanted = try expected("inks.json")
    for (channels, name) in [(ImageDecoder.Channels.rgb, "rgb"), (.gray, "gray")] {
      let image = try ImageDecoder.decode(path: fixture("inks.jpg"), channels: channels)
      #expect(image.shape == [13, 17, channels.rawValue])
      let values = try #require(wanted[name]?.array).map { $0.integer! }
      #expect(zip(image.array(of: UInt8.self), values).allSatisfy { abs(Int($0) - $1) <= 2 }, "\(name)")
    }
  }

  @Test("an image in more scans than any writer makes is refused")
  func scans() throws {
    let bytes = try contents(fixture("images/a/two.jpg"))
    #expect(dataError { _ = try ImageDecoder.decode(DataFile(copying: bytes, named: "whole"), .rgb) } == nil)
    // Scans of one component without pixels, before the end of the image.
    let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
    let many = bytes.dropLast(2) + (0..<600).flatMap { _ in scan } + bytes.suffix(2)
    let error = dataError { _ = try ImageDecoder.decode(DataFile(copying: Array(many), named: "scans"), .rgb) }
    #expect(error?.kind == .tooLarge && error?.file == "scans", "\(String(describing: error))")
  }

  @Test("damaged images are refused", arguments: ["images/a/one.png", "images/a/two.jpg"])
  func damaged(_ name: String) throws {
    let bytes = try contents(fixture(name))
    for count in stride(from: 0, to: bytes.count - 12, by: 7) {
      let file = DataFile(copying: Array(bytes.prefix(count)), named: "cut")
      let error = dataError { _ = try ImageDecoder.decode(file, .rgb) }
      #expect(error?.file == "cut", "\(count) bytes")
    }
    var generator = SplitMix(3)
    for _ in 0..<FuzzTests.count {
      let file = DataFile(copying: Fuzzing.mutated(bytes, &generator), named: "changed")
      _ = dataError { _ = try ImageDecoder.decode(file, .rgb) }
    }
    #expect(dataError { _ = try ImageFolder(path: fixture("nowhere")) }?.kind == .unreadable)
  }
}
