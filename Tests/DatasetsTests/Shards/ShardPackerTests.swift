import Datasets
import Foundation
import Images
import Testing

@Suite struct ShardPackerTests {
  /// as many images as give several archives.
  private func celebA(_ count: Int = 100) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: count)
    return folder
  }

  private let settings = ShardPacker.Settings.shards(of: 100_000)

  private func packer(_ folder: TemporaryFolder, _ destination: String) throws -> ShardPacker {
    try ShardPacker(
      source: "\(folder.path)/celeba", destination: "\(folder.path)/\(destination)",
      settings: settings)
  }

  @Test func imagesLieInArchivesOfTheirPartWithinTheLimit() throws {
    let folder = try celebA()
    let report = try folder.pack("celeba", to: "packed", settings)
    let files = try folder.files(in: "packed")
    let archives = files.filter { $0.key.hasSuffix(".tar") }
    #expect(report.imageCount == 100 && report.shardCount == archives.count)
    #expect(archives.values.allSatisfy { $0.count <= 100_000 && $0.count % 512 == 0 })
    #expect(report.byteCount == archives.values.reduce(0) { $0 + $1.count })
    #expect(
      Set(archives.keys.map { $0.prefix { $0 != "-" } }) == ["train", "validation", "test"])
    #expect(Set(files.keys).subtracting(archives.keys) == ["shards.index", "pack.txt"])
  }

  /// Interrupted at any of its questions, the pack goes on and ends with the same bytes.
  @Test func anInterruptedPackGoesOn() throws {
    let folder = try celebA()
    try folder.pack("celeba", to: "whole", settings)
    let expected = try folder.files(in: "whole")
    var interruptions = 0
    for limit in 0... {
      var questions = 0
      let stopped = try packer(folder, "packed").run(isStopped: {
        questions += 1
        return questions > limit
      })
      if stopped == nil {
        interruptions += 1
        let error = #expect(throws: DatasetError.self) {
          try openImageSource(root: "\(folder.path)/packed", split: .all)
        }
        #expect(error?.description.contains("run the same inpaint pack again") == true)
        // Half an archive may be left, under any name of work in progress.
        try folder.write([1, 2, 3], to: "packed/.packing/train-00000.tar")
      }
      let report = try #require(try packer(folder, "packed").run())
      #expect(report.imageCount == 100)
      #expect((report.earlierImageCount > 0) == (limit > 0))
      #expect(try folder.files(in: "packed") == expected)
      if stopped != nil { break }
      try folder.remove("packed")
    }
    #expect(interruptions > 2)
  }

  @Test func finishedShardsAreNotDoneAgain() throws {
    let folder = try celebA()
    var questions = 0
    _ = try packer(folder, "packed").run(isStopped: {
      questions += 1
      return questions > 4
    })
    let first = "\(folder.path)/packed/test-00000.tar"
    let before = try FileManager.default.attributesOfItem(atPath: first)[.systemFileNumber] as? Int
    _ = try packer(folder, "packed").run()
    let after = try FileManager.default.attributesOfItem(atPath: first)[.systemFileNumber] as? Int
    #expect(before != nil && before == after)
    // A shard that was lost meanwhile, or is not whole, is.
    #expect(try #require(try packer(folder, "packed").run()).earlierImageCount == 100)
  }

  @Test func anotherPackIsRefused() throws {
    let folder = try celebA(20)
    try folder.pack("celeba", to: "packed", settings)
    let before = try folder.files(in: "packed")
    for (other, word) in [
      (ShardPacker.Settings.shards(of: 90_000), "shards of at most 100000"),
      (
        {
          var settings = settings
          settings.preparation = PackPreparation(crop: 0, side: 16)
          return settings
        }(), "stored as published"
      ),
    ] {
      let error = #expect(throws: DatasetError.self) {
        try folder.pack("celeba", to: "packed", other)
      }
      #expect(error?.description.contains(word) == true)
    }
    #expect(try folder.files(in: "packed") == before)
    let error = #expect(throws: DatasetError.self) { try folder.pack("celeba", to: "celeba") }
    #expect(error?.description.contains("other files") == true)
  }

  @Test func twoPacksDoNotWriteToOneFolder() throws {
    let folder = try celebA(20)
    var message = ""
    _ = try packer(folder, "packed").run(isStopped: {
      do {
        _ = try packer(folder, "packed").run()
      } catch {
        message = "\(error)"
      }
      return false
    })
    #expect(message.contains("another inpaint pack"))
    #expect(try ShardVerification(of: "\(folder.path)/packed").problems.isEmpty)
  }

  @Test func aDamagedImageStopsThePackOrIsLeftOut() throws {
    let folder = try celebA(20)
    let name = "celeba/img_align_celeba/000012.jpg"
    try folder.change(name) { $0.removeLast($0.count / 2) }
    let error = #expect(throws: ImageError.self) { try folder.pack("celeba", to: "packed") }
    #expect(error?.description.contains("000012.jpg: is a damaged JPEG") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/packed/shards.index"))

    var settings = ShardPacker.Settings()
    settings.damagedImages = .skip
    let report = try folder.pack("celeba", to: "other", settings)
    #expect(report.imageCount == 19 && report.skipped.count == 1)
    #expect(report.skipped[0].contains("000012.jpg"))
    let source = try openImageSource(root: "\(folder.path)/other", split: .all)
    #expect(
      (0..<source.count).map(source.name) == (1...20).filter { $0 != 12 }.map(celebAName))
    #expect(try ShardVerification(of: "\(folder.path)/other").problems.isEmpty)

    try folder.remove(name)
    #expect(throws: DatasetError.self) { try folder.pack("celeba", to: "third", settings) }
  }

  private static let python = ["/usr/bin/env", "/bin/env"].first {
    guard FileManager.default.isExecutableFile(atPath: $0) else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: $0)
    process.arguments = ["python3", "-c", "import tarfile"]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  @Test(.enabled(if: python != nil, "python3 is not there: its tarfile was not tried"))
  func pythonReadsTheShards() throws {
    let folder = try celebA(20)
    try folder.pack("celeba", to: "packed", settings)
    let script = """
      import glob, json, sys, tarfile
      count = 0
      for path in glob.glob(sys.argv[1] + '/packed/*.tar'):
          archive = tarfile.open(path, 'r:')
          files = archive.getmembers()
          for image, text in zip(files[::2], files[1::2]):
              about = json.load(archive.extractfile(text))
              original = sys.argv[1] + '/celeba/img_align_celeba/' + about['name']
              assert archive.extractfile(image).read() == open(original, 'rb').read()
              assert image.name == about['name'] and text.name == image.name[:-3] + 'json'
              assert path.split('/')[-1].startswith(about['part'] + '-')
              number = int(about['name'][:6])
              assert about['identity'] == number % 10
              assert ('Smiling' in about['attributes']) == (number % 3 == 0)
              assert about['landmarks']['nose'] == [10, 14]
              count += 1
      assert count == 20, count
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = ["python3", "-c", script, folder.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
