/// A dense array of numbers with a shape and a memory layout.
///
/// A value: a copy shares memory until one of the two is written to.
package struct Tensor: Sendable {
  /// The extents of the axes, whatever the layout.
  package let shape: Shape
  /// How the elements lie in memory.
  package let layout: Layout
  /// How one element is stored.
  package let elementType: ElementType
  /// The memory.
  package private(set) var storage: Storage

  /// Makes a tensor without giving its elements a value.
  ///
  /// - Precondition: A blocked layout has four axes. Only feature maps in a blocked layout are bfloat16.
  package init(
    uninitialized shape: Shape, layout: Layout = .plain, elementType: ElementType = .float32
  ) {
    self.shape = shape
    self.layout = layout
    self.elementType = elementType
    precondition(
      elementType == .float32 || layout != .plain, "bfloat16 maps are in a blocked layout")
    storage = Storage(
      byteCount: Self.storedElementCount(shape, layout) * elementType.byteCount)
  }

  /// Makes a tensor on existing memory, float32 in the plain layout.
  ///
  /// - Precondition: The storage has room for the shape.
  package init(shape: Shape, storage: Storage) {
    precondition(
      shape.elementCount * ElementType.float32.byteCount <= storage.byteCount,
      "a storage of \(storage.byteCount) bytes has no room for \(shape)")
    self.shape = shape
    self.layout = .plain
    elementType = .float32
    self.storage = storage
  }

  /// Makes a tensor of one value.
  package init(repeating value: Float, shape: Shape) {
    self.init(uninitialized: shape)
    withUnsafeMutableFloats { $0.update(repeating: value) }
  }

  /// Makes a tensor from its elements in row-major order.
  ///
  /// - Precondition: There are as many elements as the shape has.
  package init(_ elements: [Float], shape: Shape) {
    precondition(
      elements.count == shape.elementCount, "\(elements.count) elements are not \(shape)")
    self.init(uninitialized: shape)
    withUnsafeMutableFloats { _ = $0.update(fromContentsOf: elements) }
  }

  /// A scalar.
  package init(_ value: Float) {
    self.init([value], shape: [])
  }

  /// Elements that the memory holds, those that only fill the last channel block included.
  package var storedElementCount: Int { Self.storedElementCount(shape, layout) }

  private static func storedElementCount(_ shape: Shape, _ layout: Layout) -> Int {
    guard case .blocked(let block) = layout else { return shape.elementCount }
    precondition(shape.axisCount == 4, "a blocked layout needs [N, C, H, W], not \(shape)")
    return shape[0] * ((shape[1] + block - 1) / block * block) * shape[2] * shape[3]
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: The layout is plain and the number of elements stays.
  package func reshaped(to shape: Shape) -> Tensor {
    precondition(layout == .plain, "only a plain tensor can be reshaped")
    precondition(
      shape.elementCount == self.shape.elementCount, "\(self.shape) cannot become \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  /// The same memory as feature maps of another shape, such as [1, N C, H, W] for [N, C, H, W].
  ///
  /// - Precondition: Both shapes have four axes, as many elements and the same last two extents; channels
  ///   fill their blocks in both, so that the order in memory stays.
  package func regrouped(to shape: Shape) -> Tensor {
    let block = layout.channelBlock
    precondition(
      shape.axisCount == 4 && self.shape.axisCount == 4
        && shape[0] * shape[1] == self.shape[0] * self.shape[1]
        && shape[2] == self.shape[2] && shape[3] == self.shape[3]
        && shape[1].isMultiple(of: block) && self.shape[1].isMultiple(of: block),
      "\(self.shape) in blocks of \(block) channels cannot become \(shape)")
    return Tensor(shape: shape, layout: layout, elementType: elementType, storage: storage)
  }

  private init(shape: Shape, layout: Layout, elementType: ElementType, storage: Storage) {
    (self.shape, self.layout, self.elementType) = (shape, layout, elementType)
    self.storage = storage
  }

  /// The only element.
  ///
  /// - Precondition: There is exactly one.
  package var scalar: Float {
    precondition(shape.elementCount == 1, "\(shape) is not a scalar")
    return withUnsafeFloats { $0[0] }
  }

  /// All elements in row-major order.
  ///
  /// - Precondition: float32 in the plain layout.
  package var elements: [Float] {
    precondition(layout == .plain, "elements are listed from the plain layout only")
    return withUnsafeFloats { Array($0) }
  }
}

// MARK: - Memory access for kernels

extension Tensor {
  /// The memory as floats, for reading.
  ///
  /// - Precondition: The elements are float32.
  package func withUnsafeFloats<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: pointer, count: storedElementCount))
    }
  }

  /// The memory as floats, for writing; copied first where another tensor shares it.
  ///
  /// - Precondition: The elements are float32.
  package mutating func withUnsafeMutableFloats<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    return try withExtendedLifetime(storage) {
      try body(
        UnsafeMutableBufferPointer(start: mutablePointer, count: storedElementCount))
    }
  }

  /// True where no other tensor shares the memory, so that it may be overwritten in place.
  package mutating func isUniquelyReferenced() -> Bool {
    isKnownUniquelyReferenced(&storage)
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) {
      storage.contentsChanged()
      return
    }
    let copy = Storage(byteCount: storedElementCount * elementType.byteCount)
    copy.pointer.copyMemory(
      from: storage.pointer, byteCount: storedElementCount * elementType.byteCount)
    storage = copy
  }

  /// The first element of any type, for a kernel that reads; valid while the tensor lives.
  package var rawPointer: UnsafeRawPointer { UnsafeRawPointer(storage.pointer) }

  /// The first element of any type, for a kernel that fills a tensor that it has just made.
  package var mutableRawPointer: UnsafeMutableRawPointer { storage.pointer }

  /// The first element, for a kernel that reads; valid while the tensor lives.
  package var pointer: UnsafePointer<Float> {
    UnsafePointer(mutablePointer)
  }

  /// The first element, for a kernel that fills a tensor that it has just made.
  package var mutablePointer: UnsafeMutablePointer<Float> {
    precondition(elementType == .float32, "a float32 kernel was given \(elementType)")
    return storage.pointer.assumingMemoryBound(to: Float.self)
  }
}
