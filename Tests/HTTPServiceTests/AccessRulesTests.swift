import HTTPService
import Testing

@Suite struct AccessRulesTests {
  private func refusal(_ rules: AccessRules, _ headers: String, target: String = "/") throws -> Int?
  {
    let text = "GET \(target) HTTP/1.1\r\n" + headers.replacing("\n", with: "\r\n")
    return rules.refusal(try HTTPRequestHead(Array(text.utf8), headerLimit: 20))?.status.rawValue
  }

  @Test func onlyOwnNamesAreAnswered() throws {
    let rules = AccessRules(proxies: ["Faces.Example"])
    for host in ["localhost", "LOCALHOST:8420", "127.0.0.1:1", "[::1]:8420", "faces.example"] {
      #expect(try refusal(rules, "Host: \(host)") == nil)
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.", "192.168.1.2:8420", ":80"]
    {
      #expect(try refusal(rules, "Host: \(host)") == 421)
    }
    let open = AccessRules(allowsAddresses: true, token: nil)
    #expect(try refusal(open, "Host: 192.168.1.2:8420") == nil)
    #expect(try refusal(open, "Host: [fe80::1]:8420") == nil)
    #expect(try refusal(open, "Host: 1.2.3.4.evil.example") == 421)
  }

  @Test func pagesOfOthersAreRefused() throws {
    let rules = AccessRules(proxies: ["faces.example"])
    #expect(try refusal(rules, "Host: localhost:8420\nOrigin: http://localhost:8420") == nil)
    #expect(try refusal(rules, "Host: localhost:8420\nOrigin: https://faces.example") == nil)
    for origin in ["http://localhost:9999", "http://127.0.0.1:8420", "null", "http://evil.example"]
    {
      #expect(try refusal(rules, "Host: localhost:8420\nOrigin: \(origin)") == 403)
    }
    #expect(try refusal(rules, "Host: localhost\nSec-Fetch-Site: cross-site") == 403)
    #expect(try refusal(rules, "Host: localhost\nSec-Fetch-Site: same-origin") == nil)
    let link = "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: "
    #expect(try refusal(rules, "Host: localhost\n\(link)document") == nil)
    #expect(try refusal(rules, "Host: localhost\n\(link)iframe") == 403)
  }

  @Test func aTokenIsAskedFor() throws {
    let rules = AccessRules(token: "s3cret")
    #expect(try refusal(rules, "Host: localhost") == 401)
    #expect(try refusal(rules, "Host: localhost\nAuthorization: Bearer s3cre") == 401)
    #expect(try refusal(rules, "Host: localhost\nAuthorization: Basic s3cret") == 401)
    #expect(try refusal(rules, "Host: localhost\nAuthorization: Bearer s3cret") == nil)
    #expect(try refusal(rules, "Host: localhost\nCookie: a=b; inpaint-studio=s3cret") == nil)
    #expect(try refusal(rules, "Host: localhost", target: "/?token=s3cret") == nil)
  }
}
