import Glibc

extension Image {
  /// Reads and decodes a picture's file (PNG, JPEG, WebP or TIFF).
  ///
  /// - Parameters:
  ///   - path: The file; its first bytes tell the format, not its name.
  ///   - channels: The channels wanted.
  ///   - colors: What the values shall mean.
  ///   - appliesOrientation: Turns the picture upright as its EXIF tag says.
  ///   - pixelLimit: Larger pictures are refused before memory is taken for them.
  /// - Throws: `ImageError`, which names the path.
  package init(
    contentsOf path: String, channels: Channels = .rgb, colors: Colors = .asStored,
    appliesOrientation: Bool = true, pixelLimit: Int = Image.defaultPixelLimit
  ) throws(ImageError) {
    try self.init(
      decoding: imageFileContents(path), name: path, channels: channels, colors: colors,
      appliesOrientation: appliesOrientation, pixelLimit: pixelLimit)
  }

  /// Encodes the picture as the path's extension says (.png, .jpg, .jpeg) and writes it.
  ///
  /// The bytes go to a temporary file in the same folder, which is then renamed: readers see the
  /// old file or the new one, never half of one.
  ///
  /// - Parameters:
  ///   - path: The file to make or to replace.
  ///   - jpegQuality: 1...100; at 95 and above colour is kept at full resolution.
  /// - Throws: `ImageError`, which names the path.
  package func write(to path: String, jpegQuality: Int = 95) throws(ImageError) {
    guard let format = ImageFormat(extensionOf: path) else {
      throw ImageError(path, .unknownExtension)
    }
    let bytes =
      switch format {
      case .png: try encodedAsPNG(name: path)
      case .jpeg, .webp, .tiff:
        try encodedAsJPEG(quality: jpegQuality, fullChroma: jpegQuality >= 95, name: path)
      }
    try replaceFile(at: path, with: bytes)
  }
}

/// The bytes of a picture's file.
///
/// - Throws: `ImageError` when the path is no regular file, cannot be read or is implausibly large.
package func imageFileContents(_ path: String) throws(ImageError) -> [UInt8] {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  if descriptor < 0 { throw ImageError(path, .unreadable(systemErrorMessage())) }
  defer { close(descriptor) }
  var information = stat()
  if fstat(descriptor, &information) != 0 {
    throw ImageError(path, .unreadable(systemErrorMessage()))
  }
  if information.st_mode & S_IFMT != S_IFREG {
    throw ImageError(path, .unreadable("it is not a file"))
  }
  let size = Int(information.st_size)
  let largest = 1 << 30
  if size > largest { throw ImageError(path, .fileTooLarge(bytes: size)) }
  var failure: ImageError?
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let rest = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
      let got = read(descriptor, rest.baseAddress, rest.count)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { failure = ImageError(path, .unreadable(systemErrorMessage())) }
      if got <= 0 { break }
      count += got
    }
  }
  if let failure { throw failure }
  return bytes
}

/// Writes a temporary file next to the path and renames it.
func replaceFile(at path: String, with bytes: [UInt8]) throws(ImageError) {
  // The process makes the name unique among processes, the random number among threads.
  let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).part"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  if descriptor < 0 { throw ImageError(path, .unwritable(systemErrorMessage())) }
  var reason = writeAll(bytes, to: descriptor)
  if close(descriptor) != 0 { reason = reason ?? systemErrorMessage() }
  if reason == nil, rename(temporary, path) != 0 { reason = systemErrorMessage() }
  if let reason {
    unlink(temporary)
    throw ImageError(path, .unwritable(reason))
  }
}

/// Writes every byte; nil, or why that failed.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> String? {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let wrote = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if wrote < 0 && errno == EINTR { continue }
      if wrote < 0 { return systemErrorMessage() }
      rest = rest.dropFirst(wrote)
    }
    return nil
  }
}

private func systemErrorMessage() -> String { String(cString: strerror(errno)) }
