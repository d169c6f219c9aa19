#pragma once
#include <libpq-fe.h>
#include <spawn.h>

// <spawn.h> declares these two for _GNU_SOURCE only, which Swift does not define. The private server needs them: it must
// inherit no descriptor of ours.
#if defined(__GLIBC__)
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
#endif
