import Datasets
import Images
import SyntheticFaces
import Testing
import Training

@Suite struct HeldOutPicturesTests {
  private func pictures(_ indices: some Sequence<Int>) throws -> HeldOutPictures {
    let folder = try TemporaryFolder()
    _ = try writeSyntheticFaces(to: folder["faces"], count: 12, side: 32, seed: 3)
    return try HeldOutPictures(
      source: openImageSource(root: folder["faces"], split: .all), indices: indices,
      transform: SampleTransform(
        side: 32, crop: 0, masks: RectangleMask(placement: .random, shrink: 0.25), seed: 9))
  }

  /// A picture and its hole depend on its number alone, whichever rank holds it.
  @Test func sharesAreThePicturesOfTheWhole() throws {
    let all = try pictures(0..<11)
    #expect(all.pictures.count == 11 && all.holes.count == 11)
    #expect(Set(all.pictures.map(\.pixels)).count == 11)
    for (rank, ranks) in [(0, 2), (1, 2), (2, 3), (7, 8), (11, 12)] {
      let indices = Array(stride(from: rank, to: 11, by: ranks))
      let share = try pictures(indices)
      #expect(share.pictures == indices.map { all.pictures[$0] })
      #expect(share.holes == indices.map { all.holes[$0] })
    }
  }
}
