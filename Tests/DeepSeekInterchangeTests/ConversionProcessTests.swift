#if os(Linux)
  import DeepSeekCheckpoints
  import DeepSeekInterchange
  import DeepSeekTensor
  import Foundation
  import TestSupport
  import Testing

  /// The command line, which is built with the tests and stands beside them.
  private let command = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("ds")

  @Suite("Conversions in a process of their own", .serialized)
  struct ConversionProcessTests {
    /// A safetensors file of zeros that takes no room: elements `float32`, a tensor of each shape.
    private func sparseFile(_ path: String, _ shapes: [[Int]]) throws {
      var (members, position): ([String], Int) = ([], 0)
      for (number, shape) in shapes.enumerated() {
        let end = position + shape.reduce(4, *)
        members.append(#""t\#(number)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(position),\#(end)]}"#)
        position = end
      }
      var header = Array("{\(members.joined(separator: ","))}".utf8)
      // Elements that are not aligned would be copied.
      header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (56 - header.count % 64) & 63))
      try AtomicFile.write(
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header, to: path)
      try #require(truncate(path, 8 + header.count + position) == 0)
    }

    private func start(_ arguments: [String], _ shell: String = "") throws -> (process: Process, errors: Pipe) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", "\(shell) exec \"$0\" convert \"$@\"", command.path] + arguments
      let errors = Pipe()
      process.standardError = errors
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      return (process, errors)
    }

    private func finish(_ child: (process: Process, errors: Pipe)) throws -> String {
      let text = try child.errors.fileHandleForReading.readToEnd() ?? Data()
      child.process.waitUntilExit()
      return String(decoding: text, as: UTF8.self)
    }

    /// A field of a process's status, in bytes; `nil` when the process is gone.
    private func status(_ process: Process, _ field: String) -> Int? {
      guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8) else {
        return nil
      }
      let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
      return line.flatMap { $0.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } }
        .map { $0 * 1024 }
    }

    @Test("tensors far larger than its memory are copied, cast and transposed within 100 MB, mapped pages included")
    func memory() throws {
      let folder = try TemporaryFolder()
      try sparseFile(folder.file("in.safetensors"), [[64 << 20], [1024, 16384]])
      try AtomicFile.write(
        Array(
          #"""
          {"format_version": 1, "rules": [
            {"from": "t0", "to": "a"}, {"from": "t1", "to": "b", "transpose": true, "dtype": "bf16"}]}
          """#.utf8), to: folder.file("map.json"))
      let child = try start([folder.file("in.safetensors"), "-o", folder.file("out"), "--map", folder.file("map.json")])
      var (anonymous, mapped, samples) = (0, 0, 0)
      while child.process.isRunning {
        if let found = status(child.process, "RssAnon") { (anonymous, samples) = (max(anonymous, found), samples + 1) }
        if let found = status(child.process, "RssFile") { mapped = max(mapped, found) }
        usleep(500)
      }
      #expect(try finish(child) == "" && child.process.terminationStatus == 0)
      #expect(samples > 20)
      #expect(anonymous < 100 << 20, "RssAnon reached \(anonymous)")
      // A transposed matrix is read whole for every few rows of the result.
      #expect(mapped < 64 << 20 + 128 << 20, "RssFile reached \(mapped)")
      let written = try CheckpointFolder.open(folder.file("out")).tensors()
      #expect(try written.spec(of: "a") == TensorSpec(.float32, [64 << 20]))
      #expect(try written.spec(of: "b") == TensorSpec(.bfloat16, [16384, 1024]))
    }

    @Test("a kill leaves nothing that looks whole and the source as it was; the next try removes the remains")
    func kill() throws {
      let folder = try TemporaryFolder()
      try sparseFile(folder.file("in.safetensors"), [[1 << 29], [1 << 29]])
      for output in ["out", "out.safetensors"] {
        let child = try start([folder.file("in.safetensors"), "-o", folder.file(output)])
        // Killed when elements have reached the disk.
        var isWriting = false
        while child.process.isRunning && !isWriting {
          let remains = folder.names.filter { $0.hasSuffix(".tmp") }.flatMap { name -> [String] in
            let inside = (try? FileManager.default.contentsOfDirectory(atPath: folder.file(name))) ?? []
            return inside.isEmpty ? [name] : inside.map { "\(name)/\($0)" }
          }
          isWriting = remains.contains { name in
            let size = try? FileManager.default.attributesOfItem(atPath: folder.file(name))[.size] as? Int
            return (size ?? 0) > 1 << 20
          }
        }
        Foundation.kill(child.process.processIdentifier, SIGKILL)
        _ = try finish(child)
        try #require(isWriting && child.process.terminationReason == .uncaughtSignal)
        #expect(!folder.names.contains(output))
        let remains = folder.names.filter { $0.hasSuffix(".tmp") }
        #expect(remains.count == 1 && remains[0].hasPrefix(".\(output)."))
        #expect(try Safetensors.open(folder.file("in.safetensors")).names == ["t0", "t1"])
        // The next try: of something small, so that the test is short.
        try Safetensors.save(["a": counting([2])], to: folder.file("small.safetensors"))
        let report = try CheckpointConverter(folder.file("small.safetensors")).convert(to: folder.file(output))
        #expect(report.removed == remains)
        #expect(folder.names.filter { $0.hasSuffix(".tmp") } == [])
        try FileManager.default.removeItem(atPath: folder.file(output))
      }
    }

    @Test("what another process is writing is not taken for remains")
    func concurrentWriters() throws {
      let folder = try TemporaryFolder()
      let file = try AtomicFile(replacing: folder.file("out.safetensors"))
      try file.write([1, 2, 3])
      let report = try {
        try Safetensors.save(["a": counting([2])], to: folder.file("small.safetensors"))
        return try CheckpointConverter(folder.file("small.safetensors")).convert(to: folder.file("out.safetensors"))
      }()
      #expect(report.removed == [])
      try file.commit()
      #expect(try contents(folder.file("out.safetensors")) == [1, 2, 3])
    }

    @Test("a full disk is an error that says so, and nothing is left behind")
    func fullDisk() throws {
      let folder = try TemporaryFolder()
      try sparseFile(folder.file("in.safetensors"), [[16 << 20]])
      for output in ["out", "out.safetensors", "out.npz"] {
        // Files may have 8 MB; writing more fails instead of ending the process.
        let child = try start(
          [folder.file("in.safetensors"), "-o", folder.file(output)], "trap '' XFSZ; ulimit -f 8192;")
        let message = try finish(child)
        #expect(child.process.terminationReason == .exit && child.process.terminationStatus != 0)
        #expect(message.contains("could not write to it"), "\(message)")
        #expect(folder.names == ["in.safetensors"])
      }
    }
  }
#endif
