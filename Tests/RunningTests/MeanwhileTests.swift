import Running
import Synchronization
import Testing

@Suite("Work that another thread does meanwhile")
struct MeanwhileTests {
  private struct Failure: Error, Equatable {
    let number: Int
  }

  @Test func givesWhatTheWorkGave() throws {
    let works = (0..<50).map { number in Meanwhile { number * number } }
    #expect(try works.map { try $0.value() } == (0..<50).map { $0 * $0 })
    #expect(try works[7].value() == 49, "also when it is asked again")
  }

  @Test func throwsWhatTheWorkThrew() {
    let work = Meanwhile<Int> { throw Failure(number: 3) }
    #expect(throws: Failure(number: 3)) { try work.value() }
    #expect(throws: Failure(number: 3)) { try work.value() }
  }

  @Test func isDoneWhileOthersGoOn() throws {
    let flag = Atomic(false)
    let work = Meanwhile {
      while !flag.load(ordering: .acquiring) {}
      return true
    }
    flag.store(true, ordering: .releasing)
    #expect(try work.value())
  }
}
