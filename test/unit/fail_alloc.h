#ifndef HAUL_TEST_FAIL_ALLOC_H
#define HAUL_TEST_FAIL_ALLOC_H

#include <stdbool.h>

/*
 * Allocations that fail when a test says so: the walk "for every N, let the Nth allocation fail".
 *
 *     for (long n = 1; walking; n++) {
 *         fail_alloc_arm(n);
 *         err = the_function_under_test();
 *         walking = fail_alloc_disarm();
 *         ... err tells of the failure if `walking`, of success otherwise
 *     }
 *
 * Needs -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup at the link. Any thread's
 * allocations count between arm and disarm; arm it while only the test's own thread runs.
 */

/* The `nth` allocation from now on fails (1: the next one), all others succeed. */
void fail_alloc_arm(long nth);

/* No more failures. Returns whether the one that was asked for has happened. */
bool fail_alloc_disarm(void);

#endif
