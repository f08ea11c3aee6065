/* syscall: the C library has no function for capset(2) */
#define _GNU_SOURCE
#include "base/privilege.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SETS = _LINUX_CAPABILITY_U32S_3 };

static const unsigned kept = 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER; /* all of the first set */

/* The kernel ends the row of those that it knows with an error; 63 are all that can be. */
static void empty_sets(void)
{
    for (unsigned long capability = 0; capability < 64UL; capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0 ||
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
            break; /* only who may change sets can drop any */
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* Nothing of a set but what is kept. Whether that changes it. */
static bool cut(uint32_t *set, uint32_t to)
{
    uint32_t before = *set;

    *set &= to;
    return *set != before;
}

bool haul_privilege_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[SETS] = {{0}};
    int changed = 0;

    empty_sets();
    if (syscall(SYS_capget, &header, sets))
        return false;
    for (int i = 0; i < SETS; i++) {
        changed += cut(&sets[i].effective, i ? 0 : kept);
        changed += cut(&sets[i].permitted, i ? 0 : kept);
        changed += cut(&sets[i].inheritable, 0);
    }
    return !changed || syscall(SYS_capset, &header, sets) == 0;
}

void haul_privilege_hide(void)
{
    const struct rlimit none = {0};

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}
