import FlyingSocks
import Glibc

/// Why an address cannot be listened at.
package struct ListenError: Error, CustomStringConvertible, Sendable {
  /// Whether another program has the port.
  package let isInUse: Bool
  /// What is wrong and what to do.
  package let description: String
}

/// A socket that listens at an address of this machine.
///
/// - Returns: The socket, and its port.
/// - Throws: `ListenError` naming the address.
func listeningSocket(
  host: String, port: UInt16
) throws(ListenError) -> (socket: Socket, port: UInt16) {
  var hints = addrinfo()
  hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
  hints.ai_flags = AI_PASSIVE
  var found: UnsafeMutablePointer<addrinfo>?
  let status = getaddrinfo(host, "\(port)", &hints, &found)
  defer { if let found { freeaddrinfo(found) } }
  guard status == 0 else {
    throw ListenError(
      isInUse: false,
      description: "\(host): no such address (\(String(cString: gai_strerror(status)))); "
        + "give --host an address of this machine")
  }
  var reason = "no address was found"
  var isInUse = false
  for entry in sequence(first: found, next: { $0?.pointee.ai_next }) {
    guard let information = entry?.pointee, let address = information.ai_addr else { continue }
    do {
      let socket = try Socket(domain: information.ai_family)
      do {
        try socket.setValue(true, for: .localAddressReuse)
        guard bind(socket.file.rawValue, address, information.ai_addrlen) == 0 else {
          isInUse = errno == EADDRINUSE
          reason = String(cString: strerror(errno))
          try? socket.close()
          continue
        }
        try socket.listen()
        switch try socket.sockname() {
        case .ip4(_, let port), .ip6(_, let port): return (socket, port)
        case .unix: continue
        }
      } catch {
        try? socket.close()
        reason = "\(error)"
      }
    } catch {
      reason = "\(error)"
    }
  }
  throw ListenError(
    isInUse: isInUse,
    description:
      "\(host):\(port): cannot be listened at (\(reason)); choose another --port or --host")
}
