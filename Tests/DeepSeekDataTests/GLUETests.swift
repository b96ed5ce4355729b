import DeepSeekCheckpoints
import Foundation
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("GLUE's tasks are read from both of their layouts")
struct GLUETests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ lines: [String]) throws {
    try Folder.create(folder.path + "/" + name.split(separator: "/").dropLast().joined(separator: "/"))
    _ = try folder.write(name, lines.map { $0 + "\n" }.joined())
  }

  private func example(_ first: String, _ second: String?, _ label: Double?, _ index: Int) -> GLUEExample {
    GLUEExample(first: first, second: second, label: label, index: index)
  }

  @Test("names find their tasks, in either spelling")
  func names() throws {
    #expect(
      GLUETask.all.map(\.name) == [
        "ax", "cola", "sst2", "mrpc", "qqp", "stsb", "mnli", "mnli_matched", "mnli_mismatched", "qnli", "rte", "wnli",
      ])
    #expect(try GLUETask.named("SST-2").name == "sst2")
    #expect(try GLUETask.named("STS-B").isRegression)
    #expect(try GLUETask.named("mnli").outputCount == 3)
    #expect(try GLUETask.named("stsb").outputCount == 1)
    #expect(dataError { _ = try GLUETask.named("squad") }?.kind == .unsupported)
  }

  @Test("CoLA has no header, and quotes are no quotes")
  func cola() throws {
    try write("CoLA/train.tsv", ["gj04\t1\t\t\"One more pseudo.", "gj04\t0\t*\tThe car honked down the road."])
    try write("CoLA/test.tsv", ["index\tsentence", "0\tBill whistled."])
    let glue = try loadGLUE("cola", from: folder.path)
    #expect(glue.splitNames == ["train", "test"])
    #expect(
      try glue.train.elements() == [
        example("\"One more pseudo.", nil, 1, 0), example("The car honked down the road.", nil, 0, 1),
      ])
    #expect(try glue.test.elements() == [example("Bill whistled.", nil, nil, 0)])
    #expect(dataError { _ = try glue.validation }?.kind == .missingFile)
    // The task's own folder does as well.
    #expect(try loadGLUE("cola", from: folder.file("CoLA")).splitNames == ["train", "test"])
  }

  @Test("MRPC's development set is the listed part of its training file")
  func paraphrases() throws {
    let header = "\u{FEFF}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String"
    try write(
      "MRPC/msr_paraphrase_train.txt",
      [header, "1\t702876\t702977\tAmrozi accused \"the witness\t\"He did\r", "0\t1\t2\ta\tb", "1\t3\t4\tc\td"])
    try write("MRPC/msr_paraphrase_test.txt", [header, "1\t5\t6\te\tf"])
    try write("MRPC/mrpc_dev_ids.tsv", ["1\t2"])
    let glue = try loadGLUE("mrpc", from: folder.path)
    #expect(
      try glue.train.elements() == [
        example("Amrozi accused \"the witness", "\"He did", 1, 0), example("c", "d", 1, 2),
      ])
    #expect(try glue.validation.elements() == [example("a", "b", 0, 1)])
    #expect(try glue.test.elements() == [example("e", "f", 1, 0)])
    // The same, cut already.
    try Folder.remove(folder.file("MRPC"))
    try write("MRPC/train.tsv", [String(header.dropFirst()), "1\t3\t4\tc\td"])
    try write("MRPC/dev.tsv", [header, "0\t1\t2\ta\tb"])
    try write("MRPC/test.tsv", ["index\t#1 ID\t#2 ID\t#1 String\t#2 String", "0\t5\t6\te\tf"])
    let cut = try loadGLUE("mrpc", from: folder.path)
    #expect(try cut.train.elements() == [example("c", "d", 1, 0)])
    #expect(try cut.validation.elements() == [example("a", "b", 0, 0)])
    #expect(try cut.test.elements() == [example("e", "f", nil, 0)])
  }

  @Test("QQP's broken rows are left out and keep their numbers; another task's are an error")
  func brokenRows() throws {
    let header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate"
    try write(
      "QQP/train.tsv", [header, "133\t1\t2\tHow?\tWhy?\t0", "7\t3\t4\tWhat is", "a?\tb?\t1", "9\t5\t6\tx\ty\t1"])
    let qqp = try loadGLUE("qqp", from: folder.path)
    #expect(try qqp.train.elements() == [example("How?", "Why?", 0, 0), example("x", "y", 1, 3)])
    try write("RTE/train.tsv", ["index\tsentence1\tsentence2\tlabel", "0\ta\tb\tentailment", "1\tc"])
    let error = dataError { _ = try loadGLUE("rte", from: folder.path).train.elements() }
    #expect(error?.kind == .malformed && error?.line == 3)
  }

  @Test("STS-B has scores, and MNLI a choice of evaluation sets and more columns than it needs")
  func others() throws {
    try write(
      "STS-B/dev.tsv",
      [
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
        "0\tmain\tx\t2012\t1\tn\tn\tA man.\tA person.\t3.800", "1\tmain\tx\t2012\t1\tn\tn\tc\td\t5",
      ])
    #expect(
      try loadGLUE("stsb", from: folder.path).validation.elements() == [
        example("A man.", "A person.", 3.8, 0), example("c", "d", 5, 1),
      ])
    let columns = "index\tpromptID\tpairID\tgenre\tb1\tb2\tp1\tp2\tsentence1\tsentence2"
    try write(
      "MNLI/train.tsv",
      [
        columns + "\tlabel1\tgold_label", "0\t1\t1n\tg\t(\t(\t(\t(\tThe\tA\tneutral\tneutral",
        "1\t1\t1n\tg\t(\t(\t(\t(\tc\td\tx\tentailment",
      ])
    try write(
      "MNLI/dev_mismatched.tsv",
      [columns + "\tlabel1\tlabel2\tgold_label", "0\t1\t1n\tg\t(\t(\t(\t(\ta\tb\tx\ty\tcontradiction"])
    try write("MNLI/test_matched.tsv", [columns, "0\t1\t1n\tg\t(\t(\t(\t(\te\tf"])
    let mnli = try loadGLUE("mnli", from: folder.path)
    #expect(mnli.splitNames == ["train", "validation_mismatched", "test_matched"])
    #expect(try mnli.train.elements() == [example("The", "A", 1, 0), example("c", "d", 0, 1)])
    #expect(try mnli.split("validation_mismatched").elements() == [example("a", "b", 2, 0)])
    #expect(try mnli.test.elements() == [example("e", "f", nil, 0)])
    #expect(try loadGLUE("mnli_mismatched", from: folder.path).validation.elements() == [example("a", "b", 2, 0)])
  }

  @Test(
    "every other task has its own columns",
    arguments: [
      ("sst2", "SST-2/dev.tsv", "sentence\tlabel", "it 's \"fine\" \t1", "it 's \"fine\" ", nil, 1.0),
      ("qnli", "QNLI/dev.tsv", "index\tquestion\tsentence\tlabel", "0\tWho?\tHe.\tnot_entailment", "Who?", "He.", 1),
      ("rte", "RTE/dev.tsv", "index\tsentence1\tsentence2\tlabel", "0\ta\tb\tentailment", "a", "b", 0),
      ("wnli", "WNLI/dev.tsv", "index\tsentence1\tsentence2\tlabel", "0\ta\tb\t1", "a", "b", 1),
      ("ax", "AX/AX.tsv", "index\tsentence1\tsentence2", "0\ta\tb", "a", "b", nil),
      ("ax", "diagnostic/diagnostic.tsv", "index\tsentence1\tsentence2", "0\ta\tb", "a", "b", nil),
    ] as [(String, String, String, String, String, String?, Double?)])
  func columns(
    _ task: String, _ file: String, _ header: String, _ row: String, _ first: String, _ second: String?,
    _ label: Double?
  ) throws {
    try write(file, [header, row])
    let glue = try loadGLUE(task, from: folder.path)
    #expect(try glue.split(glue.splitNames[0]).elements() == [example(first, second, label, 0)])
  }

  @Test("the hub's layout gives the same examples, over several files")
  func hub() throws {
    let mrpc = try loadGLUE("mrpc", from: fixture("glue"))
    #expect(mrpc.splitNames == ["train", "validation", "test"])
    #expect(
      try mrpc.train.elements() == [
        example("Amrozi accused \"the witness", "\"He did", 1, 0), example("c", "d", 1, 2), example("g", "h", 0, 5),
      ])
    #expect(try mrpc.test.elements() == [example("e", "f", nil, 0)])
    #expect(try loadGLUE("mrpc", from: fixture("glue/mrpc")).validation.elements() == [example("a", "b", 0, 1)])
    let stsb = try loadGLUE("stsb", from: fixture("glue")).validation.elements()
    #expect(stsb.map(\.label) == [Double(Float(3.8)), 5])
    #expect(stsb[0].classIndex == nil)
    let mnli = try loadGLUE("mnli", from: fixture("glue"))
    #expect(mnli.splitNames(for: .validation) == ["validation_matched", "validation_mismatched"])
    #expect(try mnli.split("validation_mismatched").elements() == [example("a", "b", 2, 0)])
  }

  @Test("an iterator's state leads on in the middle of a table")
  func states() throws {
    let header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String"
    try write("msr_paraphrase_train.txt", [header] + (0..<40).map { "\($0 % 2)\t\($0)\t9\ta\($0)\tb" })
    try write("mrpc_dev_ids.tsv", (0..<40).filter { $0 % 3 == 0 }.map { "\($0)\t9" })
    let train = try loadGLUE("mrpc", from: folder.path).train
    let all = try train.elements()
    #expect(all.count == 26)
    let iterator = try train.makeIterator()
    for _ in 0..<11 { _ = try iterator.next() }
    let resumed = try train.makeIterator(from: iterator.state)
    for example in all[11...] { #expect(try resumed.next() == example) }
    #expect(try resumed.next() == nil)
  }

  @Test("what is missing or wrong is named")
  func errors() throws {
    #expect(dataError { _ = try loadGLUE("rte", from: folder.file("nowhere")) }?.kind == .missingFile)
    #expect(dataError { _ = try loadGLUE("rte", from: folder.path) }?.item == "rte")
    try write("RTE/train.tsv", ["index\tsentence1\tsentence2\tlabel", "0\ta\tb\tperhaps"])
    let label = dataError { _ = try loadGLUE("rte", from: folder.path).train.elements() }
    #expect(label?.kind == .typeMismatch && label?.line == 2)
    try write("WNLI/train.tsv", ["index\tsentence1\tsentence2\tlabel", "0\ta\tb\t2"])
    #expect(dataError { _ = try loadGLUE("wnli", from: folder.path).train.elements() }?.kind == .typeMismatch)
    try write("QNLI/train.tsv", ["index\tquestion\tlabel"])
    #expect(dataError { _ = try loadGLUE("qnli", from: folder.path).train }?.item == "sentence")
    try write("sst2/train-00000-of-00002.parquet", [""])
    #expect(dataError { _ = try loadGLUE("sst2", from: folder.path) }?.item == "train")
    try write("qqp/train-00000-of-00001.parquet", ["no Parquet"])
    #expect(dataError { _ = try loadGLUE("qqp", from: folder.path).train } != nil)
  }
}
