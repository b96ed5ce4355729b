import DeepSeekJSON
import DeepSeekTokenizers
import Foundation

/// The files that `make_fixtures.py` recorded with the reference library.
enum Fixtures {
  static let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")

  static func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try bytes(name)) }

  /// The names of all tokenizers with recorded answers.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".expected.json") }.map { String($0.dropLast(".expected.json".count)) }.sorted()
  }()

  static func tokenizer(_ name: String) throws -> Tokenizer { try Tokenizer(contentsOf: url("\(name).json")) }

  static func texts() throws -> [String] { try json("texts.json").array!.map { $0.string! } }
}
