/* onehead: one command line for everything that a person asks for. */
#include "command.h"

int main(int argc, char **argv)
{
	return oh_cli_main(argc, argv);
}
