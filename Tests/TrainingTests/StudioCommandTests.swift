import Checkpoints
import Foundation
import Images
import Layers
import Models
import TensorCore
import TestSupport
import Testing

extension CommandTests {
  /// `inpaint studio`, asked as programs ask it, and its page in a browser.
  @Suite struct StudioCommandTests {
    private static let weights = "\(FillCommandTests.fixtures)/weights/generator.safetensors"
    private static let faceWeights =
      "\(Fixture.directory(of: "dcgan", holding: "sample"))/netG_epoch_0.pth"
    private static let pictures = "\(FillCommandTests.fixtures)/fill"

    /// A studio that runs as long as this is kept.
    private final class Studio {
      let program: Program
      let client: HTTPClient
      let folder: TemporaryFolder

      init(_ arguments: [String] = []) throws {
        folder = try TemporaryFolder()
        let program = try Program(
          [
            "studio", "--weights", StudioCommandTests.weights, "--output", folder["saved"],
            "--port", "0",
          ] + arguments)
        program.wait { program.outputSoFar.contains("\n") }
        self.program = program
        let address = program.outputSoFar.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\//)
        client = HTTPClient(
          port: try #require(address.flatMap { UInt16($0.1) }, "\(program.outputSoFar)"))
      }

      deinit { program.kill() }

      func open(_ bytes: [UInt8], name: String = "photo.png") throws -> String {
        let answer = try client.send("POST", "/api/pictures?name=\(name)", body: bytes)
        #expect(answer.status == 201, Comment(rawValue: answer.text))
        return try #require(answer.member("id"))
      }

      func fill(_ picture: String, _ mask: [UInt8], _ query: String = "") throws -> String {
        let answer = try client.send(
          "POST", "/api/fills?picture=\(picture)\(query)", body: mask)
        #expect(answer.status == 202, Comment(rawValue: answer.text))
        let id = try #require(answer.member("id"))
        let end = try client.send("GET", "/api/fills/\(id)?wait=60")
        #expect(end.member("state") == "done", Comment(rawValue: end.text))
        return id
      }

      /// Resident memory in KiB.
      var memory: Int {
        let status = try? String(
          contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)
        return status?.firstMatch(of: /VmRSS:\s+([0-9]+)/).flatMap { Int($0.1) } ?? 0
      }
    }

    private func bytes(_ name: String) throws -> [UInt8] {
      try imageFileContents("\(Self.pictures)/\(name)")
    }

    /// The same bytes as `inpaint fill`, of a result that a second one goes on from as well.
    @Test func resultsAreThoseOfFill() throws {
      let studio = try Studio()
      let picture = try studio.open(try bytes("odd.png"))
      let mask = try bytes("odd.mask.png")
      let first = try studio.fill(picture, mask)
      let result = try studio.client.send("GET", "/api/fills/\(first)/picture")
      let folder = studio.folder
      let outcome = try Program.run([
        "fill", "--weights", Self.weights, "--image", "\(Self.pictures)/odd.png", "--mask",
        "\(Self.pictures)/odd.mask.png", "--output", folder["one.png"],
      ])
      #expect(outcome.status == 0, outcome.report)
      #expect(try folder.bytes("one.png") == Data(result.body))
      let second = try studio.fill(picture, mask, "&from=\(first)")
      let again = try Program.run([
        "fill", "--weights", Self.weights, "--image", folder["one.png"], "--mask",
        "\(Self.pictures)/odd.mask.png", "--output", folder["two.png"],
      ])
      #expect(again.status == 0, again.report)
      let next = try studio.client.send("GET", "/api/fills/\(second)/picture")
      #expect(try folder.bytes("two.png") == Data(next.body))
      // Saved twice, under two names; whatever name is asked for, inside the folder.
      for name in ["a", "a", "..%2F..%2Fa", "%2Fetc%2Fa.png"] {
        let saved = try studio.client.send("POST", "/api/fills/\(first)/save?name=\(name)")
        #expect(saved.status == 201, Comment(rawValue: saved.text))
      }
      #expect(try folder.names(in: "saved") == ["a.png", "a-2.png", "a-3.png", "a-4.png"])
      #expect(try folder.bytes("saved/a.png") == Data(result.body))
    }

    /// A generator that fills one hole in several ways.
    private func writeNoisyGenerator(_ path: String) throws {
      let generator = Generator(
        GeneratorSettings(width: 4, blocks: 2, noise: 5), initializer: Initializer(seed: 2))
      var random = CounterBasedRandom(seed: 5, purpose: .test)
      for parameter in generator.parameters where parameter.name.hasPrefix("noise.heads") {
        parameter.setElements(parameter.value.elements.map { _ in random.uniform(-0.3, 0.3) })
      }
      try Safetensors.write(
        generator.parameters.map {
          NamedTensor(name: $0.name, shape: $0.value.shape.dimensions, floats: $0.value.elements)
        }, metadata: [:], to: path)
    }

