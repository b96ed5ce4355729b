import TestSupport
import Testing

@testable import DeepSeekModels

@Suite("Stop strings")
struct StopStringTests {
  /// What comes before the first place where a stop string begins; all when none does.
  private func cut(_ text: String, _ stops: [String]) -> (text: String, isStopped: Bool) {
    let bytes = Array(text.utf8)
    for start in bytes.indices where stops.contains(where: { bytes[start...].starts(with: $0.utf8) }) {
      return (String(decoding: bytes[..<start], as: UTF8.self), true)
    }
    return (text, false)
  }

  @Test("However the text is cut into pieces, what comes out ends where the first stop string begins")
  func pieces() {
    var random = SplitMix(8)
    let letters = ["a", "b", "c", "é", "🙂"]
    func word(_ count: Int) -> String { (0..<count).map { _ in letters[random.below(3 + random.below(3))] }.joined() }
    for _ in 0..<2000 {
      let stops = (0..<1 + random.below(3)).map { _ in word(1 + random.below(4)) }
      let pieces = (0..<random.below(9)).map { _ in word(random.below(4)) }
      var filter = StopStringFilter(stops)
      var found = ""
      for piece in pieces { found += filter.append(piece) }
      found += filter.finish()
      let expected = cut(pieces.joined(), stops)
      #expect(found == expected.text && filter.isStopped == expected.isStopped, "\(pieces), \(stops)")
    }
  }

  @Test("Nothing is held back that cannot be the beginning of one")
  func prompt() {
    var filter = StopStringFilter(["stop", "!!"])
    #expect(filter.append("go on") == "go on")
    #expect(filter.append(" st") == " ")
    #expect(filter.append("ay") == "stay")
    #expect(filter.append("!") == "" && filter.append("?") == "!?")
    #expect(filter.append("sto") == "" && filter.finish() == "sto" && !filter.isStopped)
  }
}
