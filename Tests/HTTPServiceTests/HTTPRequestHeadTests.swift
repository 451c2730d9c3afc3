import HTTPService
import Testing

@Suite struct HTTPRequestHeadTests {
  private func head(_ text: String) throws -> HTTPRequestHead {
    try HTTPRequestHead(Array(text.replacing("\n", with: "\r\n").utf8), headerLimit: 10)
  }

  private func status(_ text: String) -> Int? {
    do {
      _ = try head(text)
      return nil
    } catch let problem as HTTPProblem {
      return problem.status.rawValue
    } catch {
      return 0
    }
  }

  @Test func aRequestIsTakenApart() throws {
    let head = try head(
      "POST /api/pictures/?name=a+b%20%E7%8C%AB.png&x HTTP/1.1\nHost: localhost:1\n"
        + "Content-Length: 12\nX-Y:  z \nCookie: a=1\ncookie: b=2")
    #expect(head.method == .post && head.path == ["api", "pictures"] && head.endsWithSlash)
    #expect(head.query == ["name": "a b 猫.png", "x": ""])
    #expect(head.headers["x-y"] == "z" && head.contentLength == 12 && head.keepsAlive)
    #expect(head.cookies == ["a": "1", "b": "2"])
  }

  @Test func whatIsEncodedTwiceStaysEncodedOnce() throws {
    #expect(try head("GET /%252e%252e/x HTTP/1.1\nHost: a").path == ["%2e%2e", "x"])
  }

  @Test(arguments: [
    "/../etc/passwd", "/a/%2e%2e/b", "/%2E%2e/x", "/a%2fb", "/a%5cb", "/a%00b", "/%ff", "/%zz",
    "/%",
    "x", "http://other/", "*", "/?a=%",
  ])
  func addressesThatNothingHasAreRefused(_ target: String) {
    #expect(status("GET \(target) HTTP/1.1\nHost: a") == 400)
  }

  @Test func whatTwoProgramsCouldReadDifferentlyIsRefused() {
    #expect(status("GET / HTTP/1.1\nHost: a\nHost: b") == 400)
    #expect(status("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2") == 400)
    #expect(status("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked") == 411)
    #expect(status("POST / HTTP/1.1\nHost: a\nContent-Length: +1") == 400)
    #expect(status("POST / HTTP/1.1\nHost: a\nContent-Length: 0x10") == 400)
    #expect(status("GET / HTTP/1.1\nHost : a") == 400)
    #expect(status("GET / HTTP/1.1\n Host: a") == 400)
    #expect(status("GET / HTTP/1.1\nHost: a\n b") == 400)
    #expect(status("GET  / HTTP/1.1\nHost: a") == 400)
    #expect(status("GET / HTTP/2.0\nHost: a") == 505)
    #expect(status("GET /") == 400)
    #expect(status("GET / HTTP/1.1") == 400)
    #expect(status("BREW / HTTP/1.1\nHost: a") == 501)
    #expect(status("GET / HTTP/1.1\nHost: a\n\u{1}: b") == 400)
    #expect(status("GET / HTTP/1.1\nHost: a" + String(repeating: "\na: b", count: 10)) == 431)
  }

  @Test func aLengthBeyondAllNumbersIsTheLargest() throws {
    #expect(
      try head("POST / HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999").contentLength
        == .max)
  }
}