    /// Fillings by noise are those of `inpaint fill --variants`, faces those of `inpaint sample`.
    @Test func variantsAndFaces() throws {
      let folder = try TemporaryFolder()
      try writeNoisyGenerator(folder["noisy.safetensors"])
      let studio = try Studio([
        "--weights", folder["noisy.safetensors"], "--weights", Self.faceWeights,
      ])
      let picture = try studio.open(try bytes("odd.png"))
      let mask = try bytes("odd.mask.png")
      let outcome = try Program.run([
        "fill", "--weights", folder["noisy.safetensors"], "--image", "\(Self.pictures)/odd.png",
        "--mask", "\(Self.pictures)/odd.mask.png", "--output", folder["filled.png"], "--variants",
        "2", "--seed", "7",
      ])
      #expect(outcome.status == 0, outcome.report)
      var files: Set<Data> = []
      for number in 1...2 {
        let id = try studio.fill(
          picture, mask, "&network=noisy&variant=\(number)&seed=7")
        let file = Data(try studio.client.send("GET", "/api/fills/\(id)/picture").body)
        #expect(try folder.bytes("filled-\(number).png") == file)
        files.insert(file)
      }
      #expect(files.count == 2)

      let sampled = try Program.run([
        "sample", "--weights", Self.faceWeights, "--count", "3", "--seed", "4", "--truncation",
        "0.5", "--walk", "5", "--output", folder["faces"],
      ])
      #expect(sampled.status == 0, sampled.report)
      let answer = try studio.client.send(
        "GET", "/api/faces?count=3&seed=4&truncation=50&walk=5")
      #expect(answer.status == 200, Comment(rawValue: answer.text))
      let sheet = try Image(decoding: answer.body, name: "sheet", channels: .rgb)
      let names = try folder.names(in: "faces").sorted()
      #expect(names.count == 11)
      for (index, name) in names.enumerated() {
        let face = try Image(contentsOf: folder["faces/\(name)"], channels: .rgb)
        let place = Rectangle(
          top: index / 8 * face.height, left: index % 8 * face.width, height: face.height,
          width: face.width)
        #expect(sheet.cropped(to: place) == face)
      }

      func refusal(_ method: String, _ target: String) throws -> String {
        let answer = try studio.client.send(method, target, body: method == "POST" ? mask : [])
        #expect(answer.status == 400 || answer.status == 404, Comment(rawValue: answer.text))
        return answer.member("error") ?? ""
      }
      let fills = "/api/fills?picture=\(picture)&network="
      #expect(try refusal("POST", fills + "netg_epoch_0").contains("fills no holes"))
      #expect(try refusal("POST", fills + "generator&variant=1").contains("makes one filling"))
      #expect(try refusal("POST", fills + "noisy&variant=0").contains("from 1 to"))
      #expect(try refusal("GET", "/api/faces?network=noisy").contains("makes faces"))
      #expect(try refusal("GET", "/api/faces?count=100&walk=100").contains("more than 256"))
      #expect(try refusal("GET", "/api/faces?seed=-1").contains("from 0 to"))
    }

    /// What could never work keeps the studio from starting.
    @Test func wrongOptionsAreRefusedAtOnce() throws {
      let folder = try TemporaryFolder()
      try folder.write("text", to: "photo.jpg")
      for (arguments, mention) in [
        (["--output", folder["photo.jpg"]], "is no folder"),
        (["--weights", folder["photo.jpg"]], "photo.jpg"),
      ] {
        try Program.run(["studio", "--port", "0"] + arguments)
          .expectRefusal(65, mentions: [mention])
      }
    }

