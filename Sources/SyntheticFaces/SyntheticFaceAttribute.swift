/// The attributes of CelebA that synthetic faces show, by their published names.
package enum SyntheticFaceAttribute: String, CaseIterable, Sendable {
  case fiveOClockShadow = "5_o_Clock_Shadow"
  case bald = "Bald"
  case bangs = "Bangs"
  case bigLips = "Big_Lips"
  case bigNose = "Big_Nose"
  case blackHair = "Black_Hair"
  case blondHair = "Blond_Hair"
  case brownHair = "Brown_Hair"
  case bushyEyebrows = "Bushy_Eyebrows"
  case eyeglasses = "Eyeglasses"
  case goatee = "Goatee"
  case grayHair = "Gray_Hair"
  case mouthSlightlyOpen = "Mouth_Slightly_Open"
  case mustache = "Mustache"
  case noBeard = "No_Beard"
  case paleSkin = "Pale_Skin"
  case recedingHairline = "Receding_Hairline"
  case rosyCheeks = "Rosy_Cheeks"
  case smiling = "Smiling"
  case straightHair = "Straight_Hair"
  case wavyHair = "Wavy_Hair"
  case wearingHat = "Wearing_Hat"
  case wearingLipstick = "Wearing_Lipstick"
  case wearingNecktie = "Wearing_Necktie"
  case young = "Young"

  /// What a scene shows.
  static func attributes(of scene: FaceScene) -> Set<Self> {
    let (identity, expression) = (scene.identity, scene.expression)
    let (style, beard) = (identity.hairStyle, identity.facialHair)
    let isBeardless = beard.beard == 0 && beard.goatee == 0 && beard.mustache == 0
    let hasStrands = !style.isBald && style.curl == 0 && style.thickness > 3
    let conditions: [(Self, Bool)] = [
      (.fiveOClockShadow, isBeardless && beard.stubble > 0.5),
      (.bald, style.isBald && scene.hat == nil),
      (.bangs, style.fringe != nil && scene.hat == nil),
      (.bigLips, identity.lipFullness > 1.15),
      (.bigNose, identity.noseWidth > 1.15),
      (.blackHair, !style.isBald && identity.hairColor.kind == .black),
      (.blondHair, !style.isBald && identity.hairColor.kind == .blond),
      (.brownHair, !style.isBald && identity.hairColor.kind == .brown),
      (.bushyEyebrows, identity.browThickness > 2.2),
      (.eyeglasses, scene.glasses != nil),
      (.goatee, beard.goatee > 0),
      (.grayHair, !style.isBald && identity.hairColor.kind == .gray),
      (.mouthSlightlyOpen, expression.mouthOpening > 1),
      (.mustache, beard.mustache > 0),
      (.noBeard, isBeardless && beard.stubble <= 0.5),
      (.paleSkin, identity.melanin < 0.08),
      (.recedingHairline, !style.isBald && style.recession > 9 && scene.hat == nil),
      (.rosyCheeks, identity.blush > 0.65),
      (.smiling, expression.smile > 0.4),
      (.straightHair, hasStrands && style.wave < 1),
      (.wavyHair, hasStrands && style.wave >= 1.5 && style.length != nil),
      (.wearingHat, scene.hat != nil),
      (.wearingLipstick, identity.lipstick > 0),
      (.wearingNecktie, scene.clothing.hasNecktie),
      (.young, identity.age < 0.4),
    ]
    return Set(conditions.filter(\.1).map(\.0))
  }
}
