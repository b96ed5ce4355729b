import DeepSeekCheckpoints
import DeepSeekData
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Foundation
import TestSupport
import Testing

@Suite("A small convolutional network learns classes of images")
struct ImageTrainingTests {
  /// Images of 8 by 8 with noise and a bright stripe, which lies or stands.
  private static func stripes(_ count: Int, seed: UInt64) throws -> (pixels: [UInt8], labels: [UInt8]) {
    var generator = SplitMix(seed)
    var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
    for number in 0..<count {
      let place = Int.random(in: 0..<8, using: &generator)
      for row in 0..<8 {
        for column in 0..<8 {
          let isBright = number % 2 == 0 ? row == place : column == place
          pixels.append(UInt8.random(in: 0...80, using: &generator) + (isBright ? 150 : 0))
        }
      }
      labels.append(UInt8(number % 2))
    }
    return (pixels, labels)
  }

  private static func write(_ folder: TemporaryFolder, _ part: String, _ count: Int, seed: UInt64) throws {
    let (pixels, labels) = try stripes(count, seed: seed)
    let size: [UInt8] = [0, 0, 0, UInt8(count)]
    try AtomicFile.write(
      [0, 0, 8, 3] + size + [0, 0, 0, 8, 0, 0, 0, 8] + pixels, to: folder.file("\(part)-images-idx3-ubyte"))
    try AtomicFile.write([0, 0, 8, 1] + size + labels, to: folder.file("\(part)-labels-idx1-ubyte"))
  }

  @Test("from IDX files to a checkpoint that opens again with the same logits")
  func learns() throws {
    let folder = try TemporaryFolder()
    try ImageTrainingTests.write(folder, "train", 120, seed: 1)
    try ImageTrainingTests.write(folder, "t10k", 40, seed: 2)
    let data = try LabelledImages(contentsOf: folder.path, part: .train)
    let judged = try LabelledImages(contentsOf: folder.path, part: .test)
    #expect(data.count == 120 && data.imageShape == [1, 8, 8] && data.classNames == ["0", "1"])
    let training = try ImageClassifierTraining(
      data, evaluatingOn: judged, batchSize: 20,
      arguments: quietArguments {
        $0.epochs = 6
        $0.evaluation = .epochs
        $0.checkpoints = CheckpointSettings(folder.file("run"), layout: .single)
      }
    ) {
      $0.widths = [4, 8]
      $0.hiddenSize = 16
    }
    let outcome = try training.trainer.train()
    #expect(try #require(outcome.scores?["accuracy"]) >= 0.95)
    let opened = try ConvolutionalClassifier.load(contentsOf: URL(fileURLWithPath: folder.file("run")))
    #expect(opened.configuration == training.model.configuration)
    training.model.eval()
    let batch = judged.batch([3, 1, 2])
    #expect(batch.labels.array(of: Int.self) == [1, 1, 0])
    #expect(sameBits(noGradient { opened(batch.pixels) }, noGradient { training.model(batch.pixels) }))
    try opened.save(to: folder.file("saved"))
    #expect(
      try ConvolutionalClassifier.load(contentsOf: URL(fileURLWithPath: folder.file("saved"))).configuration
        == opened.configuration)
  }

  @Test("folders of images are read as tensors of three channels")
  func folders() throws {
    let images = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../DeepSeekDataTests/Fixtures/images").standardized.path
    let data = try LabelledImages(contentsOf: images, part: .train)
    #expect(data.pixels.shape == [5, 3, 13, 17] && data.labels == [0, 0, 1, 1, 1] && data.classNames == ["a", "b"])
  }

  @Test("what does not fit together is refused by name")
  func refused() throws {
    let folder = try TemporaryFolder()
    try ImageTrainingTests.write(folder, "train", 8, seed: 1)
    func description(_ body: () throws -> Void) -> String {
      String(describing: #expect(throws: TrainingError.self) { try body() })
    }
    #expect(description { _ = try LabelledImages(contentsOf: folder.path, part: .test) }.contains("t10k-images"))
    #expect(description { _ = try LabelledImages(contentsOf: folder.file("nowhere"), part: .test) }.contains("nowhere"))
    let data = try LabelledImages(contentsOf: folder.path, part: .train)
    #expect(
      description { _ = try ImageClassifierTraining(data, evaluatingOn: data) { $0.widths = [2, 2, 2, 2] } }
        .contains("widths"))
    let pixels = Tensor([1, 1, 1, 1], [UInt8(0)])
    #expect(throws: TrainingError.self) { try LabelledImages(pixels: pixels, labels: [0, 1]) }
    #expect(throws: TrainingError.self) { try LabelledImages(pixels: pixels, labels: [-1]) }
    #expect(throws: TrainingError.self) { try LabelledImages(pixels: pixels, labels: [1], classNames: ["a"]) }
  }

  @Test(
    "a damaged config.json names its field",
    arguments: [
      (#""image_shape": [1, 8, 8]"#, #""image_shape": [1, 8]"#, "image_shape"),
      (#""widths": [4]"#, #""widths": [4, 4, 4, 4]"#, "widths"),
      (#""hidden_size": 4"#, #""hidden_size": 1e9"#, "hidden_size"),
      (#""image_std": [0.5]"#, #""image_std": [0]"#, "image_std"),
      (#""convolutional-classifier""#, #""bert""#, "model_type"),
    ])
  func configuration(original: String, damaged: String, field: String) throws {
    let folder = try TemporaryFolder()
    var configuration = ConvolutionalClassifierConfiguration(imageShape: [1, 8, 8], classNames: ["a", "b"])
    configuration.widths = [4]
    configuration.hiddenSize = 4
    let lines = String(decoding: try configuration.fileContents, as: UTF8.self).split(separator: "\n")
    let text = lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined().replacing(",", with: ", ")
    let flat = text.replacing("[ ", with: "[")
    #expect(flat.contains(original), "\(flat)")
    try AtomicFile.write(Array(flat.replacing(original, with: damaged).utf8), to: folder.file("config.json"))
    let error = #expect(throws: ModelError.self) {
      try ConvolutionalClassifier.load(contentsOf: URL(fileURLWithPath: folder.path))
    }
    #expect(String(describing: error).contains(field))
  }
}
