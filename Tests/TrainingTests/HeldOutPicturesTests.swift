import Datasets
import Images
import Testing
import Training

@Suite struct HeldOutPicturesTests {
  private func pictures(_ count: Int) throws -> HeldOutPictures {
    let folder = try TemporaryFolder()
    _ = try writeSyntheticFaces(to: folder["faces"], count: 12, side: 32, seed: 3)
    return try HeldOutPictures(
      source: openImageSource(root: folder["faces"], split: .all), count: count,
      transform: SampleTransform(
        side: 32, crop: 0, masks: RectangleMask(placement: .random, shrink: 0.25), seed: 9))
  }

  @Test func sharesCoverAllPicturesInTurn() throws {
    let all = try pictures(11)
    #expect(all.pictures.count == 11 && all.holes.count == 11)
    for ranks in 1...16 {
      let shares = (0..<ranks).map { all.share(first: $0, of: ranks) }
      #expect(shares.reduce(0) { $0 + $1.pictures.count } == 11)
      for index in 0..<11 {
        let share = shares[index % ranks]
        #expect(share.pictures[index / ranks] == all.pictures[index])
        #expect(share.holes[index / ranks] == all.holes[index])
      }
    }
  }

  @Test func picturesAndHolesAreAlwaysTheSame() throws {
    let (first, second) = (try pictures(4), try pictures(7).prefix(4))
    #expect(first.pictures == second.pictures && first.holes == second.holes)
    #expect(Set(first.pictures.map(\.pixels)).count == 4)
  }

  @Test func thereAreNoMoreThanTheSourceHas() throws {
    #expect(try pictures(100).pictures.count == 12)
    #expect(try pictures(5).prefix(100).pictures.count == 5)
  }
}
