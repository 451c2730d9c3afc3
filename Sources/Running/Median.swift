/// The middle one of measurements, the upper of two.
///
/// - Precondition: There is at least one.
package func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
