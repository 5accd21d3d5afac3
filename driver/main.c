/*
 * The merge driver: onehead-merge-driver %O %A %B %L %P. Joins three locks into %A and exits 0
 * where the result is true and somebody will see to its heads; else leaves git's own conflict.
 */
#include "driver.h"

int main(int argc, char **argv)
{
	return argc == 6 ? oh_driver_run(argv) : oh_driver_usage();
}