    /// What cannot be is refused with a sentence, and the next honest request is answered.
    @Test func badRequestsAreRefused() throws {
      let studio = try Studio()
      let client = studio.client
      let picture = try studio.open(try bytes("even.png"))
      func status(_ method: String, _ target: String, _ body: [UInt8] = []) throws -> Int {
        let answer = try client.send(method, target, body: body)
        #expect(
          (answer.member("error") ?? "").count > 10, Comment(rawValue: "\(target) \(answer.text)"))
        return answer.status
      }
      for path in ["..%2F..%2Fetc%2Fpasswd", "%2e%2e", "%252e%252e%252fetc", "etc/passwd", "x"] {
        for area in ["pictures", "fills", "folder", "masks", "runs"] {
          let found = try status("GET", "/api/\(area)/\(path)")
          #expect([400, 404].contains(found), "\(area) \(path)")
        }
        let found = try status("GET", "/api/pictures/\(picture)/parts/\(path)")
        #expect([400, 404].contains(found))
      }
      let mask = try bytes("even.mask.png")
      #expect(try status("POST", "/api/pictures", Array("no picture".utf8)) == 415)
      #expect(try status("POST", "/api/fills?picture=\(picture)") == 400)
      #expect(try status("POST", "/api/fills?picture=\(picture)", [1, 2, 3]) == 422)
      #expect(try status("POST", "/api/fills?picture=x", mask) == 404)
      #expect(try status("POST", "/api/fills?picture=\(picture)&network=x", mask) == 404)
      #expect(try status("POST", "/api/fills?picture=\(picture)&region=x", mask) == 400)
      #expect(try status("DELETE", "/api/networks") == 405)
      // 40,000 x 40,000 pixels in a few bytes.
      var bomb = try bytes("even.png")
      bomb.replaceSubrange(16..<24, with: [0, 0, 0x9C, 0x40, 0, 0, 0x9C, 0x40])
      #expect(try status("POST", "/api/pictures", bomb) == 422)
      #expect(
        try client.send("GET", "/api/networks", headers: ["Host": "evil.example"]).status == 421)
      #expect(
        try client.send("GET", "/api/networks", headers: ["Origin": "http://evil.example"]).status
          == 403)
      let fill = try studio.fill(picture, mask)
      for format in ["webp", "tiff", "gif"] {
        #expect(try status("GET", "/api/fills/\(fill)/picture?format=\(format)") == 400)
        #expect(try status("POST", "/api/fills/\(fill)/save?format=\(format)") == 400)
      }
      #expect(studio.memory < 1 << 20)
    }

    @Test func manyFillsTakeNoMoreMemory() throws {
      let studio = try Studio()
      let picture = try studio.open(try bytes("even.png"))
      let mask = try bytes("even.mask.png")
      var early = 0
      for count in 1...200 {
        _ = try studio.fill(picture, mask)
        if count == 10 { early = studio.memory }
      }
      #expect(
        Double(studio.memory) < 1.1 * Double(early), "\(early) KiB, then \(studio.memory) KiB")
    }

    @Test func aSignalEndsItInGoodOrder() throws {
      let studio = try Studio()
      _ = try studio.open(try bytes("even.png"))
      studio.program.send(SIGTERM)
      #expect(try studio.program.wait(limitSeconds: 30).status == 0)
    }

    /// A studio that was killed leaves its temporary files; the next one removes them, and not those of one
    /// that runs.
    @Test func leftFilesAreRemoved() throws {
      let folder = try TemporaryFolder()
      func start() throws -> Program {
        let program = try Program(
          ["studio", "--weights", Self.weights, "--port", "0"],
          environment: ["TMPDIR": folder["."]])
        program.wait { program.outputSoFar.contains("http") }
        return program
      }
      let killed = try start()
      killed.kill()
      _ = try killed.wait(limitSeconds: 30)
      let left = try folder.names(in: ".")
      #expect(left.count == 1)
      let second = try start()
      let names = try folder.names(in: ".")
      #expect(names.count == 1 && names != left, "\(names)")
      let third = try start()
      #expect(try folder.names(in: ".").count == 2)
      for program in [second, third] {
        program.send(SIGTERM)
        #expect(try program.wait(limitSeconds: 30).status == 0)
      }
      #expect(try folder.names(in: ".") == [])
    }

    /// Damaged requests, paths that lead outside, foreign hosts, bodies without end, slow senders, bombs.
    @Test(.enabled(if: Python.has("zlib"), "python3 is not installed"))
    func whatNoHonestPageSendsDoesNoHarm() throws {
      let (status, output) = try runScript("hostile_test.py", ["--count", "500"])
      #expect(status == 0, Comment(rawValue: output))
      #expect(output.contains("500 damaged requests"), Comment(rawValue: output))
    }

    /// Skipped with a word where no browser is installed.
    @Test(.enabled(if: Python.has("zlib"), "python3 is not installed"))
    func thePageWorksInABrowser() throws {
      let (status, output) = try runScript("browser_test.py")
      print(output)
      #expect(status == 0, Comment(rawValue: output))
    }

    /// Runs a script of Tests/Studio with a network that fills holes, one that fills each in several ways, and
    /// one that makes faces.
    private func runScript(
      _ name: String, _ arguments: [String] = []
    ) throws -> (status: Int32, output: String) {
      let folder = try TemporaryFolder()
      try writeNoisyGenerator(folder["noisy.safetensors"])
      let script = URL(fileURLWithPath: FillCommandTests.fixtures).deletingLastPathComponent()
        .appendingPathComponent("Studio/\(name)").path
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        ["python3", script, try Program.path("inpaint"), folder.path]
        + [Self.weights, folder["noisy.safetensors"], Self.faceWeights].flatMap {
          ["--weights", $0]
        } + arguments
      process.standardOutput = try folder.writer("output")
      process.standardError = try folder.writer("output-errors")
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      if ended.wait(timeout: .now() + 300) == .timedOut {
        process.terminate()
        ended.wait()
      }
      let output = try folder.text("output") + folder.text("output-errors")
      return (process.terminationStatus, output)
    }
  }
}
