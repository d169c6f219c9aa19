#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Threads that live as long as the team and do one piece of work together whenever they are told to.
///
/// They are threads of their own because the work blocks for milliseconds to seconds, which must not happen on the
/// cooperative pool. The threads keep the team alive: whoever makes one has to `close()` it.
final class ThreadTeam: @unchecked Sendable {  // why: fields change only while the threads wait at the barriers
    let count: Int
    private let start: Barrier
    private let end: Barrier
    private let together: Barrier
    private let work: @Sendable (Int) -> Void
    private var threads: [pthread_t] = []
    private var stopping = false

    /// Starts the threads. `work` runs once on each thread, with its number, for every `run()`.
    init(count: Int, work: @escaping @Sendable (Int) -> Void) throws(NNError) {
        self.count = count
        self.work = work
        start = Barrier(parties: count + 1)
        end = Barrier(parties: count + 1)
        together = Barrier(parties: count)
        for number in 0..<count {
            guard let thread = Self.spawn(self, number) else {
                throw .system("thread \(number + 1) of \(count) cannot be started; use fewer workers")
            }
            threads.append(thread)
        }
    }

    /// What a thread is started with; it keeps the team alive until it ends.
    private final class Entry {
        let team: ThreadTeam
        let number: Int

        init(team: ThreadTeam, number: Int) {
            self.team = team
            self.number = number
        }
    }

    private static func spawn(_ team: ThreadTeam, _ number: Int) -> pthread_t? {
        let entry = Unmanaged.passRetained(Entry(team: team, number: number))
        #if canImport(Glibc)
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, { ThreadTeam.run($0) }, entry.toOpaque())
            let started: pthread_t? = thread
        #else
            var started: pthread_t?
            let status = pthread_create(&started, nil, { ThreadTeam.run($0) }, entry.toOpaque())
        #endif
        guard status == 0 else {
            entry.release()
            return nil
        }
        return started
    }

    private static func run(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let raw else { return nil }
        let entry = Unmanaged<Entry>.fromOpaque(raw).takeRetainedValue()
        entry.team.loop(entry.number)
        return nil
    }

    private func loop(_ number: Int) {
        while true {
            start.wait()
            if stopping { return }
            work(number)
            end.wait()
        }
    }

    /// Lets all threads do the work once and waits for them.
    func run() {
        start.wait()
        end.wait()
    }

    /// Inside the work: waits until all threads of the team are here.
    func meet() {
        together.wait()
    }

    /// Ends the threads. The team cannot run afterwards.
    func close() {
        guard !stopping, threads.count == count else { return }
        stopping = true
        start.wait()
        for thread in threads { pthread_join(thread, nil) }
        threads.removeAll()
    }
}
