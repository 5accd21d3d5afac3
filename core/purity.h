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
#include <sys/stat.h>
#include <unistd.h>

#pragma GCC poison malloc calloc realloc free strdup
#pragma GCC poison open openat fopen popen system fork execve posix_spawn
#pragma GCC poison stat lstat opendir readdir unlink rename getenv
#pragma GCC poison git_repository git_oid sqlite3 PGconn

#endif
