// Counts calls of malloc and its relatives in a process that links this target.
#ifndef CALLOCATIONCOUNTER_H
#define CALLOCATIONCOUNTER_H

#include <stdint.h>

/// Starts (1) or ends (0) counting the calling thread's allocations. Threads that do not ask are not counted, so tests
/// that run beside a measurement do not disturb it.
void allocation_counter_watch_this_thread(int watch);

/// Allocations of the calling thread while it was watched.
int64_t allocation_counter_count(void);

/// Allocations of all threads in a group, each while it was watched: `group` is a number chosen by the measurement.
int64_t allocation_counter_group_count(int group);

/// As `allocation_counter_watch_this_thread(1)`, and counts into a group (0 to 63) as well.
void allocation_counter_watch_in_group(int group);

/// Whether the counting functions have replaced those of the C library in this process.
int allocation_counter_works(void);

#endif
