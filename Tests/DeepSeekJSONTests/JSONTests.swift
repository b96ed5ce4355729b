import DeepSeekJSON
import Testing

@Suite("JSON is read strictly and written back the same")
struct JSONTests {
  @Test("Values come out as they were written")
  func values() throws {
    let value = try JSONValue(
      parsing:
        #" {"b": [1, -2, 0, 9223372036854775807, -9223372036854775808], "a": {"x": null, "y": true}, "n": 1.5e3} "#)
    #expect(value["b"] == [1, -2, 0, 9_223_372_036_854_775_807, .integer(.min)])
    #expect(value.object?.keys == ["b", "a", "n"])
    #expect(value["a"]?["x"]?.isNull == true && value["a"]?["y"]?.bool == true)
    #expect(value["n"]?.double == 1500 && value["n"]?.integer == nil)
    #expect(value["missing"] == nil && value["b"]?["x"] == nil)
  }

  @Test("Integers beyond 64 bits and negative zero are doubles")
  func largeNumbers() throws {
    #expect(try JSONValue(parsing: "9223372036854775808") == .double(9.223372036854775808e18))
    #expect(try JSONValue(parsing: "-9223372036854775809") == .double(-9.223372036854775808e18))
    #expect(try JSONValue(parsing: "-0").double?.sign == .minus)
  }

  @Test("Escapes become the characters they stand for")
  func escapes() throws {
    let value = try JSONValue(parsing: #""\u00e9\ud83d\ude42\n\/\\\"\u0000""#)
    #expect(value.string?.unicodeScalars.map(\.value) == [0xE9, 0x1F642, 0x0A, 0x2F, 0x5C, 0x22, 0])
  }

  @Test("Strings that look alike are different keys")
  func canonicalEquivalence() throws {
    let value = try JSONValue(parsing: "{\"\u{e9}\": 1, \"e\u{301}\": 2}")
    #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
  }

  @Test(
    "What is not JSON is refused, with the place",
    arguments: [
      ("", JSONError.Reason.unexpectedEnd, 0), ("[1,]", .unexpectedByte(0x5D), 3),
      ("{\"a\" 1}", .unexpectedByte(0x31), 5),
      ("[1 2]", .unexpectedByte(0x32), 3), ("01", .invalidNumber, 0), ("1.", .unexpectedEnd, 2),
      ("-", .unexpectedEnd, 1),
      ("1e", .unexpectedEnd, 2), ("+1", .unexpectedByte(0x2B), 0), ("tru", .unexpectedEnd, 3),
      ("nul!", .unexpectedByte(0x21), 3),
      ("\"\\x\"", .invalidEscape, 1), ("\"\\ud800\"", .invalidEscape, 1), ("\"\\ud800\\u0041\"", .invalidEscape, 1),
      ("\"\\udc00\"", .invalidEscape, 1), ("\"\n\"", .controlCharacter, 1), ("\"abc", .unexpectedEnd, 4),
      ("1 1", .trailingBytes, 2), ("1e999", .invalidNumber, 0), ("{\"a\":1,\"a\":2}", .duplicateKey("a"), 7),
      ("[", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("\"\\u12", .unexpectedEnd, 3),
      ("NaN", .unexpectedByte(0x4E), 0),
      ("// c\n1", .unexpectedByte(0x2F), 0),
    ])
  func refused(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.reason == reason, "\(text)")
    #expect(error?.offset == offset, "\(text)")
  }

  @Test(
    "Bytes that are not UTF-8 are refused",
    arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    #expect(error?.reason == .invalidUTF8)
    let escaped = #expect(throws: JSONError.self) { try JSONValue(parsing: Array("\"\\n".utf8) + bytes + [0x22]) }
    #expect(escaped?.reason == .invalidUTF8)
  }

  @Test("Errors count lines")
  func lines() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\n\n  \"a\": ?}") }
    #expect(error?.line == 3)
  }

  @Test("Depth and length have limits")
  func limits() throws {
    let options = JSONParsingOptions(maximumDepth: 10, maximumByteCount: 100)
    let deep = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONValue(parsing: deep(10), options: options)
    let tooDeep = #expect(throws: JSONError.self) { try JSONValue(parsing: deep(11), options: options) }
    #expect(tooDeep?.reason == .tooDeep(limit: 10))
    let tooLong = #expect(throws: JSONError.self) {
      try JSONValue(parsing: String(repeating: " ", count: 101), options: options)
    }
    #expect(tooLong?.reason == .tooLong(count: 101, limit: 100))
    let bottomless = String(repeating: "{\"a\":[", count: 1_000_000)
    #expect(throws: JSONError.self) { try JSONValue(parsing: bottomless) }
  }

  @Test("Objects of any size find their members, and keep the last of equal keys when told to")
  func objects() throws {
    for count in [0, 1, 8, 9, 10, 100, 5000] {
      let text = "{" + (0..<count).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
      var object = try #require(try JSONValue(parsing: text).object)
      for index in 0..<count { #expect(object["key\(index)"] == .integer(index)) }
      #expect(object["key\(count)"] == nil)
      object["new"] = true
      #expect(object.count == count + 1 && object["new"] == true)
      object["new"] = nil
      #expect(object.count == count && object["new"] == nil)
    }
    let last = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#, options: JSONParsingOptions(duplicateKeys: .keepLast))
    #expect(last == ["a": 3, "b": 2])
  }

  @Test("What is written reads back equal, in both layouts")
  func roundTrip() throws {
    let value: JSONValue = [
      "text": "é\u{0}\u{1F}\"\\/\n\t🙂",
      "numbers": [0, -1, 1.5, 1e300, .double(.leastNonzeroMagnitude), 0.1, 1.0, .integer(.max), .integer(.min)],
      "empty": [[], [:]], "flags": [true, false, nil],
    ]
    for layout in [JSONLayout.compact, .indented(2)] {
      let bytes = try value.serialized(layout)
      #expect(try JSONValue(parsing: bytes) == value)
    }
    #expect(try JSONValue.array([1.0, "a"]).jsonText() == #"[1.0,"a"]"#)
    #expect(throws: JSONError.self) { try JSONValue.double(.infinity).serialized() }
    #expect(throws: JSONError.self) { try JSONValue.array([.double(.nan)]).serialized() }
  }

  @Test("Every prefix and every changed byte of a document is read or refused, never trapped")
  func damaged() throws {
    let text = Array(#"{"a":[1,-2.5e-3,"x\u00e9\ud83d\ude42é🙂"],"b":{"c":null,"d":[true,false]}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
    }
    var accepted = 0
    for place in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[place] = byte
        if (try? JSONValue(parsing: changed)) != nil { accepted += 1 }
      }
    }
    #expect(accepted > text.count)
  }
}
