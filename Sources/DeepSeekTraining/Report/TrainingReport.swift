/// A training run as a web page: a table of facts, a drawing for each curve, what happened. Needs nothing but a browser.
public enum TrainingReport {
  /// The page.
  public static func page(_ history: TrainingHistory, title: String, facts: [(String, String)]) -> String {
    var html = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
      <style>
      body{font:15px system-ui,sans-serif;max-width:860px;margin:2em auto;padding:0 1em;color:#222}
      table{border-collapse:collapse}td{padding:.15em 1em .15em 0}td:first-child{color:#666}
      svg{width:100%;height:auto}.grid{stroke:#ddd}.curve{fill:none;stroke:#1f6feb;stroke-width:1.6}
      .tick{font:11px system-ui,sans-serif;fill:#666}
      </style></head><body>
      <h1>\(escaped(title))</h1><table>

      """
    for (name, value) in facts { html += "<tr><td>\(escaped(name))</td><td>\(escaped(value))</td></tr>\n" }
    html += "</table>\n"
    for name in history.curves.keys.sorted(by: order) {
      html += "<h2>\(escaped(name))</h2>\n" + CurveDrawing(history.curves[name] ?? []).svg + "\n"
    }
    if !history.notes.isEmpty {
      html += "<h2>what happened</h2><ul>\n"
      for note in history.notes { html += "<li>\(escaped(note.text))</li>\n" }
      html += "</ul>\n"
    }
    return html + "</body></html>\n"
  }

  /// The loss first, then evaluations, then the rest.
  private static func order(_ left: String, _ right: String) -> Bool {
    func rank(_ name: String) -> Int { name == "loss" ? 0 : name.hasPrefix("evaluation") ? 1 : 2 }
    return (rank(left), left) < (rank(right), right)
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
