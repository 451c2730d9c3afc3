import GeneratorFiles
import HTTPService

extension StudioHandler {
  /// A sheet of faces from random vectors.
  func faces(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.allow(.get)
    let all = try await onFileThread { self.networks.networks() }
    let samplers = all.filter(\.abilities.samples)
    guard !samplers.isEmpty else {
      throw HTTPProblem(
        .notFound,
        "No network here makes faces from random vectors; train one with "
          + "inpaint train configs/dcgan-celeba-64.yaml.")
    }
    let wanted = request.query["network"]
    guard let network = wanted.map({ id in samplers.first { $0.id == id } }) ?? samplers.first
    else {
      throw HTTPProblem(
        .notFound,
        "No network \((wanted ?? "").prefix(60)) makes faces; there are "
          + "\(samplers.map(\.id).joined(separator: ", ")).")
    }
    let walkSteps = try request.number("walk", in: 0...StudioLimits.facesOfASheet, default: 0)
    let sheet = FaceSheet(
      network: network,
      count: try request.number(
        "count", in: (walkSteps == 0 ? 1 : 2)...StudioLimits.facesOfASheet,
        default: walkSteps == 0 ? 24 : 2),
      walkSteps: walkSteps, seed: try request.seed,
      truncation: Double(try request.number("truncation", in: 0...200, default: 100)) / 100)
    guard sheet.pictureCount <= StudioLimits.facesOfASheet else {
      throw HTTPProblem(
        .badRequest,
        "\(sheet.pictureCount) pictures are more than \(StudioLimits.facesOfASheet); lower count or "
          + "walk.")
    }
    return HTTPResponse(try await queue.faces(sheet), type: "image/png")
  }
}
