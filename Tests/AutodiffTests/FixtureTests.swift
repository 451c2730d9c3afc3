import TensorCore
import TestSupport
import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test func allCanBeRead() throws {
    let names = Fixture.names(prefix: "")
    #expect(!names.isEmpty, "no fixtures in \(Fixture.directory)")
    for name in names {
      let fixture = try Fixture(name)
      #expect(try fixture.settings.integer("seed") >= 0)
      for result in fixture.names(prefix: "out.") + fixture.names(prefix: "grad.") {
        fixture.expectMatches(try fixture.tensor(result), result)
      }
    }
  }

  @Test func settingsHaveTypes() throws {
    let settings = try Fixture("training_paper").settings
    #expect(try settings.string("variant") == "paper")
    #expect(try settings.integer("vgg_width") == 8)
    #expect(try settings.object("optimizer").number("learning_rate") == 2e-4)
    #expect(try settings.object("optimizer").numbers("betas") == [0.5, 0.999])
    #expect(try settings.objects("log").count == 3)
    #expect(throws: FixtureError.self) { try settings.integer("no such setting") }
    #expect(throws: FixtureError.self) { try settings.integer("variant") }
  }

  @Test func aFixtureThatIsMissingIsAnError() {
    #expect(throws: (any Error).self) { try Fixture("no such fixture") }
  }

  @Test func aFaultIsFound() throws {
    let fixture = try Fixture("generator_paper")
    let output = try fixture.tensor("out.0")
    let scaled = (output.reference * 1.01).tensor()
    #expect(fixture.problem(scaled, "out.0")?.contains("relative error") == true)
    #expect(fixture.problem(output.reshaped(to: [output.shape.elementCount]), "out.0") != nil)
    #expect(fixture.problem(output, "out.9") != nil)
    var broken = output
    broken.withUnsafeMutableFloats { $0[7] = .nan }
    #expect(fixture.problem(broken, "out.0") != nil)
    withKnownIssue { fixture.expectMatches(scaled, "out.0") }
  }

  @Test func aCancelledGradientMustOnlyBeSmall() throws {
    let fixture = try Fixture("generator_paper")
    let name = try #require(
      fixture.names(prefix: "grad.").first { fixture.isCancelled($0) })
    let shape = try fixture.tensor(name).shape
    #expect(fixture.problem(Tensor(repeating: 1e-9, shape: shape), name) == nil)
    #expect(fixture.problem(Tensor(repeating: 1e3, shape: shape), name) != nil)
    #expect(fixture.problem(Tensor(repeating: .nan, shape: shape), name) != nil)
    #expect(fixture.problem(Tensor(repeating: 0, shape: [1, 2, 3]), name) != nil)
  }

  @Test func stateDictionariesComeByPrefix() throws {
    let fixture = try Fixture("training_paper")
    let state = try fixture.tensors(prefix: "param.generator.")
    #expect(state["encoder.0.conv.weight"]?.shape.axisCount == 4)
    #expect(state.count == fixture.names(prefix: "param.generator.").count)
  }
}
