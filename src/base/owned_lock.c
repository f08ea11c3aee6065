/* F_OFD_SETLK, flock */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/again.h"
#include "base/owned.h"

const char haul_owned_passed[] =
    "somebody who may only read it holds a lock on it, which is no other run and is passed by "
    "(chmod go-r keeps it away)";

/* One byte that no file has, so that what other programs lock does not matter. */
static struct flock far_byte(short type)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1};
}

/* Whether somebody who may write to the file has the far byte; *holder: which process, or 0. */
static bool has_writer(int fd, long *holder)
{
    struct flock far = far_byte(F_RDLCK);
    struct flock first = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};

    if (fcntl(fd, F_OFD_GETLK, &far) == 0 && far.l_type == F_UNLCK)
        return false;
    if (fcntl(fd, F_GETLK, &first) == 0 && first.l_type != F_UNLCK && first.l_pid > 0)
        *holder = (long)first.l_pid;
    return true;
}

enum haul_owned_lock haul_owned_lock_byte(int fd, long *holder)
{
    struct flock far = far_byte(F_WRLCK);

    *holder = 0;
    if (fcntl(fd, F_OFD_SETLK, &far) == 0)
        return HAUL_OWNED_LOCK_TAKEN;
    if (errno != EAGAIN && errno != EACCES)
        return HAUL_OWNED_LOCK_FAILED;
    return has_writer(fd, holder) ? HAUL_OWNED_LOCK_BUSY : HAUL_OWNED_LOCK_PASSED;
}

/* A lock for reading waits for those that write, and for nobody else. */
int haul_owned_await_byte(int fd)
{
    struct flock far = far_byte(F_RDLCK), none = far_byte(F_UNLCK);
    int failed;

    HAUL_AGAIN(failed, fcntl(fd, F_OFD_SETLKW, &far));
    return failed ? failed : fcntl(fd, F_OFD_SETLK, &none);
}

/*
 * The far byte decides between runs, and comes first: of two that begin at once one has it. Earlier
 * versions of haul lock all bytes of journals. The lock on the first byte only says who it is; it
 * would be given up if anything in the process closed that file.
 */
enum haul_owned_lock haul_owned_lock(int fd, long *holder)
{
    struct flock first = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    const enum haul_owned_lock far = haul_owned_lock_byte(fd, holder);
    int failed;

    if (far == HAUL_OWNED_LOCK_BUSY)
        return far;
    HAUL_AGAIN(failed, flock(fd, LOCK_EX | LOCK_NB));
    if (failed && errno != EWOULDBLOCK)
        return HAUL_OWNED_LOCK_FAILED;
    if (failed && far == HAUL_OWNED_LOCK_FAILED)
        return HAUL_OWNED_LOCK_BUSY;
    (void)fcntl(fd, F_SETLK, &first);
    return failed ? HAUL_OWNED_LOCK_PASSED : HAUL_OWNED_LOCK_TAKEN;
}
