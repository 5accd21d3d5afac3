/* What the hook entries run: onehead-hook NAME [git's arguments]. */
#include "dispatch.h"

int main(int argc, char **argv)
{
	return oh_hook_main(argc, argv);
}
