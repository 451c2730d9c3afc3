import Autodiff
import Foundation
import Kernels
import Models
import TensorCore

/// What tells whether the game is alive: how sure the discriminator is of originals and composites.
///
/// For a relativistic discriminator only differences mean something: an original counts by how far it is
/// above the mean composite. For one of patches a picture counts by the mean of its patches.
struct JudgementSigns {
  /// The names under which they are reported.
  static let terms = [
    LossTerm("real_score", .report), LossTerm("fake_score", .report),
    LossTerm("real_share", .report),
  ]

  /// Mean probability of originals to be original.
  let realScore: Double
  /// Mean probability of composites to be original.
  let fakeScore: Double
  /// Share of originals that are taken for originals.
  let realShare: Double

  /// Takes one number before the sigmoid for each original and each composite.
  init(real: [Double], fake: [Double], isRelativistic: Bool) {
    func mean(_ values: [Double]) -> Double {
      values.reduce(0, +) / Double(max(values.count, 1))
    }
    func probability(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
    let (realMean, fakeMean) = isRelativistic ? (mean(real), mean(fake)) : (0, 0)
    realScore = mean(real.map { probability($0 - fakeMean) })
    fakeScore = mean(fake.map { probability($0 - realMean) })
    realShare = mean(real.map { $0 > fakeMean ? 1 : 0 })
  }

  /// Names and values, in the order of `terms`.
  var reported: LossTerms {
    Array(zip(Self.terms.map(\.name), [realScore, fakeScore, realShare])).map { ($0, $1) }
  }
}

extension Variable {
  /// The mean logit of each picture.
  var meansOfPictures: [Double] {
    let count = shape.elementCount / max(shape[0], 1)
    return value.converted(to: .plain).withUnsafeFloats { values in
      (0..<shape[0]).map { picture in
        values[picture * count..<(picture + 1) * count].reduce(0.0) { $0 + Double($1) }
          / Double(count)
      }
    }
  }
}
