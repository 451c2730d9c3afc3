package import Autodiff
import Kernels
package import TensorCore

/// An array of doubles in row-major order with a shape: what reference operations work on.
package struct ReferenceTensor: Equatable, Sendable {
  /// The extent of each axis.
  package let shape: [Int]
  /// The elements in row-major order.
  package var elements: [Double]

  /// Makes an array from its elements.
  ///
  /// - Precondition: There are as many elements as the shape has.
  package init(_ elements: [Double], shape: [Int]) {
    precondition(
      elements.count == shape.reduce(1, *), "\(elements.count) elements are not \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// Makes an array of one value.
  package init(repeating value: Double, shape: [Int]) {
    self.init(Array(repeating: value, count: shape.reduce(1, *)), shape: shape)
  }

  /// Makes an array from one element for each index into the row-major order.
  package init(shape: [Int], _ element: (Int) -> Double) {
    self.init((0..<shape.reduce(1, *)).map(element), shape: shape)
  }

  /// An element of a four-dimensional array.
  package subscript(n: Int, c: Int, h: Int, w: Int) -> Double {
    get { elements[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] }
    set { elements[((n * shape[1] + c) * shape[2] + h) * shape[3] + w] = newValue }
  }

  /// The elements rounded to float32.
  ///
  /// - Parameter layout: A blocked layout needs four axes.
  /// - Returns: A tensor of the same shape.
  package func tensor(layout: Layout = .plain) -> Tensor {
    let plain = Tensor(elements.map { Float($0) }, shape: Shape(shape))
    return layout == .plain ? plain : plain.converted(to: layout)
  }

  /// The sum of all elements.
  package var sum: Double { elements.reduce(0, +) }

  /// The root of the sum of squares.
  package var norm: Double { dot(self).squareRoot() }

  /// The sum of products with the elements of another array of the same shape.
  package func dot(_ other: ReferenceTensor) -> Double {
    precondition(shape == other.shape, "a dot product of \(shape) and \(other.shape)")
    return zip(elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// This array moved by a step in a direction.
  package func moved(by step: Double, along direction: ReferenceTensor) -> ReferenceTensor {
    combined(with: direction) { $0 + step * $1 }
  }

  /// Applies a function to every element.
  package func map(_ function: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(elements.map(function), shape: shape)
  }

  /// Applies a function to every pair of elements of two arrays of one shape.
  package func combined(
    with other: ReferenceTensor, _ function: (Double, Double) -> Double
  ) -> ReferenceTensor {
    precondition(shape == other.shape, "element by element: \(shape) and \(other.shape)")
    return ReferenceTensor(zip(elements, other.elements).map(function), shape: shape)
  }

  /// The same elements under another shape.
  package func reshaped(to shape: [Int]) -> ReferenceTensor {
    ReferenceTensor(elements, shape: shape)
  }
}

/// Values that tests compare with one another: tensors, variables and reference arrays.
package protocol ComparableToReference {
  /// The elements as doubles.
  var reference: ReferenceTensor { get }
}

extension ReferenceTensor: ComparableToReference {
  package var reference: ReferenceTensor { self }
}

extension Tensor: ComparableToReference {
  package var reference: ReferenceTensor {
    let plain = layout == .plain ? self : converted(to: .plain)
    return ReferenceTensor(plain.elements.map { Double($0) }, shape: shape.dimensions)
  }
}

extension Variable: ComparableToReference {
  package var reference: ReferenceTensor { value.reference }
}
