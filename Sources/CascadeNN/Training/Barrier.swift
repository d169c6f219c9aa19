#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A meeting point of a fixed number of threads that can be used again and again. Waiting allocates nothing.
final class Barrier: @unchecked Sendable {  // why: all state is guarded by the mutex
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let parties: Int
    private var waiting = 0
    private var generation = 0

    init(parties: Int) {
        self.parties = parties
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(condition)
        mutex.deallocate()
        condition.deallocate()
    }

    /// Returns when all parties have called it.
    func wait() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waiting += 1
        if waiting == parties {
            waiting = 0
            generation &+= 1
            pthread_cond_broadcast(condition)
            return
        }
        let mine = generation
        while generation == mine { pthread_cond_wait(condition, mutex) }
    }
}
