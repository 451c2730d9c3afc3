import Datasets
import Testing

@Suite struct SampleSelectionTests {
  /// Ten images of five persons; odd numbers smile, the first five are of men.
  private func celebA() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 10)
    var attributes = "10\r\nMale Smiling\r\n"
    var identities = ""
    for number in 1...10 {
      let (male, smiling) = (number <= 5 ? " 1" : "-1", number % 2 == 1 ? " 1" : "-1")
      attributes += "\(celebAName(number)) \(male) \(smiling)\r\n"
      identities += "\(celebAName(number)) \((number + 1) / 2)\r\n"
    }
    try folder.write(attributes, to: "list_attr_celeba.txt")
    try folder.write(identities, to: "identity_CelebA.txt")
    return folder
  }

  private func names(
    _ folder: TemporaryFolder, _ selection: SampleSelection, _ split: DatasetSplit = .all
  ) throws -> [String] {
    let source = try openImageSource(root: folder.path, split: split, selection: selection)
    return (0..<source.count).map(source.name)
  }

  @Test func conditionsOnAttributesAllHold() throws {
    let folder = try celebA()
    func selected(_ conditions: String...) throws -> [String] {
      try names(folder, SampleSelection(attributes: conditions.map { try .init(parsing: $0) }))
    }
    #expect(try selected("Smiling=1") == [1, 3, 5, 7, 9].map(celebAName))
    #expect(try selected("Smiling = 1", "Male=0") == [7, 9].map(celebAName))
    #expect(try selected("Smiling=-1", "Male=1") == [2, 4].map(celebAName))
    let source = try CelebAFolder(root: folder.path, split: .all, annotations: [.attributes])
    #expect(source.attributes(of: 2) == ["Male", "Smiling"])
    #expect(source.attributes(of: 9) == [])
  }

  @Test func anUnknownAttributeSuggestsTheNearest() throws {
    let folder = try celebA()
    let error = #expect(throws: DatasetError.self) {
      try names(folder, SampleSelection(attributes: [.init(parsing: "Smilling=1")]))
    }
    #expect(error?.code == .unknownName)
    #expect(error?.description.contains("did you mean \"Smiling\"?") == true)
  }

  @Test(arguments: ["Smiling", "Smiling=2", "=1", "Smiling=1=0", ""])
  func aConditionOfAnotherFormIsRefused(text: String) {
    #expect(throws: DatasetError.self) {
      try SampleSelection.AttributeCondition(parsing: text)
    }
  }

  @Test func aConditionThatNothingFitsIsAnError() throws {
    let folder = try celebA()
    let conditions: [SampleSelection.AttributeCondition] = [
      .init(attribute: "Male", isPresent: true), .init(attribute: "Male", isPresent: false),
    ]
    let error = #expect(throws: DatasetError.self) {
      try names(folder, SampleSelection(attributes: conditions))
    }
    #expect(error?.code == .noImages)
  }

  @Test func identitiesAreHeldApart() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 200)
    try folder.write(
      (1...200).map { "\(celebAName($0)) \($0 % 40)\n" }.joined(), to: "identity_CelebA.txt")
    let selection = SampleSelection(heldOutIdentityShare: 0.2)
    var persons: [Set<Int>] = []
    var total = 0
    for split in [DatasetSplit.train, .validation, .test] {
      let source = try CelebAFolder(root: folder.path, split: split, selection: selection)
      total += source.count
      persons.append(Set((0..<source.count).compactMap(source.identity)))
    }
    #expect(total == 200)
    #expect(persons.map(\.count).reduce(0, +) == 40, "nobody is in two parts")
    #expect(persons.allSatisfy { !$0.isEmpty } && persons[0].count < 40)
    // The published parts, in contrast, share persons here.
    let train = try CelebAFolder(root: folder.path, split: .train, annotations: [.identities])
    #expect(Set((0..<train.count).compactMap(train.identity)).count > persons[0].count)
  }

  @Test func aSelectionNeedsItsList() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5)
    #expect(throws: DatasetError.self) {
      try names(folder, SampleSelection(heldOutIdentityShare: 0.1))
    }
    #expect(throws: DatasetError.self) {
      try names(folder, SampleSelection(attributes: [.init(attribute: "Male", isPresent: true)]))
    }
    let plain = try TemporaryFolder()
    try plain.write(encodedPicture(1, "png"), to: "a.png")
    #expect(throws: DatasetError.self) {
      try names(plain, SampleSelection(heldOutIdentityShare: 0.1))
    }
  }
}
