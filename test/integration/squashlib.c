/* setfsuid */
#include <sys/fsuid.h>

/*
 * A file system that has one owner for all, as NFS with root_squash has: preloaded (LD_PRELOAD),
 * what the program makes belongs to nobody, and it has no more rights to files than he has, but it
 * is root to itself.
 */

__attribute__((constructor)) static void begin(void)
{
    setfsuid(65534);
}
