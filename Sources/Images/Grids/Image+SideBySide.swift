extension Image {
  /// Pictures of one height next to each other, left to right, a white line of two pixels between them.
  ///
  /// - Precondition: There is a picture; all have three channels and one height.
  package init(sideBySide pictures: [Image]) {
    let (gap, height) = (2, pictures[0].height)
    precondition(
      pictures.allSatisfy { $0.height == height && $0.channels == 3 },
      "pictures side by side are RGB and of one height")
    let width = pictures.reduce(gap * (pictures.count - 1)) { $0 + $1.width }
    self.init(width: width, height: height, filledWith: 255)
    var left = 0
    for picture in pictures {
      for row in 0..<height {
        let source = row * picture.width * 3
        let target = (row * width + left) * 3
        pixels.replaceSubrange(
          target..<target + picture.width * 3,
          with: picture.pixels[source..<source + picture.width * 3])
      }
      left += picture.width + gap
    }
  }
}
