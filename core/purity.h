/*
 * Put in front of every file of the pure part by the build: what touches the world, or
 * allocates past the arena, does not compile there.
 */
#ifndef OH_PURITY_H
#define OH_PURITY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#undef fprintf /* clang's fortified headers make it a macro, which can't be poisoned */

#pragma GCC poison malloc calloc realloc free strdup
#pragma GCC poison openat fopen popen fork execve posix_spawn
#pragma GCC poison fstat lstat opendir readdir unlink getenv fprintf puts
#pragma GCC poison git_repository git_oid sqlite3 PGconn

#endif
