/* Runs a fuzz target over the files of a directory: the corpus as an ordinary test. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *directory, const char *name)
{
	char path[4096];
	uint8_t *bytes;
	long size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	if (!f)
		return perror(path), 1;
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	bytes = malloc((size_t)size + 1);
	if (!bytes || fread(bytes, 1, (size_t)size, f) != (size_t)size)
		return perror(path), 1;
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, (size_t)size);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	if (argc != 2)
		return fputs("usage: fuzz_TARGET CORPUS\n", stderr), 2;
	dir = opendir(argv[1]);
	if (!dir)
		return perror(argv[1]), 1;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			if (replay(argv[1], entry->d_name))
				return 1;
			count++;
		}
	closedir(dir);
	printf("%d inputs replayed\n", count);
	return count ? 0 : 1;
}
