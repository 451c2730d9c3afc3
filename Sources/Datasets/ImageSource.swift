package import Images

/// A numbered collection of images.
///
/// Sources are values that any thread may read from.
package protocol ImageSource: Sendable {
  /// Number of images.
  var count: Int { get }
  /// A fingerprint of names, order and part.
  var indexHash: IndexHash { get }
  /// What kind of source it is, where it lies and how much it holds, for a log line.
  var summary: String { get }
  /// Whether every image was decoded before, so that reading all of them again finds nothing new.
  var wasChecked: Bool { get }

  /// How the bytes of the images came about, in one word; sources of different kinds may hold the same
  /// images in different bytes.
  var contentKind: String { get }

  /// The image's name within the source, such as `000001.jpg`.
  func name(of index: Int) -> String
  /// Where the image lies, for messages: a path, for example.
  func location(of index: Int) -> String
  /// The bytes of the image as stored.
  ///
  /// - Throws: `DatasetError` or `ImageError` where they cannot be read.
  func encodedImage(at index: Int) throws -> [UInt8]
  /// CRC-32 of the bytes of the image; nil where they would have to be read for it.
  func knownChecksum(of index: Int) -> UInt32?
  /// The points of the face, in pixels of the stored image; nil where they are not known.
  func landmarks(of index: Int) -> FaceLandmarks?
}

extension ImageSource {
  /// The decoded image, three channels, sRGB whatever the file's colour profile is.
  ///
  /// - Throws: `ImageError` naming the image where it cannot be read or does not decode.
  package func image(at index: Int) throws -> Image {
    try Image(decoding: encodedImage(at: index), name: location(of: index), colors: .sRGB)
  }

  /// As somebody has put them there.
  package var contentKind: String { "original" }

  /// Most sources know nothing of an image before they read it.
  package func knownChecksum(of index: Int) -> UInt32? { nil }

  /// A folder may hold anything.
  package var wasChecked: Bool { false }

  /// No source knows faces unless it says so.
  package func landmarks(of index: Int) -> FaceLandmarks? { nil }
}
