#ifndef HAUL_EXIT_H
#define HAUL_EXIT_H

/*
 * The exit statuses of the program, and what haul_batch_run returns. Of several that apply, the
 * first of INTERNAL, SIGNAL + n, USAGE, LOCKED, BUDGET, FAILED, TEMPFAIL is taken.
 */
enum haul_exit {
    HAUL_EXIT_OK = 0,        /* every URL is accounted for, and none failed */
    HAUL_EXIT_FAILED = 1,    /* some URLs failed for good, or some lines are no URLs */
    HAUL_EXIT_USAGE = 2,     /* wrong usage or configuration; nothing was fetched */
    HAUL_EXIT_INTERNAL = 3,  /* haul itself could not do its work, or found nothing to do */
    HAUL_EXIT_BUDGET = 4,    /* a budget is exceeded */
    HAUL_EXIT_LOCKED = 5,    /* another run holds the journal or the history */
    HAUL_EXIT_TEMPFAIL = 75, /* only failures that may pass (sysexits.h: EX_TEMPFAIL) */
    HAUL_EXIT_SIGNAL = 128   /* and the number of the signal that stopped it */
};

#endif
