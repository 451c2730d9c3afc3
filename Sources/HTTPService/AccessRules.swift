/// Who may ask.
///
/// A loopback address alone is no boundary: any page of any site may send requests to it, and a site
/// that answers for its own name with 127.0.0.1 may even read the answers (DNS rebinding). So the name
/// that was asked for must be one of ours, requests of foreign pages are refused, and where others than
/// this machine can connect a secret token is asked for.
package struct AccessRules: Sendable {
  /// Names that may stand in `Host`, in lower case.
  private let hosts: Set<String>
  /// Names that a proxy has, whose pages may also ask.
  private let proxies: Set<String>
  /// Whether a bare address in `Host` is fine: no name can be rebound to it.
  private let allowsAddresses: Bool
  /// What every request has to show; nil for nothing.
  package let token: String?

  /// The cookie that holds the token.
  package static let cookie = "inpaint-studio"
  /// Names of the machine itself, as seen from itself.
  package static let loopbackNames: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

  /// Makes rules.
  ///
  /// - Parameters:
  ///   - hosts: Names beside those of the loopback.
  ///   - proxies: Names under which a proxy offers the server.
  ///   - allowsAddresses: Whether any bare address is fine as well.
  ///   - token: What every request has to show.
  package init(
    hosts: Set<String> = [], proxies: Set<String> = [], allowsAddresses: Bool = false,
    token: String? = nil
  ) {
    self.proxies = Set(proxies.map { $0.lowercased() })
    self.hosts = Self.loopbackNames.union(hosts.map { $0.lowercased() }).union(self.proxies)
    (self.allowsAddresses, self.token) = (allowsAddresses, token)
  }

  /// Why a request is refused; nil where it is not.
  package func refusal(_ head: HTTPRequestHead) -> HTTPProblem? {
    let host = (head.headers["host"] ?? "").lowercased()
    let name = Self.name(ofHost: host)
    guard hosts.contains(name) || (allowsAddresses && Self.isAddress(name)) else {
      return HTTPProblem(
        .misdirectedRequest,
        "This server does not go by that name; open the address that it printed, or give the name "
          + "with --trusted-host.")
    }
    if let origin = head.headers["origin"]?.lowercased(), !isOwn(origin, host: host) {
      return HTTPProblem(.forbidden, "Pages of other addresses may not use this server.")
    }
    // Browsers say whose page asks, also where they send no Origin; a link to the page is fine.
    if let site = head.headers["sec-fetch-site"], site == "cross-site" || site == "same-site",
      !(head.method == .get && head.headers["sec-fetch-mode"] == "navigate"
        && head.headers["sec-fetch-dest"] == "document")
    {
      return HTTPProblem(.forbidden, "Pages of other addresses may not use this server.")
    }
    guard let token, !shows(token, head) else { return nil }
    return HTTPProblem(
      .unauthorized,
      "The token is missing or wrong: open the whole address that the server printed, or send "
        + "\"Authorization: Bearer TOKEN\".")
  }

  private func isOwn(_ origin: String, host: String) -> Bool {
    guard let scheme = ["http://", "https://"].first(where: origin.hasPrefix) else { return false }
    let authority = String(origin.dropFirst(scheme.count))
    return authority == host || proxies.contains(Self.name(ofHost: authority))
  }

  private func shows(_ token: String, _ head: HTTPRequestHead) -> Bool {
    let cookies = head.cookies
    let bearer = (head.headers["authorization"] ?? "").split(separator: " ")
    let shown = [
      cookies[Self.cookie], head.query["token"],
      bearer.count == 2 && bearer[0].lowercased() == "bearer" ? String(bearer[1]) : nil,
    ]
    return shown.contains { $0.map { Self.isSame($0, token) } ?? false }
  }

  /// Compares in a time that does not tell where two texts differ.
  private static func isSame(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// A host without its port.
  private static func name(ofHost host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
    return String(host.split(separator: ":", omittingEmptySubsequences: false).first ?? "")
  }

  private static func isAddress(_ name: String) -> Bool {
    if name.hasPrefix("["), name.hasSuffix("]") {
      return name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
