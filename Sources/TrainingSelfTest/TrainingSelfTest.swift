import Communication
import Foundation
import Layers
import Running
import TensorCore
import Training

/// Trains as `inpaint train` does, under mpirun, and looks into the steps or disturbs one:
/// `mpirun -n 2 TrainingSelfTest CASE CONFIG RUN [key.path=value ...]`.
@main
struct TrainingSelfTest {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 3, let watch = watches[arguments[0]] else {
      print(
        "usage: TrainingSelfTest \(watches.keys.sorted().joined(separator: "|")) CONFIG RUN ...")
      exit(ExitStatus.usage.rawValue)
    }
    withCommunicator { communicator in
      var request = TrainingRequest(configuration: arguments[1])
      request.runDirectory = arguments[2]
      request.overrides = Array(arguments.dropFirst(3))
      let trainer = try Trainer(Session(request, communicator: communicator))
      trainer.afterUpdate = watch(communicator)
      return try trainer.run(request)
    }
  }

  /// What the cases do after each update.
  private static var watches: [String: (any Communicator) -> (Int, any AdversarialModel) -> Void] {
    ["flip-bit": flipBit, "overlap": reportOverlap]
  }

  /// Inverts one bit of one weight on the last rank after step 5, as failing memory would.
  private static func flipBit(
    _ communicator: any Communicator
  ) -> (Int, any AdversarialModel) -> Void {
    { step, model in
      guard step == 5, communicator.rank == communicator.worldSize - 1,
        let parameter = model.networks[0].parameters.last(where: { $0.shape.axisCount == 4 })
      else { return }
      var weights = parameter.value.elements
      weights[0] = Float(bitPattern: weights[0].bitPattern ^ 1)
      parameter.setElements(weights)
      print("rank \(communicator.rank): flipped a bit of \(parameter.name) after step \(step)")
    }
  }

  /// Prints for every network how many buckets of gradients left before its backward had ended.
  private static func reportOverlap(
    _ communicator: any Communicator
  ) -> (Int, any AdversarialModel) -> Void {
    { step, model in
      for network in model.networks {
        let (timings, end) = (network.gradients.timings, network.gradients.backwardEndSeconds ?? 0)
        let early = timings.count { ($0.postedSeconds ?? .infinity) < end }
        print(
          "rank \(communicator.rank), step \(step), \(network.name): \(early) of \(timings.count) "
            + "buckets left during backward")
      }
    }
  }
}
