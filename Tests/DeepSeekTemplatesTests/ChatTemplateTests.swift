import DeepSeekJSON
import DeepSeekTemplates
import Foundation
import TestSupport
import Testing

@Suite("Chat templates")
struct ChatTemplateTests {
  /// What transformers makes of templates.
  struct Fixture {
    let messages: [JSONValue]
    let tools: [JSONValue]
    let values: JSONObject
    let cases: [JSONValue]

    init() throws {
      let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/templates.json")
      let json = try JSONValue(parsing: Array(Data(contentsOf: url)))
      messages = try #require(json["messages"]?.array)
      tools = try #require(json["tools"]?.array)
      values = try #require(json["values"]?.object)
      cases = try #require(json["cases"]?.array)
    }

    func text(_ template: String, _ generation: Bool) throws -> String {
      try ChatTemplate(template).text(
        of: messages, tools: generation ? tools : nil, addsGenerationPrompt: generation, values: values
      ) { $0 == "%d %b" ? "26 Nov" : "?" }
    }
  }

  @Test("the text is what transformers makes, and what it refuses is refused")
  func peers() throws {
    let fixture = try Fixture()
    #expect(fixture.cases.count >= 70)
    for json in fixture.cases {
      let template = try #require(json["template"]?.string)
      let generation = try #require(json["generation"]?.bool)
      if let expected = json["text"]?.string {
        let found = Result { try fixture.text(template, generation) }
        guard case .success(let text) = found else {
          Issue.record("\(template): \(found)")
          continue
        }
        #expect(Array(text.utf8) == Array(expected.utf8), "\(template)\n→ \(text)\nnot \(expected)")
      } else {
        #expect(throws: TemplateError.self, "\(template)") { try fixture.text(template, generation) }
      }
    }
  }

  @Test("an error names the line and what is wrong")
  func errors() throws {
    func message(_ template: String) -> String {
      do {
        return try ChatTemplate(template).text(of: [["role": "user", "content": "x"]])
      } catch { return "\(error)" }
    }
    #expect(message("a\n{% if x %}\nb") == "template, line 2: 'endif' is missing")
    #expect(message("{{ raise_exception('No tools.') }}") == "template, line 1: No tools.")
    #expect(message("\n\n{{ nothing.member }}") == "template, line 3: 'nothing' is not defined, and so has no members")
    #expect(message("{% extends 'x' %}") == "template, line 1: the statement 'extends' is not known")
    #expect(message("{{ messages | shuffle }}") == "template, line 1: the filter 'shuffle' is not known")
    #expect(message("{{ messages is odder }}") == "template, line 1: the test 'odder' is not known")
    #expect(message("{{ messages.sort() }}") == "template, line 1: a list has no method 'sort'")
    #expect(message("{% macro f() %}\n{{ 1 / 0 }}{% endmacro %}\n\n{{ f() }}").contains("line 2: a division by zero"))
    #expect(message("{{ 'a' }") == "template, line 1: '}' closes nothing")
    #expect(message("{% set messages.x = 1 %}").contains("'messages' is no namespace"))
  }

  @Test("no template runs for ever, or makes more than memory holds")
  func limits() throws {
    let doubling = String(repeating: "{% set x = x + x %}", count: 60)
    let nested = String(repeating: "{% set x = [x, x] %}", count: 60)
    let loops = String(repeating: "{% for x in range(90000) %}", count: 3)
    let templates = [
      "{% set x = 'ab' %}\(doubling){{ x }}", "{% set x = [1] %}\(doubling){{ x }}", "{% set x = 1 %}\(nested){{ x }}",
      "\(loops).\(String(repeating: "{% endfor %}", count: 3))", "{{ 'x' * 1000000000000 }}", "{{ [1] * 9000000000 }}",
      "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", "{{ 9223372036854775807 + 1 }}", "{{ 3 ** 1000000 }}",
      "{{ 99999999999999999999 }}", "{{ " + String(repeating: "(", count: 50_000),
      "{{ " + String(repeating: "-", count: 50_000) + "1 }}", String(repeating: "{% if 1 %}", count: 5_000),
      "{{ 1" + String(repeating: " + 1", count: 50_000) + " }}",
      "{{ x" + String(repeating: ".y", count: 50_000) + " }}",
      "{{ 'x' | indent(1000000000) }}", "{{ ('x' * 100000).replace('', 'y' * 100000) }}",
    ]
    for template in templates {
      #expect(throws: TemplateError.self, "\(template.prefix(60))") { try ChatTemplate(template).text(of: []) }
    }
    #expect(try ChatTemplate("{{ -9223372036854775807 - 1 }}").text(of: []) == "-9223372036854775808")
    #expect(
      try ChatTemplate("{{ (-9223372036854775807 - 1) // -1 if false else 1 ** 99999999999 }}").text(of: []) == "1")
    #expect(try ChatTemplate("{{ (-9223372036854775807 - 1) % -1 }}").text(of: []) == "0")
  }

  @Test("damaged templates give a text or an error")
  func fuzz() throws {
    let fixture = try Fixture()
    let sources = fixture.cases.compactMap { $0["template"]?.string }
    var generator = SplitMix(7)
    var (made, refused) = (0, 0)
    for number in 0..<Fuzzing.count {
      let source = Array(sources[number % sources.count].utf8)
      let damaged = String(decoding: Fuzzing.mutatedText(source, &generator), as: UTF8.self)
      do {
        _ = try fixture.text(damaged, number % 3 == 0)
        made += 1
      } catch is TemplateError { refused += 1 }
    }
    #expect(made > 0 && refused > 0, "\(made) made, \(refused) refused")
  }
}
