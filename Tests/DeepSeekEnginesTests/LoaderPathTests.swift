import Foundation
import Testing

@testable import DeepSeekEngines

#if os(Linux)
  @Suite("Engines: libraries that the loader alone finds")
  struct LoaderPathTests {
    /// An engine whose library would be this file, which no folder that is searched has.
    private func engine(_ file: String) -> EngineDescription {
      EngineDescription(
        name: "peer", variable: "DEEPSEEK_NO_SUCH_ENGINE", install: "pip install peer", files: [file],
        packageFolder: "peer", packages: ["peer"])
    }

    private func failure(_ file: String) -> EngineError? {
      let loaded = LoadedEngines<Int>(engine(file), isGlobal: false, prepare: {}) { library in
        throw EngineError.unusableLibrary(engine: "peer", path: library.path, "it is 1.0; 2.0 or later is needed")
      }
      do {
        _ = try loaded.library([:])
        return nil
      } catch { return error as? EngineError }
    }

    @Test("one that is too old is reported with its version, not as missing")
    func tooOld() throws {
      // The loader knows it in this process, whatever its folder.
      let file = "libswiftCore.so"
      let error = try #require(failure(file))
      guard case .unusableLibrary(_, file, let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains("2.0 or later"))
    }

    @Test("one that is nowhere is reported as missing")
    func absent() throws {
      guard case .libraryNotFound = try #require(failure("libnosuchthing.so.2")) else {
        Issue.record("not reported as missing")
        return
      }
    }
  }
#endif
