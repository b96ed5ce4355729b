import DeepSeekJSON
import TestSupport
import Testing

@testable import DeepSeekData

@Suite("Text files become rows")
struct TextTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("quotes, doubled quotes, embedded line ends and delimiters, as RFC 4180 has them")
  func quotes() throws {
    let path = try folder.write("a.csv", "a,b\r\n\"x, \"\"y\"\"\",1\r\n\"two\nlines\",2\n,3\n\n\"\",4")
    let rows = try Dataset.fromCSV(path).elements()
    #expect(rows.map { $0["a"]! } == ["x, \"y\"", "two\nlines", "", ""])
    #expect(rows.map { $0["b"]! } == [1, 2, 3, 4])
  }

  @Test("types come from the first rows, or are given")
  func types() throws {
    let path = try folder.write(
      "a.csv", "i,f,b,s,z,e,n\n1,1.5,true,x,007,1,\n-2,3,False,y,012,1e3,\n,,,,,,\n")
    let rows = try Dataset.fromCSV(path).elements()
    #expect(rows[0].values == [1, 1.5, true, "x", "007", 1.0, ""])
    #expect(rows[1].values == [-2, 3.0, false, "y", "012", 1000.0, ""])
    #expect(rows[2].values == [nil, nil, nil, "", "", nil, ""])
    let given = try Dataset.fromCSV(path, types: ["i": .string, "z": .integer]).elements()
    #expect(given[0]["i"] == "1")
    #expect(given[1]["z"] == 12)
  }

  @Test("tabs, with quotes as ordinary characters, and a byte order mark")
  func tabs() throws {
    let path = try folder.write("a.tsv", "\u{FEFF}sentence\tlabel\r\na \"quoted\" film\t1\r\n\"\t0\r\n")
    let rows = try loadData(path).elements()
    #expect(rows.map { $0["sentence"]! } == ["a \"quoted\" film", "\""])
    #expect(rows.map { $0["label"]! } == [1, 0])
    #expect(try loadData(path, columns: ["label"]).elements() == [["label": 1], ["label": 0]])
    #expect(dataError { _ = try loadData(path, columns: ["nope"]).elements() }?.kind == .missingColumn)
  }

  @Test("a table without a header has numbered columns")
  func headless() throws {
    let path = try folder.write("a.csv", "1;x\n2;y\n")
    let format = DelimitedFormat(delimiter: UInt8(ascii: ";"), quote: nil, hasHeader: false)
    let rows = try Dataset.fromDelimited(path, format: format).elements()
    #expect(rows == [["column0": 1, "column1": "x"], ["column0": 2, "column1": "y"]])
  }

  @Test("what is wrong in a table is named with its line")
  func tableErrors() throws {
    let cases: [(String, Int, DataError.Kind)] = [
      ("a,b\n1,2\n3\n", 3, .malformed), ("a,b\n1,2\n\n3,4,5\n", 4, .malformed),
      ("a\n\"x\ny\"z\n", 2, .malformed), ("a\nx\n\"open\n", 3, .malformed),
    ]
    for (text, line, kind) in cases {
      let path = try folder.write("bad.csv", text)
      let error = dataError { _ = try Dataset.fromCSV(path, types: ["a": .string]).elements() }
      #expect(error?.line == line, "\(text)")
      #expect(error?.kind == kind, "\(text)")
    }
    let path = try folder.write("type.csv", "a\n1\nx\n")
    let error = dataError { _ = try Dataset.fromCSV(path, types: ["a": .integer]).elements() }
    #expect(error?.line == 3)
    #expect(error?.item == "a")
    #expect(dataError { _ = try Dataset.fromCSV(path, types: ["b": .integer]) }?.kind == .missingColumn)
    let empty = try folder.write("empty.csv", "")
    let missing = dataError { _ = try Dataset.fromCSV(empty, types: ["b": .integer]) }
    #expect(missing?.kind == .missingColumn && missing?.message.hasSuffix("there is none at all") == true)
  }

  @Test("JSON lines, with nested values, members that differ, and errors with their line")
  func jsonLines() throws {
    let path = try folder.write(
      "a.jsonl", "{\"a\": 1, \"b\": [1.5, null, {\"c\": true}]}\n\n{\"a\": \"x\"}\n{\"a\": 2, \"b\": []}")
    let rows = try loadData(path).elements()
    #expect(rows.map { $0["a"]! } == [1, "x", 2])
    #expect(rows[0]["b"] == .list([1.5, nil, .record(["c": true])]))
    #expect(rows[1]["b"] == nil)
    let fixed = try Dataset.fromJSONL(path, columns: ["b", "a"]).elements()
    #expect(fixed[1].values == [nil, "x"])
    let bad = try folder.write("bad.jsonl", "{\"a\": 1}\n[1]\n")
    #expect(dataError { _ = try loadData(bad).elements() }?.line == 2)
    let worse = try folder.write("worse.jsonl", "{\"a\": 1}\n\n{\"a\": \n")
    #expect(dataError { _ = try loadData(worse).elements() }?.line == 3)
  }

  @Test("lines of text, whatever ends them")
  func lines() throws {
    let path = try folder.write("a.txt", "one\r\n\ntwo\nthree")
    #expect(try loadData(path).elements().map { $0["text"]! } == ["one", "", "two", "three"])
    #expect(try loadData(folder.write("empty.txt", "")).elements() == [])
    #expect(dataError { _ = try loadData(folder.path + "/x.unknown") }?.kind == .unsupported)
    #expect(try loadData(folder.write("b.dat", "x"), format: .text).count() == 1)
  }

  @Test("values have a form in JSON")
  func json() throws {
    #expect(Value.date(-719_528).json == "0000-01-01")
    #expect(Value.date(19_782).json == "2024-02-29")
    #expect(Value.timestamp(-1, .millisecond).json == "1969-12-31T23:59:59.999")
    #expect(Value.decimal(DecimalNumber(-5, scale: 3)).json == "-0.005")
    #expect(Value.decimal(DecimalNumber(120, scale: -2)).json == "12000")
    #expect(Value.unsigned(.max).json == "18446744073709551615")
    #expect(Value.float(.nan).json == "nan")
    #expect(Value.bytes([1, 2, 255]).json == "AQL/")
    #expect("\(["text": "a \"b\"", "n": 1] as Record)" == #"{"text":"a \"b\"","n":1}"#)
  }
}
