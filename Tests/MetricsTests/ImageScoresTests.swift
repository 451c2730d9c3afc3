import Foundation
import Images
import Metrics
import TensorCore
import Testing

@Suite struct ImageScoresTests {
  private struct Manifest: Decodable {
    struct Metrics: Decodable {
      let result: String
      let target: String
      let mask: String
      let l1_hole_percent: Double
      let psnr: Double
      let ssim: Double
      let l1_percent: Double
      let l2_percent: Double
    }
    let metrics: Metrics
  }

  private struct Case: Decodable {
    let result: String
    let target: String
    let l1_percent: Double
    let l2_percent: Double
    let psnr: Double
    let ssim: Double
  }

  private let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/images").path + "/"

  private func json<Value: Decodable>(_ name: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(imageFileContents(folder + name)))
  }

  @Test func damagedPhotoScoresAsInScikitImage() throws {
    let expected = try (json("manifest.json") as Manifest).metrics
    let result = try Image(contentsOf: folder + expected.result)
    let target = try Image(contentsOf: folder + expected.target)
    let hole = try HoleMask(
      drawing: Image(contentsOf: folder + expected.mask), name: expected.mask,
      width: result.width, height: result.height)
    let scores = ImageScores(result: result, target: target, hole: hole)
    #expect(abs(scores[.holeL1] - expected.l1_hole_percent) < 1e-9)
    #expect(abs(scores[.l1] - expected.l1_percent) < 1e-9)
    #expect(abs(scores[.l2] - expected.l2_percent) < 1e-9)
    #expect(abs(scores[.psnr] - expected.psnr) < 1e-9)
    #expect(abs(scores[.ssim] - expected.ssim) < 1e-9)
  }

  @Test func otherPairsScoreAsInScikitImage() throws {
    let cases: [Case] = try json("formats/scores.json")
    #expect(cases.count == 5)
    for expected in cases {
      let result = try Image(contentsOf: folder + expected.result)
      let target = try Image(contentsOf: folder + expected.target)
      let hole = HoleMask(width: result.width, height: result.height) { _, _ in true }
      let scores = ImageScores(result: result, target: target, hole: hole)
      #expect(abs(scores[.l1] - expected.l1_percent) < 1e-9)
      #expect(abs(scores[.holeL1] - expected.l1_percent) < 1e-9)
      #expect(abs(scores[.l2] - expected.l2_percent) < 1e-9)
      #expect(abs(scores[.psnr] - expected.psnr) < 1e-9)
      #expect(abs(scores[.ssim] - expected.ssim) < 1e-9)
    }
  }

  @Test func totalVariationByHand() {
    let image = Image(width: 3, height: 2, channels: 1, pixels: [0, 255, 0, 0, 255, 255])
    // Across: 255, 255, 255, 0 in four pairs; down: 0, 0, 255 in three.
    let expected = 100 * (3.0 / 4 + 1.0 / 3)
    #expect(abs(totalVariation(of: image) - expected) < 1e-12)
    #expect(totalVariation(of: Image(width: 1, height: 1, filledWith: 9)) == 0)
  }

  @Test func onlyTheHoleCountsForItsL1() {
    var random = CounterBasedRandom(seed: 1, purpose: .test)
    let values = (0..<16 * 16 * 3).map { _ in UInt8(random.integer(in: 0...200)) }
    let target = Image(width: 16, height: 16, pixels: values)
    var result = target
    result.pixels[0] += 51
    let corner = HoleMask(width: 16, height: 16) { row, column in row == 0 && column == 0 }
    let rest = HoleMask(width: 16, height: 16) { row, column in row > 0 || column > 0 }
    let scores = ImageScores(result: result, target: target, hole: corner)
    #expect(abs(scores[.holeL1] - 20.0 / 3) < 1e-12)
    #expect(ImageScores(result: result, target: target, hole: rest)[.holeL1] == 0)
    #expect(scores[.ssim] < 1 && scores[.l1] > 0)
  }

  @Test func namesInJSON() throws {
    let image = Image(width: 11, height: 11, filledWith: 3)
    let hole = HoleMask(width: 11, height: 11) { row, _ in row == 0 }
    let scores = ImageScores(result: image, target: image, hole: hole)
    let data = try JSONEncoder().encode(scores)
    let names = try #require(JSONSerialization.jsonObject(with: data) as? [String: Double]).keys
    #expect(
      Set(names) == [
        "l1_hole_percent", "l1_percent", "l2_percent", "psnr", "ssim", "total_variation_percent",
      ])
    #expect(try JSONDecoder().decode(ImageScores.self, from: data) == scores)
    #expect(scores[.ssim] == 1)
  }

  @Test func meansAreThoseOfEveryMetric() {
    let hole = HoleMask(width: 11, height: 11) { row, _ in row == 0 }
    let target = Image(width: 11, height: 11, filledWith: 100)
    let scores = [100, 110, 140].map {
      ImageScores(
        result: Image(width: 11, height: 11, filledWith: $0), target: target, hole: hole)
    }
    let means = ImageScores(meansOf: scores)
    for metric in PictureMetric.all {
      let sum = scores[0][metric] + scores[1][metric] + scores[2][metric]
      #expect(means[metric] == sum / 3, "\(metric.name)")
    }
    #expect(abs(means[.holeL1] - 100 * 50.0 / 3 / 255) < 1e-12)
  }

  /// Files and settings of earlier versions hold these names, in this order.
  @Test func theTableKeepsItsNames() {
    #expect(
      PictureMetric.all.map(\.name) == [
        "l1_hole_percent", "l1_percent", "l2_percent", "psnr", "ssim", "total_variation_percent",
      ])
    #expect(PictureMetric.validated.map(\.name) == ["l1_hole_percent", "psnr", "ssim"])
    #expect(
      PictureMetric.all.map(\.heading)
        == ["hole L1 %", "L1 %", "L2 %", "PSNR dB", "SSIM", "TV %"])
    // Whatever may choose the best checkpoint has a better end.
    #expect(PictureMetric.validated.allSatisfy { $0.better != nil })
  }
}
