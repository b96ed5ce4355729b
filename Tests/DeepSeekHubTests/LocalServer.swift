import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A request as a server sees it.
struct ServerRequest: Sendable {
  let method: String
  /// The path with its query, as it was sent.
  let target: String
  /// Header fields, their names in lower case.
  let headers: [String: String]
  /// Whether it came to the server's second address.
  let isElsewhere: Bool

  var path: String { target.split(separator: "?")[0].removingPercentEncoding ?? target }
}

/// What a server answers.
struct ServerReply: Sendable {
  var status = 200
  var headers: [String: String] = [:]
  var body: [UInt8] = []
  /// How many bytes of the body are sent before the connection is cut; all when `nil`.
  var cutAfter: Int?
  /// How long nothing is sent after the header, in seconds.
  var stall = 0.0
  /// What the header says of the body's length, when it is not the truth.
  var claimedLength: Int?
}

/// An HTTP server on two ports of this machine: two addresses, as of two hosts.
final class LocalServer: Sendable {
  let port: Int
  let elsewherePort: Int
  private let sockets: [Int32]
  private let answer: @Sendable (ServerRequest) -> ServerReply
  private let log = Mutex<[ServerRequest]>([])

  init(_ answer: @escaping @Sendable (ServerRequest) -> ServerReply) throws {
    self.answer = answer
    let (first, second) = (try LocalServer.listen(), try LocalServer.listen())
    (port, elsewherePort) = (first.port, second.port)
    sockets = [first.socket, second.socket]
    for (index, socket) in sockets.enumerated() {
      Thread { [weak self] in
        while true {
          let connection = accept(socket, nil, nil)
          if connection < 0 { return }
          guard let server = self else {
            close(connection)
            return
          }
          Thread { server.serve(connection, isElsewhere: index == 1) }.start()
        }
      }.start()
    }
  }

  deinit {
    for socket in sockets {
      shutdown(socket, Int32(SHUT_RDWR))
      close(socket)
    }
  }

  var address: String { "http://127.0.0.1:\(port)" }
  var elsewhere: String { "http://127.0.0.1:\(elsewherePort)" }
  var requests: [ServerRequest] { log.withLock { $0 } }

  private struct Failure: Error {}

  private static func listen() throws -> (socket: Int32, port: Int) {
    #if canImport(Darwin)
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isReady = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && Self.systemListen(descriptor) && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard descriptor >= 0, isReady else { throw Failure() }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func systemListen(_ descriptor: Int32) -> Bool {
    #if canImport(Darwin)
      Darwin.listen(descriptor, 64) == 0
    #elseif canImport(Musl)
      Musl.listen(descriptor, 64) == 0
    #else
      Glibc.listen(descriptor, 64) == 0
    #endif
  }

  private func serve(_ connection: Int32, isElsewhere: Bool) {
    defer { close(connection) }
    guard let request = LocalServer.read(connection, isElsewhere) else { return }
    log.withLock { $0.append(request) }
    let reply = answer(request)
    var head = "HTTP/1.1 \(reply.status) x\r\nConnection: close\r\n"
    head += "Content-Length: \(reply.claimedLength ?? reply.body.count)\r\n"
    for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
    guard LocalServer.send(Array((head + "\r\n").utf8)[...], connection) else { return }
    if reply.stall > 0 { Thread.sleep(forTimeInterval: reply.stall) }
    if request.method != "HEAD" { _ = LocalServer.send(reply.body.prefix(reply.cutAfter ?? .max), connection) }
  }

  private static func read(_ connection: Int32, _ isElsewhere: Bool) -> ServerRequest? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 16 {
      let count = recv(connection, &piece, piece.count, 0)
      if count <= 0 { return nil }
      bytes += piece[..<count]
      if bytes.suffix(4) == [13, 10, 13, 10] { break }
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return ServerRequest(
      method: String(words[0]), target: String(words[1]), headers: headers, isElsewhere: isElsewhere)
  }

  private static func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) -> Bool {
    #if canImport(Darwin)
      let flags: Int32 = 0
      var isOn: Int32 = 1
      setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    return bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let sent = systemSend(connection, buffer.baseAddress! + done, buffer.count - done, flags)
        if sent <= 0 { return false }
        done += sent
      }
      return true
    }
  }
}

private func systemSend(_ connection: Int32, _ base: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
  send(connection, base, count, flags)
}
