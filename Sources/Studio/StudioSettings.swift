/// What the user asks of `inpaint studio`.
package struct StudioSettings: Sendable {
  /// Generators' weights; without any, the newest checkpoint of every run.
  package var weights: [String] = []
  /// Whose weights they are, for kinds of generators with several conventions.
  package var convention: String?
  /// A folder of photographs to choose from.
  package var folder: String?
  /// A folder of masks to choose from.
  package var masks: String?
  /// The folder that results are saved to; nil where they can be downloaded only.
  package var output: String?
  /// The folder of the runs.
  package var runs = "runs"
  /// A name or address of this machine to listen at.
  package var host = "127.0.0.1"
  /// The port; nil for the first free one from `firstPort` on.
  package var port: UInt16?
  /// Names under which a proxy offers the page.
  package var trustedHosts: [String] = []
  /// Bytes that a network may use; nil for what the system has free.
  package var memoryLimit: Int?
  /// Opens the page in this machine's browser.
  package var opensBrowser = false

  /// Where ports are looked for unless one is given.
  package static let firstPort: UInt16 = 8420

  /// The settings of a start without options.
  package init() {}
}

/// What is taken at most: pictures and masks are refused by these before they are decoded.
enum StudioLimits {
  /// Bytes of a picture's file.
  static let pictureBytes = 128 << 20
  /// Pixels of a picture.
  static let picturePixels = 64_000_000
  /// Bytes of a mask's file.
  static let maskBytes = 64 << 20
  /// Fills that wait.
  static let waitingFills = 64
  /// Fills of one page, or program, that wait.
  static let waitingFillsPerSession = 16
  /// Sheets of faces that wait, and the pictures of one.
  static let waitingSheets = 8
  static let facesOfASheet = 256
  /// Bytes of opened pictures and of results on disk; the longest unused are forgotten beyond.
  static let storedBytes = 4 << 30
  /// Pictures that are open at once.
  static let storedPictures = 500
  /// Generators that stay in memory.
  static let loadedNetworks = 3
  /// Streams of events that are open at once.
  static let eventStreams = 64
}
